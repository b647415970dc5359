#pragma once
/* Two things measured against each other until it is known which is faster.
 *
 *         AbPlan plan = { .kind = AB_COMMANDS, .a = "sort a", .b = "sort -u a", ... };
 *         r = ab_run(&plan, arena, &result, err);
 *
 * What is compared: two commands; two revisions of a repository, each built in a worktree of its
 * own at paths of equal length, by a command run in both or by the service of hone.yaml; two
 * services that run already, under the same load. Each block (process/blocks.h) gives one value per
 * row and side; the comparison is paired.
 *
 * Looking more often than once is several chances to be wrong, so alpha is spent over the looks:
 * half of it on the first (at min_blocks), half of what is left on each further one, at twice as
 * many blocks as the one before. The sum stays below alpha (Bonferroni), whatever the number of
 * looks. It ends when every row has an answer, or at max_blocks or max_time.
 *
 * A command that prints results in a format that hone imports (Go benchmarks, hone_bench.h, ...)
 * is judged by these; others by their time and memory.
 */

#include "analysis/compare.h"
#include "base/progress.h"
#include "import/import.h"
#include "model/experiment.h"
#include "process/blocks.h"
#include "process/config.h"

#define AB_KINDS(X) X(COMMANDS, "commands") X(REVISIONS, "revisions") X(SERVICES, "services")

typedef enum AbKind {
#define X(id, name) AB_##id,
        AB_KINDS(X)
#undef X
} AbKind;

enum { AB_SIDE_A, AB_SIDE_B, AB_SIDES };

typedef struct AbPlan {
        AbKind kind;
        const char *sides[AB_SIDES]; /* commands, revisions or URLs */
        const char *const *argv; /* revisions: run in each worktree; NULL: hone.yaml's service */
        const char *dir;   /* revisions: a folder of the repository; NULL: that of hone.yaml for its
                              service, else the working directory */
        const char *setup; /* revisions: shell line run once in each worktree; NULL: the
                              build of hone.yaml, if it has one */
        bool shell;        /* commands go through /bin/sh */
        bool ignore_failure;        /* a command's exit status other than 0 is no error */
        bool own_results;           /* look for results in what commands print */
        const ImportFormat *format; /* of them; NULL: detected */
        const Config *config;       /* workload, service, build */
        const MetricId *metrics;    /* judged; NULL: time and memory, or what the results hold */
        size_t n_metrics;
        double alpha, tolerance, min_effect;
        double memory_tolerance; /* memory comes in pages, and moves more than time */
        size_t warmup, min_blocks, max_blocks;
        size_t max_repeats; /* of blocks in which the machine was too busy */
        uint64_t max_time_ns, timeout_ns, seed;
        const char *scratch_dir; /* worktrees and logs; A and B are made in it */
        const char *what;        /* for the progress line; NULL: "ab" */
        const Os *os;
        Progress *progress;
} AbPlan;

typedef struct AbResult {
        Experiment experiment;
        Comparison comparison;
        BlockResult blocks;
        Run *runs[AB_SIDES]; /* not stored yet; Samples of all rows, with their blocks */
} AbResult;

int ab_run(const AbPlan *plan, Arena *arena, AbResult *ret, Error *err);
/* What the two words are, when nobody says: URLs, revisions, or commands. */
AbKind ab_kind_of(const char *a, const char *b, bool has_command, const Config *config,
                  Arena *arena);
const char *ab_kind_name(AbKind kind);
