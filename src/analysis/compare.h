#pragma once
/* Two sets of runs compared, metric by metric, with Holm over all metrics looked at.
 *
 * Four or more runs a side: runs are the samples (Mann-Whitney, Hodges-Lehmann). Interleaved
 * blocks (`paired`, or two runs of one command that know their blocks): one log ratio per block.
 * Fewer runs: the samples inside them, or else their one-second steps (compare_side.h), and since
 * that cannot see how runs differ from run to run, a change must also exceed `single_run_floor` and
 * the drift between the halves of each run; the comparison says so in its caveat. A zero among
 * numbers above zero keeps its rank, so that errors that appear are seen; the change from it is
 * told as at least that large.
 */

#include "model/comparison.h"
#include "model/run.h"

typedef struct ComparePlan {
        double alpha;            /* 0: 0.05 */
        double tolerance;        /* SAME within this; 0: 0.05 */
        double min_effect;       /* 0: any */
        double single_run_floor; /* 0: 0.10; negative: none, nor the drift */
        bool paired;             /* a[i] and b[i] are one block */
        const MetricId *metrics; /* NULL: the default set of the instrument */
        size_t n_metrics;
        bool may_be_empty; /* sides without a metric in common are no error */
} ComparePlan;

int compare_runs(Run *const *a, size_t n_a, Run *const *b, size_t n_b, const ComparePlan *plan,
                 Arena *arena, Comparison *ret, Error *err);
/* Blocks measured by the loop: values[metric/subject row][block] of each side. */
typedef struct BlockRow {
        MetricId metric;
        Span subject;
        const double *a, *b; /* one value per block */
        double tolerance;    /* 0: the plan's */
} BlockRow;
int compare_blocks(const BlockRow *rows, size_t n_rows, size_t n_blocks, const ComparePlan *plan,
                   Arena *arena, Comparison *ret, Error *err);
/* The same where each row has its own design and its own smallest effect. */
typedef struct SetRow {
        MetricId metric;
        Span subject;
        const double *a, *b;
        size_t n_a, n_b;   /* equal when paired */
        bool paired;       /* a[i] and b[i] were measured side by side */
        double min_effect; /* at least this, for what the design cannot see */
        double tolerance;  /* 0: the plan's */
} SetRow;
int compare_sets(const SetRow *rows, size_t n_rows, const ComparePlan *plan, Arena *arena,
                 Comparison *ret, Error *err);
/* The verdict over several: SLOWER if any is, else FASTER if any is, else SAME if all are. */
ChangeVerdict comparison_verdict(const MetricChange *items, size_t n);
