/* k6 run --out json: a line for each point of each metric. http_req_duration is the load; what
 * else there is becomes a number for each metric. Times are in milliseconds. */

#include "base/map.h"
#include "import/import_int.h"
#include "import/k6_point.h"
#include "import/load_tally.h"
#include "stats/quantile.h"

#include <math.h>

#define MOST_METRICS 1000
#define MOST_HISTS 100
#define MS_NS 1e6
#define LONGEST_ENDPOINT 512

static int detect(Span head, bool whole UNUSED)
{
        static const char *const sure[] = { "metric", "type", "data", NULL };
        Span type = json_head_text(head, "type");

        return json_head_has_all(head, sure) && (span_is(type, "Metric") || span_is(type, "Point"))
                       ? 95
                       : 0;
}

typedef struct Metric Metric;
typedef int (*PutPoint)(Metric *metric, const K6Point *point, uint64_t line, Error *err);

typedef struct K6 {
        Import *in;
        LoadTally *tally;
        Map by_name;
        VEC(Metric *) metrics;
        Metric *last;
        size_t n_hists;
} K6;

struct Metric {
        K6 *k6;
        Span name;
        PutPoint put;
        const char *unit; /* of a custom number: "count", "ratio" */
        MetricId as;      /* of a time: what it is to hone */
        Hist *hist;
        uint64_t n, line;
        double sum, highest;
};

/* --- points by the type of their metric --- */

static bool is_failed(const K6Point *point, uint64_t status)
{
        if (point->expected.len)
                return span_is(point->expected, "false");
        return point->status.len && (status == 0 || status >= 400);
}

static int put_request(Metric *metric, const K6Point *point, uint64_t line, Error *err)
{
        char name[LONGEST_ENDPOINT];
        uint64_t at_ns = 0, status = 0;
        int n = snprintf(name, sizeof(name), "%.*s%s%.*s", SPAN_ARG(point->method),
                         point->method.len ? " " : "", SPAN_ARG(point->name));

        if (!import_date(point->time, &at_ns))
                return import_fail(metric->k6->in, err, line, "'%.*s' is no time",
                                   SPAN_ARG(span_first(point->time, 64)));
        (void)span_to_u64(point->status, &status, NULL);
        return load_tally_request(
                metric->k6->tally,
                &(LoadRequestSeen){ .endpoint = { name, MIN((size_t)n, sizeof(name) - 1) },
                                    .at_ns = at_ns,
                                    .latency_ns = point->value * MS_NS,
                                    .status = status < 1000 ? (unsigned)status : 0,
                                    .failed = is_failed(point, status),
                                    .line = line },
                err);
}

static int put_time(Metric *metric, const K6Point *point, uint64_t line, Error *err)
{
        if (point->value < 0)
                return import_fail(metric->k6->in, err, line, "time of '%.*s' is below zero: %g",
                                   SPAN_ARG(span_first(metric->name, 64)), point->value);
        /* connecting takes no time where a connection is used again */
        if (point->value > 0 || metric->as != METRIC_TIME_CONNECT)
                hist_record_n(metric->hist, (uint64_t)fmin(point->value * MS_NS, 1e18), 1);
        return 0;
}

static int put_number(Metric *metric, const K6Point *point, uint64_t line, Error *err)
{
        return import_sample(metric->k6->in, metric->name,
                             (ImportUnit){ METRIC_CUSTOM, 1, SPAN("k6 trend") }, point->value, line,
                             err);
}

static int put_sum(Metric *metric, const K6Point *point, uint64_t line UNUSED, Error *err UNUSED)
{
        metric->sum += point->value;
        metric->highest = metric->n ? fmax(metric->highest, point->value) : point->value;
        metric->n++;
        metric->line = line;
        return 0;
}

static int put_received(Metric *metric, const K6Point *point, uint64_t line UNUSED,
                        Error *err UNUSED)
{
        load_tally_bytes(metric->k6->tally, point->value, 0);
        return 0;
}

static int put_sent(Metric *metric, const K6Point *point, uint64_t line UNUSED, Error *err UNUSED)
{
        load_tally_bytes(metric->k6->tally, 0, point->value);
        return 0;
}

/* --- metrics --- */

static const struct {
        const char *name;
        PutPoint put;
        MetricId as;
} known[] = {
        { "http_req_duration", put_request, METRIC_LATENCY_P50 },
        { "http_req_waiting", put_time, METRIC_TIME_TTFB },
        { "http_req_receiving", put_time, METRIC_TIME_TRANSFER },
        { "http_req_connecting", put_time, METRIC_TIME_CONNECT },
        { "http_req_blocked", put_time, METRIC_TIME },
        { "http_req_sending", put_time, METRIC_TIME },
        { "http_req_tls_handshaking", put_time, METRIC_TIME },
        { "iteration_duration", put_time, METRIC_TIME },
        { "data_received", put_received, METRIC_BYTES_IN },
        { "data_sent", put_sent, METRIC_BYTES_OUT },
};

static const struct {
        const char *type, *unit;
} numbers[] = { { "counter", "count" }, { "gauge", "highest" }, { "rate", "ratio" } };

static int kind_of(Metric *metric, Span type, Span contains)
{
        for (size_t i = 0; i < COUNT(known); i++)
                if (span_is(metric->name, known[i].name)) {
                        metric->put = known[i].put;
                        metric->as = known[i].as;
                        return 0;
                }
        for (size_t i = 0; i < COUNT(numbers); i++)
                if (span_is(type, numbers[i].type)) {
                        metric->put = put_sum;
                        metric->unit = numbers[i].unit;
                        return 0;
                }
        if (!span_is(type, "trend"))
                return -1;
        metric->put = span_is(contains, "time") ? put_time : put_number;
        metric->as = METRIC_TIME;
        return 0;
}

