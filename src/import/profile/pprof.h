#pragma once
/* What the files that read pprof's protocol buffer share: its tables, all references resolved to
 * indexes and checked, before the samples are read. */

#include "import/profile/intake.h"
#include "import/profile/wire.h"

#define PPROF_NONE UINT32_MAX
#define PPROF_TABLE ((size_t)1 << 26)
#define PPROF_TYPES 64 /* values of one sample */

typedef struct PprofType {
        uint64_t type, unit; /* strings */
} PprofType;

typedef struct PprofMapping {
        uint64_t id, start, end, file;
} PprofMapping;

typedef struct PprofFunction {
        uint64_t id, name, system_name, file;
        int64_t start_line;
} PprofFunction;

typedef struct PprofLine {
        uint32_t function; /* index; PPROF_NONE: none */
        int64_t line;
} PprofLine;

typedef struct PprofLocation {
        uint64_t id, address;
        uint32_t mapping;        /* index; PPROF_NONE: none */
        uint32_t first, n_lines; /* in lines; innermost first */
} PprofLocation;

typedef struct Pprof {
        Intake *in;
        Span text;
        VEC(Span) strings;
        VEC(PprofType) types;
        VEC(PprofMapping) mappings;
        VEC(PprofFunction) functions;
        VEC(PprofLine) lines;
        VEC(PprofLocation) locations;
        Map mapping_ids, function_ids, location_ids;
        PprofType period_type;
        uint64_t period, duration_ns, default_type, drop_frames, keep_frames, n_samples;
} Pprof;

/* Everything but the samples. */
int pprof_tables(Intake *in, Span text, Pprof *ret);
int pprof_fail(const Pprof *b, const char *at, const char *what);
Span pprof_string(const Pprof *b, uint64_t number);
/* Index by id; PPROF_NONE: there is none. */
uint32_t pprof_location(const Pprof *b, uint64_t id);
