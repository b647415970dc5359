/* vegeta report -type=json (one document) and vegeta encode (a line for each request). */

#include "import/json_read.h"
#include "import/load_tally.h"

#include <math.h>

static int detect(Span head, bool whole UNUSED)
{
        static const char *const report[] = { "latencies.mean", "status_codes", NULL };

        return json_head_has_all(head, report) ? 95 : 0;
}

static int detect_results(Span head, bool whole UNUSED)
{
        static const char *const result[] = { "attack", "seq", "code", "latency", NULL };

        return json_head_has_all(head, result) ? 95 : 0;
}

static const JsonColumn latencies[] = {
        { "mean", METRIC_LATENCY_MEAN, 1 }, { "50th", METRIC_LATENCY_P50, 1 },
        { "90th", METRIC_LATENCY_P90, 1 },  { "95th", METRIC_LATENCY_P95, 1 },
        { "99th", METRIC_LATENCY_P99, 1 },  { "max", METRIC_LATENCY_MAX, 1 },
        { "min", METRIC_LATENCY_MIN, 1 },
};

static const JsonColumn totals[] = {
        { "requests", METRIC_REQUESTS, 1 },
        { "throughput", METRIC_THROUGHPUT, 1 },
};

static int read_report_rates(Import *in, const Document *doc, uint64_t n, Error *err)
{
        const Value *root = doc->root, *success = value_get(root, "success");
        double seconds = number_under(root, "duration") / 1e9, ratio;
        double bytes = number_under(value_get(root, "bytes_in"), "total");
        int r = json_columns(in, doc, root, totals, COUNT(totals), SPAN(""), 0, err);

        if (r == 0 && !value_absent(success)) {
                r = value_to_number(doc, success, &ratio, err);
                if (r == 0)
                        r = import_summary(in, SPAN(""), (ImportUnit){ METRIC_ERROR_RATE, 1 },
                                           1 - ratio, (double)NAN, (double)NAN, n, success->line,
                                           err);
        }
        if (r == 0 && seconds > 0 && bytes >= 0)
                r = import_summary(in, SPAN(""), (ImportUnit){ METRIC_BYTES_IN, 1 },
                                   bytes / seconds, (double)NAN, (double)NAN, 0, root->line, err);
        return r;
}

static int read(Import *in, Span text, Error *err)
{
        Recording *rec = import_recording(in);
        Document doc;
        double n, duration;
        int r = json_document(in, text, &doc, err);

        if (r < 0)
                return r;
        n = number_under(doc.root, "requests");
        if (!(n >= 0 && n < 1e15) || value_absent(value_get(doc.root, "latencies")))
                return value_fail(err, &doc, doc.root, "'requests' or 'latencies' is missing");
        (void)import_date(text_under(doc.root, "earliest"), &rec->wall_ns);
        duration = number_under(doc.root, "duration");
        if (duration > 0 && duration < 1e18)
                rec->duration_ns = (uint64_t)duration;
        r = json_columns(in, &doc, value_get(doc.root, "latencies"), latencies, COUNT(latencies),
                         SPAN(""), (uint64_t)n, err);
        if (r == 0)
                r = read_report_rates(in, &doc, (uint64_t)n, err);
        value_each (error, value_get(doc.root, "errors"))
                import_warns(in, "%.*s", SPAN_ARG(error->text));
        return r;
}

static int read_result(Import *in, const Document *doc, Span line UNUSED, void *state, Error *err)
{
        const Value *latency = value_get(doc->root, "latency"), *root = doc->root;
        double status = number_under(root, "code");
        Span url = text_under(root, "url"), method = text_under(root, "method");
        uint64_t at_ns = 0;
        double latency_ns;
        int r = latency ? value_to_number(doc, latency, &latency_ns, err)
                        : value_fail(err, doc, root, "'latency' is missing");

        if (r == 0 && !(status >= 0 && status < 1000))
                r = value_fail(err, doc, root, "'code' is missing");
        if (r == 0 && !import_date(text_under(root, "timestamp"), &at_ns))
                r = value_fail(err, doc, root, "'timestamp' is no time");
        if (r < 0)
                return r;
        if (url.len)
                url = span_of(arena_printf(import_arena(in), "%.*s%s%.*s", SPAN_ARG(method),
                                           method.len ? " " : "", SPAN_ARG(url)));
        load_tally_bytes(state, fmax(number_under(root, "bytes_in"), 0),
                         fmax(number_under(root, "bytes_out"), 0));
        return load_tally_request(state,
                                  &(LoadRequestSeen){ .endpoint = url,
                                                      .at_ns = at_ns,
                                                      .latency_ns = latency_ns,
                                                      .status = (unsigned)status,
                                                      .failed = status < 200 || status >= 400 ||
                                                                text_under(root, "error").len > 0,
                                                      .line = 1 },
                                  err);
}

static int read_results(Import *in, Span text, Error *err)
{
        LoadTally *tally;
        int r = load_tally_new(in, &tally, err);

        if (r == 0)
                r = json_lines(in, text, read_result, tally, err);
        return r < 0 ? r : load_tally_record(tally, err);
}

const ImportFormat vegeta_json_format = {
        .name = "vegeta",
        .says = "vegeta report -type=json",
        .files = "github.com/tsenart/vegeta: lib/metrics.go",
        .detect = detect,
        .read = read,
        .instrument = "load",
};

const ImportFormat vegeta_results_format = {
        .name = "vegeta-results",
        .says = "vegeta encode",
        .files = "github.com/tsenart/vegeta: lib/results.go",
        .detect = detect_results,
        .read = read_results,
        .instrument = "load",
};
