/* siege's report, in words or as the JSON-like text of --json-output; both are lines of a label.
 *
 * Times have two decimals of a second (newer versions: ms). A megabyte is 1024 * 1024 bytes.
 */

#include "import/load_report.h"

#include <math.h>

#define S 1e9

static int detect(Span head, bool whole UNUSED)
{
        if (span_contains(head, "Transaction rate:") && span_contains(head, "Availability:"))
                return 95;
        return span_contains(head, "\"transaction_rate\":") &&
                               span_contains(head, "\"availability\":")
                       ? 96
                       : 0;
}

static const LoadLabel labels[] = {
        { "Transactions:", LABEL_REQUESTS },
        { "Availability:", LABEL_OK_RATIO },
        { "Elapsed time:", LABEL_DURATION },
        { "Data transferred:", LABEL_SKIP },
        { "Response time:", LABEL_TIME, METRIC_LATENCY_MEAN },
        { "Transaction rate:", LABEL_NUMBER, METRIC_THROUGHPUT, 1 },
        { "Throughput:", LABEL_NUMBER, METRIC_BYTES_IN, 0x1p20 },
        { "Concurrency:", LABEL_SKIP },
        { "Successful transactions:", LABEL_SKIP },
        { "Failed transactions:", LABEL_WARNING },
        /* in older versions without a unit */
        { "Longest transaction:", LABEL_NUMBER, METRIC_LATENCY_MAX, S },
        { "Shortest transaction:", LABEL_NUMBER, METRIC_LATENCY_MIN, S },
};

static const LoadLabel json_labels[] = {
        { "\"transactions\":", LABEL_REQUESTS },
        { "\"availability\":", LABEL_OK_RATIO, 0, 0.01 },
        { "\"elapsed_time\":", LABEL_DURATION, 0, S },
        { "\"data_transferred\":", LABEL_SKIP },
        { "\"response_time\":", LABEL_NUMBER, METRIC_LATENCY_MEAN, S },
        { "\"transaction_rate\":", LABEL_NUMBER, METRIC_THROUGHPUT, 1 },
        { "\"throughput\":", LABEL_NUMBER, METRIC_BYTES_IN, 0x1p20 },
        { "\"concurrency\":", LABEL_SKIP },
        { "\"successful_transactions\":", LABEL_SKIP },
        { "\"failed_transactions\":", LABEL_WARNING },
        { "\"longest_transaction\":", LABEL_NUMBER, METRIC_LATENCY_MAX, S },
        { "\"shortest_transaction\":", LABEL_NUMBER, METRIC_LATENCY_MIN, S },
};

static const char *const noise[] = {
        "** SIEGE",
        "** Preparing",
        "The server is now",
        "Lifting the server siege",
        "HTTP/",
        "{",
        "}",
        "siege aborted",
        "LOG FILE:",
        "FILE:",
        "You can disable",
        "New configuration template",
        "Run siege",
        "done.",
};

/* "longest 0.01" is in seconds, "longest 12.34 ms" says so. */
static int read_extreme(LoadReport *report, const TextLines *lines, Error *err)
{
        Span line = span_trim(lines->current), rest = line;
        MetricId metric = span_starts(line, "Longest") ? METRIC_LATENCY_MAX : METRIC_LATENCY_MIN;
        double ns;
        int r;

        if (!report->open || (!span_starts(line, "Longest transaction:") &&
                              !span_starts(line, "Shortest transaction:")))
                return 0;
        (void)span_cut(&rest, ':');
        if (!text_take_duration(&rest, &ns))
                return 0;
        r = load_value(report, metric, ns, lines->line, err);
        return r < 0 ? r : 1;
}

static bool begins(Span line)
{
        return span_starts(line, "Transactions:") || span_starts(line, "\"transactions\":");
}

/* What is divided by a time that was rounded to zero says nothing. */
static void drop_rates(LoadReport *report)
{
        size_t kept = 0;

        if (report->duration_ns > 0)
                return;
        import_warns(report->in, "siege measures time in hundredths of a second, and this test "
                                 "took less than one: its rates are left out");
        vec_each (LoadValue, v, &report->values)
                if (v->metric != METRIC_THROUGHPUT && v->metric != METRIC_BYTES_IN)
                        report->values.items[kept++] = *v;
        report->values.len = kept;
}

static int end_report(LoadReport *report, const TextLines *lines, Error *err)
{
        if (!report->open)
                return 0;
        vec_each (LoadValue, v, &report->values)
                if (v->metric == METRIC_LATENCY_MIN) {
                        drop_rates(report);
                        return load_end(report, err);
                }
        return text_fail_early(lines, "Shortest transaction:", err);
}

static int read_line(LoadReport *report, const TextLines *lines, Span line, Error *err)
{
        int r = 0;

        if (begins(line)) {
                r = end_report(report, lines, err);
                if (r < 0)
                        return r;
                load_begin(report, (Span){ 0 }, lines->line);
        }
        r = read_extreme(report, lines, err);
        if (r == 0)
                r = load_label(report, labels, COUNT(labels), lines, err);
        if (r == 0)
                r = load_label(report, json_labels, COUNT(json_labels), lines, err);
        return r ? r : line.len == 0 || text_starts_any(line, noise, COUNT(noise));
}

static int read_text(Import *in, Span text, Error *err)
{
        TextLines lines = text_lines(in, text);
        LoadReport report = load_report(in, text, NULL);
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&lines, &line)) {
                line = span_trim(line);
                if (span_starts(line, "{") && line.len > 1)
                        lines.current = line = span_trim(span_from(line, 1));
                r = read_line(&report, &lines, line, err);
                if (r == 0)
                        import_unknown(in, lines.line, line, "no line of siege's report");
        }
        return r < 0 ? r : end_report(&report, &lines, err);
}

const ImportFormat siege_format = {
        .name = "siege",
        .says = "siege",
        .files = "https://www.joedog.org/siege-manual/",
        .detect = detect,
        .read = read_text,
        .instrument = "load",
};
