#pragma once
/* The value of a metric over a set of runs, with its interval, for the gate.
 *
 * Runs measured alone, before the load, are left out; only runs of the newest one's target and
 * instrument count. Six or more: the median over the runs with its order-statistic interval, which
 * holds what differs from run to run; error rates: of all their requests together. Fewer: the
 * newest run's value with the interval that it has itself; error rates get their exact binomial
 * interval from the count of requests. Where no value stands for the target as a whole, the only
 * subject that there is does.
 */

#include "model/run.h"
#include "stats/quantile.h"

typedef struct Evidence {
        const Run *run; /* the newest; NULL: no run has the metric */
        double value;
        Interval interval; /* NaN: none */
        uint64_t n;        /* samples of the run, or runs */
        bool over_runs;
        bool partial;            /* it was interrupted */
        const MetricValue *weak; /* a quantile that so few samples cannot bound; NULL: none */
} Evidence;

Evidence evidence_find(Run *const *runs, size_t n, MetricId metric, Arena *arena);
/* Does a set speak about the target under load? Not the runs measured alone. */
bool run_is_evidence(const Run *run);
/* The name by which a recording holds what is asked of `subject`: itself, or, when "" is asked for
 * and there is one subject only, that one. */
const MetricValue *value_of_subject(const Recording *rec, MetricId metric, Span subject);