static int new_metric(K6 *k6, Span name, Span type, Span contains, uint64_t line, Error *err)
{
        Arena *arena = k6->in->gathered;
        Metric *metric = new_try(arena, Metric, 1);
        char *copy = new_try(arena, char, name.len + 1);
        Metric **listed;
        MapSlot *slot;
        int r = 0;

        if (!metric || !copy)
                return fail(err, ERR_LIMIT, "%s: no room", import_name(k6->in));
        memcpy(copy, name.ptr, name.len);
        *metric = (Metric){ .k6 = k6, .name = { copy, name.len } };
        if (kind_of(metric, type, contains) < 0) {
                import_unknown(k6->in, line, name, "a metric of no type that k6 has");
                return 0;
        }
        if (metric->put == put_time && k6->n_hists++ >= MOST_HISTS)
                return fail(err, ERR_LIMIT, "%s: more than %d trends", import_name(k6->in),
                            MOST_HISTS);
        if (metric->put == put_time)
                r = hist_try(k6->in->arena, HIST_LATENCY, &metric->hist, err);
        if (r < 0)
                return r;
        slot = map_add(&k6->by_name, metric->name);
        listed = slot ? vec_add(arena, &k6->metrics) : NULL;
        if (!listed)
                return fail(err, ERR_LIMIT, "%s: more than %d metrics", import_name(k6->in),
                            MOST_METRICS);
        *listed = metric;
        slot->pointer = metric;
        return 0;
}

static Metric *find_metric(K6 *k6, Span name)
{
        MapSlot *slot;

        if (k6->last && span_eq(k6->last->name, name))
                return k6->last;
        slot = map_find(&k6->by_name, name);
        if (slot)
                k6->last = slot->pointer;
        return slot ? slot->pointer : NULL;
}

/* --- lines --- */

static int put_point(K6 *k6, const K6Point *point, Span line, uint64_t number, Error *err)
{
        Metric *metric = find_metric(k6, point->metric);

        if (metric)
                return metric->put(metric, point, number, err);
        import_unknown(k6->in, number, line, "a point of a metric that was not declared before");
        return 0;
}

static int read_tree(Import *in UNUSED, const Document *doc, Span line, void *state, Error *err)
{
        const Value *data = value_get(doc->root, "data");
        K6 *k6 = state;
        K6Point point;
        int r = k6_point_of(doc, &point, err);

        if (r < 0)
                return r;
        if (span_is(point.type, "Point"))
                return put_point(k6, &point, line, 1, err);
        if (span_is(point.type, "Metric"))
                return map_find(&k6->by_name, point.metric)
                               ? 0
                               : new_metric(k6, point.metric, text_under(data, "type"),
                                            text_under(data, "contains"), 1, err);
        import_unknown(k6->in, 1, line, "neither a metric nor a point");
        return 0;
}

static int read_lines(K6 *k6, Span text, Error *err)
{
        uint64_t number = 0;
        K6Point point;
        Span line;
        int r = 0;

        while (r == 0 && span_next_line(&text, &line)) {
                number++;
                if (k6_point_scan(line, &point))
                        r = put_point(k6, &point, line, number, err);
                else if (span_trim(line).len)
                        r = json_line(k6->in, line, number, read_tree, k6, err);
        }
        return r;
}

/* --- what became of each metric --- */

static void record_times(const Metric *metric)
{
        Recording *rec = import_recording(metric->k6->in);
        Span subject = metric->as == METRIC_TIME ? metric->name : SPAN("");
        MetricValue *value;
        Interval interval;

        if (metric->hist->total == 0)
                return;
        recording_distribution(rec, metric->as,
                               metric->as == METRIC_TIME_TTFB       ? "ttfb"
                               : metric->as == METRIC_TIME_TRANSFER ? "transfer"
                               : metric->as == METRIC_TIME_CONNECT  ? "connect"
                                                                    : "time",
                               subject, metric->hist);
        if (metric->as != METRIC_TIME) {
                recording_value(rec, metric->as, subject, hist_mean(metric->hist),
                                metric->hist->total);
                return;
        }
        interval = hist_quantile_interval(metric->hist, 0.5, 0.95);
        value = recording_value(rec, METRIC_TIME, subject, (double)hist_quantile(metric->hist, 0.5),
                                metric->hist->total);
        value->low = interval.low;
        value->high = interval.high;
}

static int record_metric(const Metric *metric, Error *err)
{
        ImportUnit unit = { METRIC_CUSTOM, 1, span_of(metric->unit) };
        double value = metric->sum;

        if (metric->hist)
                record_times(metric);
        if (!metric->unit || metric->n == 0)
                return 0;
        if (span_is(unit.text, "ratio"))
                value = metric->sum / (double)metric->n;
        if (span_is(unit.text, "highest"))
                value = metric->highest;
        return import_summary(metric->k6->in, metric->name, unit, value, (double)NAN, (double)NAN,
                              metric->n, metric->line, err);
}

static int read(Import *in, Span text, Error *err)
{
        K6 k6 = { .in = in };
        int r = load_tally_new(in, &k6.tally, err);

        k6.by_name = map_in(in->gathered, MOST_METRICS);
        k6.metrics.ceiling = MOST_METRICS;
        if (r == 0)
                r = read_lines(&k6, text, err);
        if (r == 0)
                r = load_tally_record(k6.tally, err);
        vec_each (Metric *, metric, &k6.metrics) {
                if (r == 0)
                        r = record_metric(*metric, err);
        }
        return r;
}

const ImportFormat k6_format = {
        .name = "k6",
        .says = "k6 run --out json",
        .files = "grafana.com/docs/k6/latest/results-output/real-time/json/",
        .detect = detect,
        .read = read,
        .instrument = "load",
};
