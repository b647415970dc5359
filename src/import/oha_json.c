#include "import/json_read.h"

#include <math.h>

static int detect(Span head, bool whole UNUSED)
{
        static const char *const sure[] = { "summary.successRate", "summary.requestsPerSec", NULL };

        return json_head_has_all(head, sure) ? 95 : 0;
}

static const JsonColumn summary_columns[] = {
        { "slowest", METRIC_LATENCY_MAX, 1e9 },        { "fastest", METRIC_LATENCY_MIN, 1e9 },
        { "average", METRIC_LATENCY_MEAN, 1e9 },       { "requestsPerSec", METRIC_THROUGHPUT, 1 },
        { "sizePerRequest", METRIC_RESPONSE_SIZE, 1 }, { "sizePerSec", METRIC_BYTES_IN, 1 },
};

static const JsonColumn percentiles[] = {
        { "p50", METRIC_LATENCY_P50, 1e9 },    { "p90", METRIC_LATENCY_P90, 1e9 },
        { "p95", METRIC_LATENCY_P95, 1e9 },    { "p99", METRIC_LATENCY_P99, 1e9 },
        { "p99.9", METRIC_LATENCY_P999, 1e9 },
};

static const JsonColumn phases[] = {
        { "DNSDialup", METRIC_TIME_CONNECT, 1e9 },
        { "DNSLookup", METRIC_TIME_DNS, 1e9 },
};

static double sum_of(const Value *counts)
{
        double sum = 0;

        value_each (count, counts)
                sum += count->kind == VALUE_NUMBER && count->number > 0 ? count->number : 0;
        return sum;
}

static double failures_of(const Value *statuses)
{
        double sum = 0;

        value_each (count, statuses)
                if (span_starts(count->key, "4") || span_starts(count->key, "5"))
                        sum += count->kind == VALUE_NUMBER && count->number > 0 ? count->number : 0;
        return sum;
}

/* successRate counts every answer as a success; a 500 is none to hone. */
static int read_outcomes(Import *in, const Document *doc, uint64_t *ret_n, Error *err)
{
        const Value *statuses = value_get(doc->root, "statusCodeDistribution");
        const Value *errors = value_get(doc->root, "errorDistribution");
        double answers = sum_of(statuses), unanswered = sum_of(errors);
        double n = fmin(answers + unanswered, 1e15), failed = failures_of(statuses) + unanswered;
        uint64_t line = statuses ? statuses->line : 0;
        int r = import_summary(in, SPAN(""), (ImportUnit){ METRIC_REQUESTS, 1 }, answers,
                               (double)NAN, (double)NAN, 0, line, err);

        if (r == 0 && n > 0)
                r = import_summary(in, SPAN(""), (ImportUnit){ METRIC_ERROR_RATE, 1 }, failed / n,
                                   (double)NAN, (double)NAN, (uint64_t)n, line, err);
        value_each (error, errors)
                import_warns(in, "%.*s: %g", SPAN_ARG(error->key), error->number);
        *ret_n = (uint64_t)fmin(answers, 1e15);
        return r;
}

static int read(Import *in, Span text, Error *err)
{
        const Value *summary, *details;
        uint64_t n = 0;
        Document doc;
        double total_s;
        int r = json_document(in, text, &doc, err);

        if (r < 0)
                return r;
        summary = value_get(doc.root, "summary");
        if (value_absent(summary))
                return value_fail(err, &doc, doc.root, "'summary' is missing");
        total_s = number_under(summary, "total");
        if (total_s > 0 && total_s < 1e9)
                import_recording(in)->duration_ns = (uint64_t)(total_s * 1e9);
        r = read_outcomes(in, &doc, &n, err);
        if (r == 0)
                r = json_columns(in, &doc, summary, summary_columns, COUNT(summary_columns),
                                 SPAN(""), n, err);
        if (r == 0)
                r = json_columns(in, &doc, value_get(doc.root, "latencyPercentiles"), percentiles,
                                 COUNT(percentiles), SPAN(""), n, err);
        details = value_get(doc.root, "details");
        for (size_t i = 0; r == 0 && i < COUNT(phases); i++)
                r = json_summary(in, &doc, value_get(value_get(details, phases[i].key), "average"),
                                 SPAN(""), (ImportUnit){ phases[i].metric, phases[i].scale }, 0,
                                 err);
        return r;
}

const ImportFormat oha_json_format = {
        .name = "oha",
        .says = "oha --output-format json",
        .files = "github.com/hatoo/oha: src/printer.rs",
        .detect = detect,
        .read = read,
        .instrument = "load",
};
