#include "import/json_read.h"

#include <math.h>

static int detect(Span head, bool whole UNUSED)
{
        static const char *const sure[] = { "latency.p97_5", "requests.average", NULL };

        return json_head_has_all(head, sure) ? 95 : 0;
}

/* autocannon's clock has steps of a millisecond; 0 is "below one". */
static const JsonColumn latencies[] = {
        { "average", METRIC_LATENCY_MEAN, 1e6 }, { "min", METRIC_LATENCY_MIN, 1e6 },
        { "max", METRIC_LATENCY_MAX, 1e6 },      { "p50", METRIC_LATENCY_P50, 1e6 },
        { "p90", METRIC_LATENCY_P90, 1e6 },      { "p99", METRIC_LATENCY_P99, 1e6 },
        { "p99_9", METRIC_LATENCY_P999, 1e6 },
};

static double count_under(const Value *root, const char *key)
{
        double n = number_under(root, key);

        return n > 0 ? n : 0;
}

static int read_outcomes(Import *in, const Document *doc, double n, Error *err)
{
        const Value *root = doc->root, *requests = value_get(root, "requests");
        double errors = count_under(root, "errors");
        double failed = errors + count_under(root, "4xx") + count_under(root, "5xx");
        double seconds = number_under(root, "duration");
        int r = json_summary(in, doc, value_get(requests, "average"), SPAN(""),
                             (ImportUnit){ METRIC_THROUGHPUT, 1 }, 0, err);

        if (r == 0)
                r = import_summary(in, SPAN(""), (ImportUnit){ METRIC_REQUESTS, 1 }, n, (double)NAN,
                                   (double)NAN, 0, requests->line, err);
        if (r == 0 && n + errors > 0)
                r = import_summary(in, SPAN(""), (ImportUnit){ METRIC_ERROR_RATE, 1 },
                                   failed / (n + errors), (double)NAN, (double)NAN,
                                   (uint64_t)(n + errors), root->line, err);
        if (r == 0)
                r = json_summary(in, doc, value_get(value_get(root, "throughput"), "average"),
                                 SPAN(""), (ImportUnit){ METRIC_BYTES_IN, 1 }, 0, err);
        if (seconds > 0 && seconds < 1e9)
                import_recording(in)->duration_ns = (uint64_t)(seconds * 1e9);
        return r;
}

static int read(Import *in, Span text, Error *err)
{
        const Value *latency, *requests;
        Document doc;
        double n;
        int r = json_document(in, text, &doc, err);

        if (r < 0)
                return r;
        latency = value_get(doc.root, "latency");
        requests = value_get(doc.root, "requests");
        if (value_absent(latency) || value_absent(requests))
                return value_fail(err, &doc, doc.root, "'latency' or 'requests' is missing");
        n = fmin(count_under(requests, "total"), 1e15);
        (void)import_date(text_under(doc.root, "start"), &import_recording(in)->wall_ns);
        r = json_columns(in, &doc, latency, latencies, COUNT(latencies), SPAN(""), (uint64_t)n,
                         err);
        if (r == 0)
                r = read_outcomes(in, &doc, n, err);
        if (text_under(doc.root, "url").len)
                import_says(in, "%.*s", SPAN_ARG(text_under(doc.root, "url")));
        return r;
}

const ImportFormat autocannon_json_format = {
        .name = "autocannon",
        .says = "autocannon --json",
        .files = "github.com/mcollina/autocannon: lib/aggregateResult.js",
        .detect = detect,
        .read = read,
        .instrument = "load",
};
