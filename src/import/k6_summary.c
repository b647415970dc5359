/* The end-of-test summary of k6, in its three forms: what handleSummary(data) is given, what
 * --summary-export writes (the values of each metric without its type), and the machine-readable
 * summary (a list of metrics). Times are in milliseconds. */

#include "import/json_read.h"

#include <math.h>

static int detect(Span head, bool whole UNUSED)
{
        static const char *const values[] = { "metrics.*.type", "metrics.*.contains", NULL };
        static const char *const exported[] = { "metrics.iterations.count", "root_group", NULL };
        static const char *const plain[] = { "metrics.http_reqs.count", "metrics.http_reqs.rate",
                                             NULL };
        static const char *const groups[] = { "root_group.path", "root_group.id", NULL };

        if (json_head_has_all(head, values) || json_head_has_all(head, exported) ||
            json_head_has_all(head, plain))
                return 92;
        if (json_head_has(head, "metadata.k6_version"))
                return 95;
        return json_head_has_all(head, groups) ? 88 : 0; /* the metrics come after all groups */
}

typedef struct Summary {
        Import *in;
        const Document *doc;
        uint64_t n_requests;
} Summary;

/* A trend of requests: what each of its numbers is to hone. */
static const JsonColumn latencies[] = {
        { "avg", METRIC_LATENCY_MEAN, 1e6 },     { "min", METRIC_LATENCY_MIN, 1e6 },
        { "med", METRIC_LATENCY_P50, 1e6 },      { "max", METRIC_LATENCY_MAX, 1e6 },
        { "p(50)", METRIC_LATENCY_P50, 1e6 },    { "p(90)", METRIC_LATENCY_P90, 1e6 },
        { "p(95)", METRIC_LATENCY_P95, 1e6 },    { "p(99)", METRIC_LATENCY_P99, 1e6 },
        { "p(99.9)", METRIC_LATENCY_P999, 1e6 },
};

/* One number stands for each other metric. */
static const struct {
        const char *metric, *key;
        ImportUnit unit;
} singles[] = {
        { "http_reqs", "rate", { METRIC_THROUGHPUT, 1 } },
        { "http_reqs", "count", { METRIC_REQUESTS, 1 } },
        { "http_req_failed", "rate", { METRIC_ERROR_RATE, 1 } },
        { "http_req_failed", "value", { METRIC_ERROR_RATE, 1 } },
        { "http_req_waiting", "avg", { METRIC_TIME_TTFB, 1e6 } },
        { "http_req_receiving", "avg", { METRIC_TIME_TRANSFER, 1e6 } },
        { "data_received", "rate", { METRIC_BYTES_IN, 1 } },
        { "data_sent", "rate", { METRIC_BYTES_OUT, 1 } },
};

static bool is_time(Span name, const Value *metric)
{
        Span contains = text_under(metric, "contains");

        if (contains.len)
                return span_is(contains, "time");
        return span_starts(name, "http_req_") || span_starts(name, "iteration_duration") ||
               span_starts(name, "group_duration") || span_starts(name, "grpc_req_duration") ||
               span_starts(name, "ws_connecting") || span_starts(name, "ws_session_duration");
}

/* "{expected_response:true}" of "http_req_duration{expected_response:true}", and what is before. */
static Span cut_selector(Span *name)
{
        ptrdiff_t at = span_find_byte(*name, '{');
        Span selector = at < 0 ? SPAN("") : span_from(*name, (size_t)at);

        if (at >= 0)
                *name = span_first(*name, (size_t)at);
        return selector;
}

static int put_latencies(Summary *s, const Value *values, Span selector, Error *err)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < COUNT(latencies); i++) {
                const Value *value = value_get(values, latencies[i].key);

                if (value && span_is(value->key, "p(50)") && value_get(values, "med"))
                        continue;
                r = json_summary(s->in, s->doc, value, selector,
                                 (ImportUnit){ latencies[i].metric, latencies[i].scale },
                                 s->n_requests, err);
        }
        return r;
}

