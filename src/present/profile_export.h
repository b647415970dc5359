#pragma once
/* A ProfileSet in the formats of other tools: one file per format, one row in profile_writers.c. */

#include "model/profile_set.h"

typedef struct ProfileWriter {
        const char *name;      /* "pprof" */
        const char *says;      /* "pprof protocol buffer, gzip" */
        const char *extension; /* ".pb.gz" */
        const char *files;     /* where the format is defined */
        bool binary;
        bool timeless; /* samples in time make no difference to it */
        /* A ceiling of `out` that is reached is ERR_LIMIT. */
        int (*write)(const ProfileSet *set, const char *title, Buf *out, Error *err);
} ProfileWriter;

extern const ProfileWriter *const profile_writers[]; /* NULL-terminated */
const ProfileWriter *profile_writer_find(Span name); /* NULL: there is none */
