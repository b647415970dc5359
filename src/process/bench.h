#pragma once
/* Commands measured side by side: what `hone bench` does.
 *
 *         BenchSide sides[] = { { .name = SPAN("sort a"), .argv = argv_a }, ... };
 *         BenchPlan plan = { .sides = sides, .n_sides = 2, .max_runs = 1000, .precision = 0.01 };
 *         r = bench_measure(&plan, arena, &run, err);
 *
 * Each block runs every command once, in the order of blocks.h; each execution gets an environment
 * of another size, which moves its stack (Mytkowicz et al. 2009). The run's recording holds, for
 * each command and metric, the samples with their blocks, their median and its interval.
 *
 * With `programs` a side is a program of hone_bench.h: one execution is one block for all the
 * benchmarks in it, and the median of what it prints for one is that benchmark's value in the
 * block, since processes differ more than what one process repeats.
 *
 * The caller holds the measuring lock.
 */

#include "base/progress.h"
#include "model/run.h"

typedef struct BenchSide {
        Span name;               /* the subject of its numbers; no two sides share one */
        const char *const *argv; /* NULL-terminated */
        const char *shell;       /* instead of argv: a line for /bin/sh -c */
        /* Lines for /bin/sh, outside the clock; NULL: none. Once before all runs, before and after
         * each run, once after all. */
        const char *setup, *prepare, *conclude, *cleanup;
} BenchSide;

#define BENCH_EXIT_CODES 256

typedef struct BenchPlan {
        const BenchSide *sides;
        size_t n_sides;
        size_t warmup; /* uncounted runs of each */
        size_t min_runs, max_runs;
        uint64_t min_time_ns, max_time_ns; /* over all sides; 0: none */
        double precision; /* enough when the interval of each median is within +- this; 0: never */
        size_t max_repeats;                   /* of noisy blocks */
        bool sequential;                      /* all runs of one side, then all of the next */
        bool same_layout;                     /* no environment padding */
        bool counters;                        /* instructions and cycles by the processor */
        size_t n_simulated;                   /* further runs of each under callgrind; 0: none */
        uint64_t timeout_ns;                  /* of one execution; 0: none */
        const char *input_path, *output_path; /* NULL: /dev/null */
        bool inherit_output;                  /* instead: what hone has */
        bool pipe_output;                     /* instead: a pipe that hone empties */
        const bool *accepts; /* BENCH_EXIT_CODES exit statuses that are no failure; NULL: only 0 */
        bool programs;       /* of hone_bench.h */
        const char *filter;  /* of their benchmarks; NULL: all */
        uint64_t program_time_ns; /* for each benchmark in one execution; 0: the program's own */
        uint64_t seed;
        Span reference;   /* what the others are compared with; recorded for whoever compares */
        double tolerance; /* likewise: within this they are the same; 0: as comparisons do */
        Span label;
        const Os *os;
        Progress *progress;
} BenchPlan;

#define BENCH_MAX_SIDES 1000
#define BENCH_MAX_RUNS 100000

/* When interrupted after the first whole block the run is marked partial; before it, and when a
 * command fails, hangs or prints no benchmark, there is no run but an error. */
int bench_measure(const BenchPlan *plan, Arena *arena, Run **ret, Error *err);