/* The number that says most, and the unit it is in. */
static int put_other(Summary *s, Span name, const Value *values, bool time, Error *err)
{
        static const struct {
                const char *key, *unit;
        } keys[] = { { "med", "k6 trend" },
                     { "avg", "k6 trend mean" },
                     { "count", "count" },
                     { "rate", "ratio" },
                     { "value", "last" } };

        for (size_t i = 0; i < COUNT(keys); i++) {
                const Value *value = value_get(values, keys[i].key);
                ImportUnit unit = { METRIC_CUSTOM, 1, span_of(keys[i].unit) };

                if (!value)
                        continue;
                if (time && i < 2)
                        unit = (ImportUnit){ METRIC_TIME, 1e6 };
                return json_summary(s->in, s->doc, value, name, unit, 0, err);
        }
        import_unknown(s->in, values->line, name, "a metric without a number that is known");
        return 0;
}

static void check_thresholds(Summary *s, Span name, const Value *metric, bool true_failed)
{
        value_each (threshold, value_get(metric, "thresholds")) {
                const Value *ok = value_get(threshold, "ok");
                bool failed =
                        ok ? !ok->boolean
                           : threshold->kind == VALUE_BOOL && threshold->boolean == true_failed;

                if (failed)
                        import_warns(s->in, "the threshold %.*s of %.*s failed",
                                     SPAN_ARG(threshold->key), SPAN_ARG(name));
        }
}

static int put_metric(Summary *s, Span full_name, const Value *metric, Error *err)
{
        const Value *values = value_get(metric, "values");
        Span name = full_name, selector = cut_selector(&name);
        bool found = false;
        int r = value_expect(s->doc, metric, VALUE_MAP, err);

        check_thresholds(s, full_name, metric, !values);
        values = values ? values : metric;
        if (r == 0 && span_is(name, "http_req_duration"))
                return put_latencies(s, values, selector, err);
        for (size_t i = 0; r == 0 && i < COUNT(singles); i++) {
                if (!span_is(name, singles[i].metric) || !value_get(values, singles[i].key))
                        continue;
                found = true;
                r = json_summary(s->in, s->doc, value_get(values, singles[i].key), selector,
                                 singles[i].unit, 0, err);
        }
        if (r < 0 || found)
                return r;
        return put_other(s, full_name, values, is_time(name, metric), err);
}

static const Value *metrics_of(const Document *doc)
{
        const Value *metrics = value_get(doc->root, "metrics");

        return metrics ? metrics : value_get(value_get(doc->root, "results"), "metrics");
}

static uint64_t count_requests(const Value *metrics)
{
        const Value *requests = value_get(metrics, "http_reqs");
        const Value *values = value_get(requests, "values");
        double n = number_under(values ? values : requests, "count");

        return n >= 1 && n < 1e15 ? (uint64_t)n : 0;
}

static void read_context(Import *in, const Document *doc)
{
        double ms = number_under(value_get(doc->root, "state"), "testRunDurationMs");
        double seconds = number_under(value_get(doc->root, "config"), "duration");
        Span version = text_under(value_get(doc->root, "metadata"), "k6_version");
        double duration_ns = isnan(ms) ? seconds * 1e9 : ms * 1e6;

        if (duration_ns > 0 && duration_ns < 1e18)
                import_recording(in)->duration_ns = (uint64_t)duration_ns;
        if (version.len)
                import_tool(in, "k6 %.*s", SPAN_ARG(version));
        (void)import_date(text_under(value_get(doc->root, "metadata"), "generated_at"),
                          &import_recording(in)->wall_ns);
}

static int read(Import *in, Span text, Error *err)
{
        Document doc;
        Summary s = { .in = in, .doc = &doc };
        const Value *metrics;
        int r = json_document(in, text, &doc, err);

        if (r < 0)
                return r;
        metrics = metrics_of(&doc);
        if (value_absent(metrics))
                return value_fail(err, &doc, doc.root, "'metrics' is missing");
        read_context(in, &doc);
        s.n_requests = count_requests(metrics);
        value_each (metric, metrics) {
                Span name = metrics->kind == VALUE_LIST ? text_under(metric, "name") : metric->key;

                r = put_metric(&s, name, metric, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

const ImportFormat k6_summary_format = {
        .name = "k6-summary",
        .says = "k6 --summary-export and handleSummary(data)",
        .files = "grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/",
        .detect = detect,
        .read = read,
        .instrument = "load",
};
