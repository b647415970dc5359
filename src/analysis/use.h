#pragma once
/* USE: for every resource its utilisation, saturation and errors, from what was measured.
 *
 *         UseTable use = use_table(system, arena);
 *         if (use.bottleneck >= 0) ... use.rows[use.bottleneck].saturation_text
 *
 * What was not measured is NaN and never saturated. A resource is saturated from a utilisation or
 * a queueing that the table in use.c states; the bottleneck is the one furthest past its limit.
 * Source of the method: Brendan Gregg, "Thinking Methodically about Performance" (2012). */

#include "model/recording.h"

#define RESOURCES(X)                  \
        X(CPU, "CPU")                 \
        X(TARGET_CPU, "target's CPU") \
        X(MEMORY, "memory") X(DISK, "disk") X(NETWORK, "network") X(FDS, "file descriptors")

typedef enum Resource {
#define X(id, name) RESOURCE_##id,
        RESOURCES(X)
#undef X
                RESOURCE_COUNT_,
} Resource;

typedef struct UseRow {
        Resource resource;
        double utilisation;   /* 0..1; NaN: not measured */
        double saturation;    /* queueing in the resource's own unit, 0 = none; NaN: not measured */
        double errors;        /* per second; NaN: not measured */
        Span saturation_text; /* "waited 12 % of the time (run queue)" */
        bool saturated;
} UseRow;

typedef struct UseTable {
        UseRow rows[RESOURCE_COUNT_];
        int bottleneck; /* Resource, or -1: none is saturated */
} UseTable;

UseTable use_table(const Recording *system, Arena *arena); /* NULL: nothing was measured */
const char *resource_name(Resource resource);
