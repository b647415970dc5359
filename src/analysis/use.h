#pragma once
/* USE: for every resource its utilisation, saturation and errors, from what was measured. */

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

UseTable use_table(const Recording *system, Arena *arena);
const char *resource_name(Resource resource);
