#pragma once
/* What the files of the framework share: a reading in progress. Readers do not include this. */

#include "base/map.h"
#include "import/import.h"

typedef struct Benchmark Benchmark;
struct Benchmark {
        MetricId metric;
        Span subject, unit; /* unit: of a custom metric */
        VEC(double) values;
        VEC(uint32_t) blocks; /* of the values, when all of them have one */
        bool summaries;       /* the values are of summaries; low, high, n are the first one's */
        double low, high;
        uint64_t n, line;
        Benchmark *next; /* another metric of the same subject */
};

struct Import {
        const ImportPlan *plan;
        Arena *arena;    /* of the result */
        Arena *gathered; /* of the benchmarks, until they are recorded */
        Arena *scratch;  /* of the reader */
        Imported ret;
        Map by_subject;              /* to the newest Benchmark of its chain */
        VEC(Benchmark *) benchmarks; /* as they came */
        Benchmark *last;
        uint64_t n_samples;
        uint64_t lines_before; /* what is being read */
};

/* The format that is surest of the text's head. */
int import_detect(const ImportPlan *plan, const ImportFormat **ret, Error *err);
