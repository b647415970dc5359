/* vegeta report: lines of a label, the names of its columns in brackets, and the values.
 *
 *         Latencies     [min, mean, 50, 90, 95, 99, max]  476.925us, 667.998us, ...
 *
 * The brackets say what there is: older versions have fewer. Format: lib/reporters.go.
 */

#include "import/load_report.h"

#include <math.h>

#define BEGIN "Requests      ["
#define MOST_ERRORS 20

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, BEGIN) && span_contains(head, "Latencies     [") ? 95 : 0;
}

typedef struct Column {
        const char *row, *name;
        MetricId metric; /* METRIC_COUNT_: the test's duration */
        enum { AS_NUMBER, AS_DURATION } as;
} Column;

static const Column columns[] = {
        { "Requests", "total", METRIC_REQUESTS, AS_NUMBER },
        { "Duration", "total", METRIC_COUNT_, AS_DURATION },
        { "Requests", "throughput", METRIC_THROUGHPUT, AS_NUMBER },
        { "Latencies", "min", METRIC_LATENCY_MIN, AS_DURATION },
        { "Latencies", "mean", METRIC_LATENCY_MEAN, AS_DURATION },
        { "Latencies", "50", METRIC_LATENCY_P50, AS_DURATION },
        { "Latencies", "90", METRIC_LATENCY_P90, AS_DURATION },
        { "Latencies", "95", METRIC_LATENCY_P95, AS_DURATION },
        { "Latencies", "99", METRIC_LATENCY_P99, AS_DURATION },
        { "Latencies", "max", METRIC_LATENCY_MAX, AS_DURATION },
        { "Bytes In", "mean", METRIC_RESPONSE_SIZE, AS_NUMBER },
};

static const char *const rows[] = {
        "Requests", "Duration", "Latencies", "Bytes In", "Bytes Out", "Success", "Status Codes",
};

typedef struct Vegeta {
        Import *in;
        TextLines lines;
        LoadReport report;
        unsigned n_errors;
        bool errors, latencies; /* within "Error Set:"; the latencies were there */
} Vegeta;

static const Column *find_column(Span row, Span name)
{
        for (size_t i = 0; i < COUNT(columns); i++)
                if (span_is(row, columns[i].row) && span_is(name, columns[i].name))
                        return &columns[i];
        return NULL;
}

static int read_value(Vegeta *vegeta, Span row, Span name, Span at, Error *err)
{
        const Column *column = find_column(row, name);
        Span rest = at;
        double value;

        if (!column)
                return 0;
        if (column->as == AS_NUMBER && !text_take_number(&rest, &value))
                return text_fail(&vegeta->lines, at, "a number", err);
        if (column->as == AS_DURATION && !text_take_duration(&rest, &value))
                return text_fail(&vegeta->lines, at, "a time with its unit", err);
        if (column->metric == METRIC_COUNT_)
                vegeta->report.duration_ns = value;
        else if (column->metric == METRIC_REQUESTS)
                vegeta->report.requests = value;
        else
                return load_value(&vegeta->report, column->metric, value, vegeta->lines.line, err);
        return 0;
}

/* Names and values side by side. Durations are not cut at a comma: none has one. */
static int read_values(Vegeta *vegeta, Span row, Span names, Span values, Error *err)
{
        int r = 0;

        while (r == 0 && names.ptr) {
                Span name = span_trim(span_cut(&names, ','));

                if (!values.ptr || span_trim(values).len == 0)
                        return text_fail(&vegeta->lines, values, "as many values as names", err);
                r = read_value(vegeta, row, name, span_trim(span_cut(&values, ',')), err);
        }
        return r;
}

/* "200:30000  502:3" */
static int read_codes(Vegeta *vegeta, Span rest, Error *err)
{
        double total = vegeta->report.requests, n;
        Span word, code;
        uint64_t status;

        vegeta->report.requests = NAN; /* counted here */
        while (span_next_word(&rest, &word)) {
                code = span_cut(&word, ':');
                if (span_to_u64(code, &status, NULL) < 0 || status > 999 || !text_number(word, &n))
                        return text_fail(&vegeta->lines, code, "code:count", err);
                load_status(&vegeta->report, (unsigned)status, n);
        }
        if (!isnan(total))
                vegeta->report.requests = total;
        return 0;
}

