#include "analysis/evidence.h"

#include <math.h>

#include "analysis/quantile_metric.h"
#include "stats/share.h"

#define CONFIDENCE 0.95
#define RUNS_FOR_INTERVAL 6 /* fewer have no interval of the median at 95 % */

bool run_is_evidence(const Run *run)
{
        return !span_is(run->label, "alone");
}

const MetricValue *value_of_subject(const Recording *rec, MetricId metric, Span subject)
{
        const MetricValue *exact = recording_find(rec, metric, subject), *only = NULL;

        if (exact || subject.len)
                return exact;
        vec_each (MetricValue, v, &rec->values) {
                if (v->metric != metric)
                        continue;
                if (only)
                        return NULL;
                only = v;
        }
        return only;
}

static const MetricValue *usable_value(const Run *run, MetricId metric)
{
        const MetricValue *v =
                run_is_evidence(run) ? value_of_subject(run->recording, metric, SPAN("")) : NULL;

        return v && !isnan(v->value) ? v : NULL;
}

static bool is_share_of_requests(MetricId metric)
{
        static const MetricId shares[] = { METRIC_ERROR_RATE, METRIC_ERROR_4XX, METRIC_ERROR_5XX,
                                           METRIC_ERROR_NETWORK };

        for (size_t i = 0; i < COUNT(shares); i++)
                if (shares[i] == metric)
                        return true;
        return false;
}

/* The requests behind a rate: as it says, or as the run counted them. 0: nobody knows. */
static uint64_t requests_behind(const Run *run, const MetricValue *v)
{
        double counted = recording_get(run->recording, METRIC_REQUESTS, v->subject);

        if (v->n || !is_share_of_requests(v->metric))
                return v->n;
        return counted > 0 && counted < 1e15 ? (uint64_t)counted : 0;
}

static Interval interval_of(const Run *run, const MetricValue *v)
{
        uint64_t n = requests_behind(run, v);

        if (!isnan(v->low) && !isnan(v->high))
                return (Interval){ v->low, v->high, CONFIDENCE };
        if (is_share_of_requests(v->metric) && n && v->value >= 0 && v->value <= 1)
                return share_interval((uint64_t)llround(v->value * (double)n), n, CONFIDENCE);
        return INTERVAL_NONE;
}

static Evidence of_one(const Run *run, const MetricValue *v)
{
        return (Evidence){ .run = run,
                           .value = v->value,
                           .interval = interval_of(run, v),
                           .n = requests_behind(run, v),
                           .partial = run->recording->partial,
                           .weak = metric_is_bounded(v) ? NULL : v };
}

static bool alike(const Run *a, const Run *b)
{
        return span_eq(a->target.text, b->target.text) &&
               span_eq(a->recording->instrument, b->recording->instrument);
}

/* Errors of all runs together: a run in which everything failed is not one of many. */
static void pool_shares(const Run *newest, Run *const *runs, size_t n, MetricId metric, Evidence *e)
{
        uint64_t bad = 0, all = 0, one;

        for (size_t i = 0; i < n; i++) {
                const MetricValue *v = usable_value(runs[i], metric);

                if (!v || runs[i]->recording->partial || !alike(runs[i], newest))
                        continue;
                one = requests_behind(runs[i], v);
                bad += (uint64_t)llround(fmin(fmax(v->value, 0), 1) * (double)one);
                all += one;
        }
        if (all == 0)
                return;
        e->value = (double)bad / (double)all;
        e->interval = share_interval(bad, all, CONFIDENCE);
        e->n = all;
        e->over_runs = false;
}

/* Values of all whole runs like the newest; a quantile must be bounded in each. */
static size_t values_like(const Run *newest, Run *const *runs, size_t n, MetricId metric,
                          double *ret, Evidence *e)
{
        size_t len = 0;

        for (size_t i = 0; i < n; i++) {
                const MetricValue *v = usable_value(runs[i], metric);

                if (!v || runs[i]->recording->partial || !alike(runs[i], newest))
                        continue;
                if (!metric_is_bounded(v))
                        e->weak = v;
                ret[len++] = v->value;
        }
        return len;
}

Evidence evidence_find(Run *const *runs, size_t n, MetricId metric, Arena *arena)
{
        Evidence one = { .value = NAN, .interval = INTERVAL_NONE }, all = { .over_runs = true };
        double *values = new (arena, double, n);

        for (size_t i = n; i-- > 0 && !one.run;) {
                const MetricValue *v = usable_value(runs[i], metric);

                if (v)
                        one = of_one(runs[i], v);
        }
        if (!one.run)
                return one;
        all.run = one.run;
        all.n = values_like(one.run, runs, n, metric, values, &all);
        if (all.n < RUNS_FOR_INTERVAL)
                return one;
        sort_doubles(values, all.n);
        all.value = median_sorted(values, all.n);
        all.interval = quantile_interval(values, all.n, 0.5, CONFIDENCE);
        if (is_share_of_requests(metric))
                pool_shares(one.run, runs, n, metric, &all);
        return all;
}
