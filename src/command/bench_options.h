#pragma once
/* What hone bench can be told, and what of it becomes files. */

#include "analysis/bench.h"
#include "command/command.h"

typedef struct BenchOpts {
        bool c, no_shell, sequential, layout, instructions, show_output, save;
        uint64_t warmup, min_runs, max_runs, runs, samples, seed, repeats;
        uint64_t min_time_ns, max_time_ns, timeout_ns, sample_time_ns;
        double precision, tolerance;
        TextList prepares, names, scans, lists;
        const char *setup, *conclude, *cleanup, *shell, *shell_path, *step, *ignore_failure;
        const char *input, *output, *reference, *filter, *label;
        const char *json, *csv, *markdown, *benchfmt, *bmf;
} BenchOpts;

/* Does an export go to standard output? Then nothing else does. */
bool bench_exports_to_stdout(const BenchOpts *opts);
/* Writes every file that was asked for. */
int bench_write_exports(Context *ctx, const BenchOpts *opts, const Run *run,
                        const BenchReport *report, Error *err);
