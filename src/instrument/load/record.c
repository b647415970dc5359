#include "instrument/load/record.h"

#include "instrument/load/record_notes.h"
#include "stats/quantile.h"

#include <math.h>

#define CONFIDENCE 0.95

typedef struct QuantileRow {
        MetricId metric;
        double q;
} QuantileRow;

static const QuantileRow quantiles[] = {
        { METRIC_LATENCY_P50, 0.5 },  { METRIC_LATENCY_P90, 0.9 },    { METRIC_LATENCY_P95, 0.95 },
        { METRIC_LATENCY_P99, 0.99 }, { METRIC_LATENCY_P999, 0.999 },
};

static double ratio(uint64_t part, uint64_t whole)
{
        return whole ? (double)part / (double)whole : (double)NAN;
}

static double per_s(uint64_t n, uint64_t ns)
{
        return ns ? (double)n * (double)NS_PER_S / (double)ns : (double)NAN;
}

static void add_latency(Recording *rec, Span subject, const Hist *h)
{
        if (!h->total)
                return;
        recording_value(rec, METRIC_LATENCY_MEAN, subject, hist_mean(h), h->total);
        recording_value(rec, METRIC_LATENCY_MIN, subject, (double)h->min, h->total);
        recording_value(rec, METRIC_LATENCY_MAX, subject, (double)h->max, h->total);
        for (size_t i = 0; i < COUNT(quantiles); i++) {
                Interval in = hist_quantile_interval(h, quantiles[i].q, CONFIDENCE);
                MetricValue *v =
                        recording_value(rec, quantiles[i].metric, subject,
                                        (double)hist_quantile(h, quantiles[i].q), h->total);

                v->low = in.low;
                v->high = in.high;
        }
}

static void add_mean(Recording *rec, MetricId metric, Span subject, const Hist *h)
{
        if (h->total)
                recording_value(rec, metric, subject, hist_mean(h), h->total);
}

static void add_rates(Recording *rec, Span subject, const Tally *t, uint64_t window_ns)
{
        uint64_t ended = t->answers + t->n_errors;
        uint64_t other = t->failed_answers - t->classes[4];

        recording_value(rec, METRIC_REQUESTS, subject, (double)t->answers, 0);
        if (window_ns) {
                recording_value(rec, METRIC_THROUGHPUT, subject, per_s(t->answers, window_ns),
                                t->answers);
                recording_value(rec, METRIC_BYTES_IN, subject, per_s(t->bytes_in, window_ns), 0);
                recording_value(rec, METRIC_BYTES_OUT, subject, per_s(t->bytes_out, window_ns), 0);
        }
        if (ended) {
                recording_value(rec, METRIC_ERROR_RATE, subject,
                                ratio(t->failed_answers + t->n_errors, ended), ended);
                recording_value(rec, METRIC_ERROR_4XX, subject, ratio(t->classes[4], ended), ended);
                recording_value(rec, METRIC_ERROR_5XX, subject, ratio(other, ended), ended);
                recording_value(rec, METRIC_ERROR_NETWORK, subject, ratio(t->n_errors, ended),
                                ended);
        }
        if (t->answers)
                recording_value(rec, METRIC_RESPONSE_SIZE, subject,
                                (double)t->body_bytes / (double)t->answers, t->answers);
}

static void add_subject(Recording *rec, Span subject, const Tally *t)
{
        add_latency(rec, subject, t->latency);
        add_rates(rec, subject, t, rec->duration_ns);
        add_mean(rec, METRIC_TIME_TTFB, subject, t->ttfb);
        add_mean(rec, METRIC_TIME_TRANSFER, subject, t->transfer);
        recording_distribution(rec, METRIC_LATENCY_P50, "latency", subject, t->latency);
        recording_distribution(rec, METRIC_LATENCY_P50, "service_time", subject, t->service);
        recording_distribution(rec, METRIC_TIME_TTFB, "ttfb", subject, t->ttfb);
        recording_distribution(rec, METRIC_TIME_TRANSFER, "transfer", subject, t->transfer);
}

static void add_series(Recording *rec, MetricId metric, Span subject, uint64_t step_ns,
                       const StepValues *values)
{
        if (values->len)
                recording_series(rec, metric, subject, 0, step_ns, values->items, values->len);
}

static void add_all_series(Recording *rec, Span subject, const Steps *steps, unsigned at)
{
        const StepSubject *s = &steps->subjects[at];

        add_series(rec, METRIC_THROUGHPUT, subject, steps->step_ns, &s->throughput);
        add_series(rec, METRIC_LATENCY_P50, subject, steps->step_ns, &s->p50);
        add_series(rec, METRIC_LATENCY_P99, subject, steps->step_ns, &s->p99);
        add_series(rec, METRIC_ERROR_RATE, subject, steps->step_ns, &s->error_rate);
}

/* The counts of all threads together. */
static int merge_endpoint(const LoadResult *result, unsigned endpoint, Tally *into, Error *err)
{
        int r = 0;

        for (unsigned i = 0; i < result->n_workers && r == 0; i++)
                r = tally_merge(into, &result->workers[i]->tallies[endpoint], err);
        return r;
}

