#pragma once
/* What few runs have to say about one metric: the samples inside them.
 *
 * Samples that a run holds as such (repeated executions) count as they are. Without them the
 * one-second steps of its series do, as means of as many batches as their autocorrelation leaves
 * information. Neither shows how runs differ from run to run; the drift between the halves of a run
 * is the least that they wander.
 */

#include "model/run.h"
#include "stats/quantile.h"

typedef struct Side {
        double *values; /* of all its runs */
        size_t len;
        double drift; /* the largest of a run: ratio - 1 */
} Side;

/* len 0: the runs have nothing of the kind. */
int side_read(Run *const *runs, size_t n, MetricId metric, Span subject, Arena *arena, Side *ret,
              Error *err);
double median_of(const double *values, size_t n, Arena *arena); /* in any order; n > 0 */
int fail_too_large(Error *err);
