/* hey, and oha, which prints the same report with more in it.
 *
 * Formats: hey requester/print.go, oha src/printer.rs. hey prints "0% in 0.0000 secs" for a
 * percentile that it has too few answers for. oha names the requests that it cut off at the end of
 * the test among the errors, "aborted due to deadline": they are none.
 */

#include "import/load_report.h"

#include <math.h>

#define BEGIN "Summary:"

static int detect_hey(Span head, bool whole UNUSED)
{
        return span_contains(head, BEGIN) && span_contains(head, "Slowest:") &&
                               span_contains(head, "Requests/sec:") &&
                               !span_contains(head, "Success rate:")
                       ? 92
                       : 0;
}

static int detect_oha(Span head, bool whole UNUSED)
{
        return span_contains(head, BEGIN) && span_contains(head, "Slowest:") &&
                               span_contains(head, "Success rate:")
                       ? 94
                       : 0;
}

static const LoadLabel labels[] = {
        { "Success rate:", LABEL_SKIP }, /* of connections: a 500 is a success there */
        { "Total:", LABEL_DURATION },
        { "Slowest:", LABEL_TIME, METRIC_LATENCY_MAX },
        { "Fastest:", LABEL_TIME, METRIC_LATENCY_MIN },
        { "Average:", LABEL_TIME, METRIC_LATENCY_MEAN },
        { "Requests/sec:", LABEL_NUMBER, METRIC_THROUGHPUT, 1 },
        { "Total data:", LABEL_SKIP },
        { "Size/request:", LABEL_SIZE, METRIC_RESPONSE_SIZE, 1024 },
        { "Size/sec:", LABEL_SIZE, METRIC_BYTES_IN, 1024 },
        { "Response time histogram", LABEL_SKIP },
        { "Response time distribution", LABEL_SKIP },
        { "Latency distribution:", LABEL_SKIP },
        { "Details (average, fastest, slowest)", LABEL_SKIP },
        { "DNS+dialup:", LABEL_SKIP }, /* of all requests, most of which dialled nobody */
        { "DNS-lookup:", LABEL_SKIP },
        { "req write:", LABEL_SKIP },
        { "resp wait:", LABEL_TIME, METRIC_TIME_TTFB },
        { "resp read:", LABEL_TIME, METRIC_TIME_TRANSFER },
        { "first byte:", LABEL_TIME, METRIC_TIME_TTFB },
        { "Status code distribution:", LABEL_SKIP },
        { "Error distribution:", LABEL_SKIP },
};

typedef struct Hey {
        Import *in;
        TextLines lines;
        LoadReport report;
        bool errors;    /* within the list of errors */
        double aborted; /* oha's */
} Hey;

/* The rate times the duration says how many answers and errors have to be listed: fewer, and the
 * end of the list is torn off. The duration has four decimals. */
static bool is_listed_whole(const Hey *hey)
{
        double rate = 0;

        vec_each (const LoadValue, v, &hey->report.values)
                if (v->metric == METRIC_THROUGHPUT)
                        rate = v->value;
        return !(hey->report.requests + hey->aborted <
                 rate * (hey->report.duration_ns / 1e9 - 0.00006) - 1.5);
}

static int end_report(Hey *hey, Error *err)
{
        LoadReport *report = &hey->report;

        if (!report->open)
                return 0;
        if (!(report->requests >= 0) && !(report->failed >= 0))
                return text_fail_early(&hey->lines, "Status code distribution:", err);
        if (!is_listed_whole(hey))
                return text_fail_early(&hey->lines, "the rest of the answers and errors", err);
        report->failed_are_further = false;
        return load_end(report, err);
}

/* "0.001 [17655]  |====", in oha with a unit: "0.530 ms [1]  |" */
static bool is_bar(Span line)
{
        ptrdiff_t open = span_find_byte(line, '[');
        double value;

        return text_take_number(&line, &value) && open > 0 && span_find_byte(line, '|') > 0;
}

/* "[200] 18077 responses", "[20] Get ...: connection refused" */
static int read_count(Hey *hey, Span line, Error *err)
{
        Span rest = span_from(line, 1);
        double code, n;

        if (!text_take_number(&rest, &code) || !span_starts(rest, "]"))
                return text_fail(&hey->lines, line, "a number in brackets", err);
        rest = span_trim(span_from(rest, 1));
        if (hey->lines.cut)
                return text_fail_early(&hey->lines, "the end of the line", err);
        if (hey->errors) {
                if (span_contains(rest, "aborted due to deadline")) {
                        hey->aborted += code;
                        return 1;
                }
                load_status(&hey->report, 0, code);
                import_error_kind(hey->in, "%.*s: %.0f", SPAN_ARG(span_first(rest, 200)), code);
                return 1;
        }
        if (!text_take_number(&rest, &n) || !span_contains(rest, "response"))
                return text_fail(&hey->lines, rest, "a number of responses", err);
        if (!(code >= 0 && code < 1000))
                return text_fail(&hey->lines, line, "a status code", err);
        load_status(&hey->report, (unsigned)code, n);
        return 1;
}

static int read_line(Hey *hey, Span line, Error *err)
{
        int r;

        if (line.len == 0)
                return 1;
        if (span_is(line, BEGIN)) {
                r = end_report(hey, err);
                hey->errors = false;
                hey->aborted = 0;
                if (r == 0)
                        load_begin(&hey->report, (Span){ 0 }, hey->lines.line);
                return r < 0 ? r : 1;
        }
        if (!hey->report.open)
                return 0;
        if (span_starts(line, "Error distribution:"))
                hey->errors = true;
        if (span_starts(line, "Size/request:") && text_is_not_finite(span_from(line, 13)))
                return 1; /* oha without an answer */
        if (span_starts(line, "0% in 0.0000") || is_bar(line))
                return 1;
        if (span_starts(line, "["))
                return read_count(hey, line, err);
        r = load_percent_line(&hey->report, &hey->lines, err);
        return r ? r : load_label(&hey->report, labels, COUNT(labels), &hey->lines, err);
}

static int read_text(Import *in, Span text, Error *err)
{
        Hey hey = { .in = in, .lines = text_lines(in, text) };
        Span line;
        int r = 0;

        hey.report = load_report(in, text, NULL);
        while (r >= 0 && text_next(&hey.lines, &line)) {
                line = span_trim(line);
                r = read_line(&hey, line, err);
                if (r == 0)
                        import_unknown(in, hey.lines.line, line, "no line of such a report");
        }
        if (r >= 0)
                r = end_report(&hey, err);
        return r < 0 ? r : 0;
}

const ImportFormat hey_format = {
        .name = "hey",
        .says = "hey",
        .files = "https://github.com/rakyll/hey",
        .detect = detect_hey,
        .read = read_text,
        .instrument = "load",
};

const ImportFormat oha_text_format = {
        .name = "oha-text",
        .says = "oha",
        .files = "https://github.com/hatoo/oha",
        .detect = detect_oha,
        .read = read_text,
        .instrument = "load",
};
