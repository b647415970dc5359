/* ApacheBench's report. Format: httpd, support/ab.c, output_results().
 *
 * Its percentiles are whole milliseconds; `ab -e` and `ab -g` (ab_files.c) have more.
 */

#include "import/load_report.h"

#include <math.h>

#define BEGIN "Server Software:"
#define MS 1e6

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, "This is ApacheBench") ||
                               (span_contains(head, BEGIN) &&
                                span_contains(head, "Time per request:"))
                       ? 95
                       : 0;
}

static const LoadLabel labels[] = {
        { "Server Hostname:", LABEL_SKIP },
        { "Server Port:", LABEL_SKIP },
        { "SSL/TLS Protocol:", LABEL_SKIP },
        { "Server Temp Key:", LABEL_SKIP },
        { "TLS Server Name:", LABEL_SKIP },
        { "Concurrency Level:", LABEL_SKIP },
        { "Document Length:", LABEL_NUMBER, METRIC_RESPONSE_SIZE, 1 },
        { "Time taken for tests:", LABEL_DURATION, 0, 0 },
        { "Complete requests:", LABEL_REQUESTS },
        { "Failed requests:", LABEL_FAILED },
        { "(Connect:", LABEL_SKIP },
        { "Write errors:", LABEL_WARNING },
        { "Non-2xx responses:", LABEL_FAILED },
        { "Keep-Alive requests:", LABEL_SKIP },
        { "Total transferred:", LABEL_SKIP },
        { "Total body sent:", LABEL_SKIP },
        { "Total POSTed:", LABEL_SKIP },
        { "Total PUT:", LABEL_SKIP },
        { "HTML transferred:", LABEL_SKIP },
        { "Requests per second:", LABEL_NUMBER, METRIC_THROUGHPUT, 1 },
        { "Time per request:", LABEL_NUMBER, METRIC_LATENCY_MEAN, MS }, /* the first one counts */
        { "Transfer rate:", LABEL_NUMBER, METRIC_BYTES_IN, 1024 },
        { "Connection Times (ms)", LABEL_SKIP },
        { "min  mean", LABEL_SKIP },
        { "Percentage of the requests served within", LABEL_SKIP },
        { "Processing:", LABEL_SKIP },
};

static const char *const noise[] = {
        "This is ApacheBench", "Copyright ", "Licensed to ",  "Benchmarking ",
        "Completed ",          "Finished ",  "Send request ", "..done",
};

static const struct {
        const char *label;
        MetricId mean, min;
} times[] = {
        { "Connect:", METRIC_TIME_CONNECT, METRIC_COUNT_ },
        { "Waiting:", METRIC_TIME_TTFB, METRIC_COUNT_ },
        { "Total:", METRIC_LATENCY_MEAN, METRIC_LATENCY_MIN },
};

/* "Waiting:        0    0   0.3      0       4": min, mean, sd, median, max. */
static int read_times(LoadReport *report, const TextLines *lines, Span line, Error *err)
{
        double min, mean;
        Span rest;
        int r;

        for (size_t i = 0; i < COUNT(times); i++) {
                if (!span_starts(line, times[i].label))
                        continue;
                rest = span_from(line, strlen(times[i].label));
                if (!text_take_number(&rest, &min) || !text_take_number(&rest, &mean))
                        return text_fail(lines, rest, "minimum and mean in ms", err);
                r = load_value(report, times[i].mean, mean * MS, lines->line, err);
                if (r == 0 && times[i].min != METRIC_COUNT_)
                        r = load_value(report, times[i].min, min * MS, lines->line, err);
                return r < 0 ? r : 1;
        }
        return 0;
}

/* "  50%      3", " 100%      4 (longest request)" */
static int read_percent(LoadReport *report, const TextLines *lines, Span line, Error *err)
{
        double percent, ms;
        int r;

        if (!text_take_number(&line, &percent) || !span_starts(line, "%"))
                return 0;
        line = span_from(line, 1);
        if (!text_take_number(&line, &ms) || (lines->cut && line.len == 0))
                return text_fail(lines, line, "milliseconds", err);
        r = load_percentile(report, percent, ms * MS, lines->line, err);
        return r < 0 ? r : 1;
}

static int end_report(LoadReport *report, const TextLines *lines, Error *err)
{
        if (!report->open)
                return 0;
        for (size_t i = 0; i < report->values.len; i++)
                if (report->values.items[i].metric == METRIC_THROUGHPUT && !isnan(report->requests))
                        return load_end(report, err);
        return text_fail_early(lines, "Requests per second:", err);
}

static int read_line(LoadReport *report, const TextLines *lines, Span line, Error *err)
{
        int r;

        if (line.len == 0 || text_starts_any(line, noise, COUNT(noise)))
                return 1;
        if (span_starts(line, BEGIN)) {
                r = end_report(report, lines, err);
                if (r == 0)
                        load_begin(report, (Span){ 0 }, lines->line);
                return r < 0 ? r : 1;
        }
        if (span_starts(line, "WARNING:")) {
                import_warns(report->in, "ab: %.*s", SPAN_ARG(line));
                return 1;
        }
        if (!report->open)
                return 0;
        if (span_starts(line, "Document Path:")) {
                Span path = span_trim(span_from(line, strlen("Document Path:")));

                load_subject(report, path);
                return 1;
        }
        r = read_times(report, lines, line, err);
        if (r == 0)
                r = read_percent(report, lines, line, err);
        return r ? r : load_label(report, labels, COUNT(labels), lines, err);
}

static int read_text(Import *in, Span text, Error *err)
{
        TextLines lines = text_lines(in, text);
        LoadReport report = load_report(in, text, "Document Path:");
        Span line;
        int r = 0;

        import_says(in, "ab's percentiles are whole milliseconds; ab -e and ab -g have more");
        while (r >= 0 && text_next(&lines, &line)) {
                line = span_trim(line);
                r = read_line(&report, &lines, line, err);
                if (r == 0)
                        import_unknown(in, lines.line, line, "no line of ab's report");
        }
        if (r >= 0)
                r = end_report(&report, &lines, err);
        return r < 0 ? r : 0;
}

const ImportFormat ab_format = {
        .name = "ab",
        .says = "ab (ApacheBench)",
        .files = "https://httpd.apache.org/docs/2.4/programs/ab.html",
        .detect = detect,
        .read = read_text,
        .instrument = "load",
};
