#pragma once
/* Two built versions of a service measured against each other in interleaved blocks.
 *
 * A block measures both, in an order drawn at random (AB or BA, as many of each): start the
 * service anew (so that memory layout varies), warm up, drive each request of the workload alone
 * for a window, stop. A block gives one value per metric and side; the comparison is paired.
 */

#include "analysis/compare.h"
#include "base/progress.h"
#include "process/config.h"

typedef struct TrialPlan {
        const Config *config;
        const char *dir_a, *dir_b; /* built; same path length */
        const char *log_dir;
        size_t pairs;
        uint64_t seed;
        const char *what; /* for the progress line */
        const Os *os;
        Progress *progress;
} TrialPlan;

typedef struct Trial {
        Comparison comparison; /* latency per request and memory */
        BlockRow *rows;        /* the raw values behind it */
        size_t n_rows, n_blocks;
        uint64_t seed;
        double error_rate_a, error_rate_b;
        Noise noise; /* over the whole trial */
} Trial;

/* Fails when a version does not start, ends while it is measured or does not answer; then
 * ret_b_failed says whether it was B. It may be NULL. */
int trial_run(const TrialPlan *plan, Arena *arena, Trial *ret, bool *ret_b_failed, Error *err);