static int add_endpoints(const LoadResult *result, Recording *rec, Tally *total, Error *err)
{
        const LoadSetup *setup = result->shared->setup;
        int r = 0;

        for (unsigned i = 0; i < setup->n_endpoints && r == 0; i++) {
                Span name = span_copy(rec->arena, setup->endpoints[i].request.name);
                Tally one;

                if (setup->n_endpoints == 1)
                        return merge_endpoint(result, 0, total, err);
                r = tally_try(rec->arena, &one, err);
                if (r == 0)
                        r = merge_endpoint(result, i, &one, err);
                if (r == 0)
                        r = tally_merge(total, &one, err);
                if (r == 0)
                        add_subject(rec, name, &one);
        }
        return r;
}

typedef Hist *(*WorkerHist)(const Worker *);

static Hist *connect_hist(const Worker *w)
{
        return w->connect;
}

static Hist *lag_hist(const Worker *w)
{
        return w->lag;
}

static int merge_hist(const LoadResult *result, WorkerHist of, Arena *arena, Hist **ret, Error *err)
{
        Hist *all;
        int r = hist_try(arena, HIST_PHASE, &all, err);

        for (unsigned i = 0; i < result->n_workers && r == 0; i++)
                r = hist_merge(all, of(result->workers[i]), err);
        if (r == 0)
                *ret = all;
        return r;
}

static int add_connecting(const LoadResult *result, Recording *rec, Error *err)
{
        const LoadSetup *setup = result->shared->setup;
        Hist *connect, *dns;
        int r = merge_hist(result, connect_hist, rec->arena, &connect, err);

        if (r == 0)
                r = hist_try(rec->arena, HIST_PHASE, &dns, err);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < setup->n_hosts; i++)
                hist_record(dns, setup->hosts[i].dns_ns);
        add_mean(rec, METRIC_TIME_CONNECT, SPAN(""), connect);
        add_mean(rec, METRIC_TIME_DNS, SPAN(""), dns);
        recording_distribution(rec, METRIC_TIME_CONNECT, "connect", SPAN(""), connect);
        recording_distribution(rec, METRIC_TIME_DNS, "dns", SPAN(""), dns);
        return 0;
}

static int add_open_model(const LoadResult *result, Recording *rec, Error *err)
{
        uint64_t unsent = 0;
        MetricValue *v;
        Hist *lag;
        int r;

        for (unsigned i = 0; i < result->n_workers; i++)
                unsent += result->workers[i]->unsent;
        recording_value(rec, METRIC_DROPPED, SPAN(""), (double)unsent, 0);
        r = merge_hist(result, lag_hist, rec->arena, &lag, err);
        if (r < 0 || !lag->total)
                return r;
        v = recording_value(rec, METRIC_SEND_LAG_P99, SPAN(""), (double)hist_quantile(lag, 0.99),
                            lag->total);
        v->low = hist_quantile_interval(lag, 0.99, CONFIDENCE).low;
        v->high = hist_quantile_interval(lag, 0.99, CONFIDENCE).high;
        recording_distribution(rec, METRIC_SEND_LAG_P99, "send_lag", SPAN(""), lag);
        return 0;
}

static void add_own_cpu(const LoadResult *result, Recording *rec)
{
        uint64_t cpu_ns = 0;

        for (unsigned i = 0; i < result->n_workers; i++)
                cpu_ns += result->workers[i]->counting ? result->workers[i]->cpu_ns : 0;
        if (rec->duration_ns)
                recording_value(rec, METRIC_LOAD_CPU, SPAN(""),
                                (double)cpu_ns / (double)rec->duration_ns, 0);
}

/* From the start of counting to the end of the last thread. */
static uint64_t window_ns(const LoadResult *result)
{
        uint64_t begin_ns = result->shared->begin_ns, end_ns = begin_ns;

        for (unsigned i = 0; i < result->n_workers; i++)
                if (result->workers[i]->counting)
                        end_ns = MAX(end_ns, result->workers[i]->ended_ns);
        return end_ns - begin_ns;
}

int load_record(const LoadResult *result, Arena *arena, Recording **ret, Error *err)
{
        const LoadSetup *setup = result->shared->setup;
        Recording *rec = recording_new(arena, "load");
        Steps *steps = result->shared->steps;
        Tally total;
        int r;

        rec->tier = SPAN("epoll");
        rec->wall_ns = result->wall_ns;
        rec->duration_ns = window_ns(result);
        rec->partial = result->stopped_early;
        steps_finish(steps, rec->duration_ns);
        r = tally_try(arena, &total, err);
        if (r == 0)
                r = add_endpoints(result, rec, &total, err);
        if (r == 0)
                r = add_connecting(result, rec, err);
        if (r == 0 && setup->plan.rate_per_s > 0)
                r = add_open_model(result, rec, err);
        if (r < 0)
                return fail_while(err, "putting the results of the load together");
        add_subject(rec, SPAN(""), &total);
        add_own_cpu(result, rec);
        add_all_series(rec, SPAN(""), steps, 0);
        for (unsigned i = 1; i < steps->n_subjects; i++)
                add_all_series(rec, span_copy(arena, setup->endpoints[i - 1].request.name), steps,
                               i);
        load_record_notes(result, &total, rec);
        *ret = rec;
        return 0;
}