/* The ratio says it where no codes are listed. */
static int read_success(Vegeta *vegeta, Span rest, Error *err)
{
        double percent;

        if (!text_take_number(&rest, &percent) || !span_starts(rest, "%"))
                return text_fail(&vegeta->lines, rest, "a percentage", err);
        return load_value(&vegeta->report, METRIC_ERROR_RATE, 1 - percent / 100, vegeta->lines.line,
                          err);
}

static int end_report(Vegeta *vegeta, Error *err)
{
        if (!vegeta->report.open)
                return 0;
        if (!vegeta->latencies)
                return text_fail_early(&vegeta->lines, "Latencies", err);
        vegeta->report.failed = NAN; /* vegeta's own ratio stands */
        return load_end(&vegeta->report, err);
}

static int begin_report(Vegeta *vegeta, Error *err)
{
        int r = end_report(vegeta, err);

        if (r == 0)
                load_begin(&vegeta->report, (Span){ 0 }, vegeta->lines.line);
        vegeta->errors = vegeta->latencies = false;
        vegeta->n_errors = 0;
        return r;
}

static int read_row(Vegeta *vegeta, Span row, Span line, Error *err)
{
        ptrdiff_t open = span_find_byte(line, '['), close = span_find_byte(line, ']');
        Span names, values;

        if (open < 0 || close < open)
                return text_fail(&vegeta->lines, line, "names in brackets", err);
        names = span_first(span_from(line, (size_t)open + 1), (size_t)(close - open - 1));
        values = span_from(line, (size_t)close + 1);
        if (vegeta->lines.cut)
                return text_fail_early(&vegeta->lines, "Error Set:", err);
        if (span_is(row, "Status Codes"))
                return read_codes(vegeta, values, err);
        if (span_is(row, "Success"))
                return read_success(vegeta, values, err);
        vegeta->latencies |= span_is(row, "Latencies");
        return read_values(vegeta, row, names, values, err);
}

static Span row_of(Span line)
{
        for (size_t i = 0; i < COUNT(rows); i++) {
                Span rest = span_from(line, strlen(rows[i]));

                if (span_starts(line, rows[i]) && span_starts(rest, " ") &&
                    span_starts(span_trim(rest), "["))
                        return span_of(rows[i]);
        }
        return (Span){ 0 };
}

static int read_line(Vegeta *vegeta, Span line, Error *err)
{
        Span row = row_of(line);
        int r;

        if (row.len) {
                r = span_is(row, "Requests") ? begin_report(vegeta, err) : 0;
                if (r == 0 && vegeta->report.open)
                        r = read_row(vegeta, row, line, err);
                return r < 0 ? r : 1;
        }
        if (span_starts(line, "Error Set:")) {
                vegeta->errors = true;
                line = span_trim(span_from(line, strlen("Error Set:")));
        }
        if (line.len == 0)
                return 1;
        if (!vegeta->errors)
                return 0;
        if (vegeta->n_errors++ < MOST_ERRORS)
                import_error_kind(vegeta->in, "%.*s", SPAN_ARG(span_first(line, 200)));
        return 1;
}

static int read_text(Import *in, Span text, Error *err)
{
        Vegeta vegeta = { .in = in, .lines = text_lines(in, text) };
        Span line;
        int r = 0;

        vegeta.report = load_report(in, text, NULL);
        while (r >= 0 && text_next(&vegeta.lines, &line)) {
                line = span_trim(line);
                r = read_line(&vegeta, line, err);
                if (r == 0)
                        import_unknown(in, vegeta.lines.line, line, "no line of vegeta's report");
        }
        if (r >= 0)
                r = end_report(&vegeta, err);
        return r < 0 ? r : 0;
}

const ImportFormat vegeta_text_format = {
        .name = "vegeta-text",
        .says = "vegeta report",
        .files = "https://github.com/tsenart/vegeta",
        .detect = detect,
        .read = read_text,
        .instrument = "load",
};
