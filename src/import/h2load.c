/* h2load's report. Format: nghttp2, src/h2load.cc, main(). Sizes count 1024 to the k.
 *
 *                              min         max         mean         sd        +/- sd
 *         time for request:       26us      5.10ms       134us       425us    98.80%
 *
 * Newer versions name more columns, and the rows "request" and "connect": the header says which.
 */

#include "import/load_report.h"

#include <math.h>

#define BEGIN "finished in "
#define MOST_COLUMNS 16

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, BEGIN) && span_contains(head, "status codes: ") &&
                               span_contains(head, "space savings")
                       ? 95
                       : 0;
}

typedef struct H2load {
        Import *in;
        TextLines lines;
        LoadReport report;
        Buf names;
        Span columns[MOST_COLUMNS]; /* views into names */
        size_t n_columns;
        bool times; /* the row of request times was there */
} H2load;

static const struct {
        const char *row, *column;
        MetricId metric;
} cells[] = {
        { "time for request", "min", METRIC_LATENCY_MIN },
        { "time for request", "max", METRIC_LATENCY_MAX },
        { "time for request", "median", METRIC_LATENCY_P50 },
        { "time for request", "p95", METRIC_LATENCY_P95 },
        { "time for request", "p99", METRIC_LATENCY_P99 },
        { "time for request", "mean", METRIC_LATENCY_MEAN },
        { "time for connect", "mean", METRIC_TIME_CONNECT },
};

/* The older name of a row. */
static Span row_of(Span label)
{
        label = span_trim(label);
        if (span_is(label, "request"))
                return SPAN("time for request");
        if (span_is(label, "connect"))
                return SPAN("time for connect");
        if (span_is(label, "TTFB"))
                return SPAN("time to 1st byte");
        return label;
}

static int read_header(H2load *h2load, Span line)
{
        Span rest, word;

        buf_clear(&h2load->names);
        buf_add(&h2load->names, span_first(line, KiB(1)));
        rest = buf_span(&h2load->names);
        h2load->n_columns = 0;
        while (h2load->n_columns < MOST_COLUMNS && span_next_word(&rest, &word))
                h2load->columns[h2load->n_columns++] = word;
        return 1;
}

static int read_times(H2load *h2load, Span row, Span rest, Error *err)
{
        double ns;
        int r = 0;

        for (size_t i = 0; r == 0 && i < h2load->n_columns; i++) {
                if (span_is(h2load->columns[i], "sd") || span_is(h2load->columns[i], "+/-"))
                        break;
                if (!text_take_duration(&rest, &ns) || (h2load->lines.cut && rest.len == 0))
                        return text_fail(&h2load->lines, rest, "a time with its unit", err);
                for (size_t c = 0; r == 0 && c < COUNT(cells); c++)
                        if (span_is(row, cells[c].row) &&
                            span_is(h2load->columns[i], cells[c].column))
                                r = load_value(&h2load->report, cells[c].metric, ns,
                                               h2load->lines.line, err);
        }
        h2load->times |= span_is(row, "time for request");
        return r < 0 ? r : 1;
}

static int end_report(H2load *h2load, Error *err)
{
        if (!h2load->report.open)
                return 0;
        if (!h2load->times || !(h2load->report.requests >= 0))
                return text_fail_early(&h2load->lines, "time for request:", err);
        return load_end(&h2load->report, err);
}

/* "finished in 37.29ms, 26819.72 req/s, 8.65MB/s" */
static int begin_report(H2load *h2load, Span line, Error *err)
{
        Span rest = span_from(line, strlen(BEGIN));
        uint64_t number = h2load->lines.line;
        double duration, rate, bytes;
        int r = end_report(h2load, err);

        h2load->times = false;
        if (r < 0)
                return r;
        load_begin(&h2load->report, (Span){ 0 }, number);
        if (!text_take_duration(&rest, &duration) || !span_starts(rest, ",") ||
            (rest = span_from(rest, 1), !text_take_number(&rest, &rate)) ||
            !span_starts(rest, " req/s,") ||
            (rest = span_from(rest, 7), !text_take_size(&rest, 1024, &bytes)))
                return text_fail(&h2load->lines, rest, "a time, req/s and a size", err);
        h2load->report.duration_ns = duration;
        r = load_value(&h2load->report, METRIC_THROUGHPUT, rate, number, err);
        if (r == 0)
                r = load_value(&h2load->report, METRIC_BYTES_IN, bytes, number, err);
        return r < 0 ? r : 1;
}

/* "requests: 1000 total, 1000 started, 1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout":
 * those that failed count among them what was answered 4xx and 5xx. */
static int read_requests(H2load *h2load, Span rest, Error *err)
{
        LoadReport *report = &h2load->report;
        double n;

        report->failed_network = 0;
        while (rest.ptr && span_trim(rest).len) {
                Span part = span_cut(&rest, ','), what;

                if (!text_take_number(&part, &n))
                        return text_fail(&h2load->lines, part, "a number of requests", err);
                what = span_trim(part);
                if (span_is(what, "done"))
                        report->requests = n;
                else if (span_is(what, "failed"))
                        report->failed = n;
                else if (span_is(what, "errored") || span_is(what, "timeout"))
                        report->failed_network += n;
        }
        return 1;
}

/* "status codes: 1000 2xx, 0 3xx, 0 4xx, 0 5xx" */
static int read_codes(H2load *h2load, Span rest, Error *err)
{
        double n;

        while (rest.ptr && span_trim(rest).len) {
                Span part = span_cut(&rest, ',');

                if (!text_take_number(&part, &n))
                        return text_fail(&h2load->lines, part, "a number of answers", err);
                if (span_is(span_trim(part), "4xx"))
                        h2load->report.failed_4xx = n;
                else if (span_is(span_trim(part), "5xx"))
                        h2load->report.failed_5xx = n;
        }
        return 1;
}

static const char *const noise[] = {
        "starting benchmark",
        "spawning thread",
        "Application protocol:",
        "progress: ",
        "Warm-up ",
        "Main benchmark ",
        "Stopped all clients",
        "TLS Protocol:",
        "Cipher:",
        "Server Temp Key:",
        "ALPN: ",
        "traffic: ",
        "Server did not offer",
        "No protocol negotiated",
        "UDP datagram",
};

static int read_line(H2load *h2load, Span line, Error *err)
{
        Span rest = line, label;

        if (line.len == 0 || text_starts_any(line, noise, COUNT(noise)))
                return 1;
        if (span_starts(line, BEGIN))
                return begin_report(h2load, line, err);
        if (!h2load->report.open)
                return 0;
        if (span_starts(line, "min "))
                return read_header(h2load, line);
        label = span_cut(&rest, ':');
        if (!rest.ptr)
                return 0;
        if (span_is(label, "requests"))
                return read_requests(h2load, rest, err);
        if (span_is(label, "status codes"))
                return read_codes(h2load, rest, err);
        label = row_of(label);
        if (span_is(label, "req/s"))
                return 1; /* of the clients */
        if (span_starts(label, "time "))
                return read_times(h2load, label, rest, err);
        return 0;
}

static int read_text(Import *in, Span text, Error *err)
{
        H2load h2load = { .in = in,
                          .lines = text_lines(in, text),
                          .names = buf_in(import_arena(in), KiB(2)) };
        Span line;
        int r = 0;

        h2load.report = load_report(in, text, NULL);
        while (r >= 0 && text_next(&h2load.lines, &line)) {
                line = span_trim(line);
                r = read_line(&h2load, line, err);
                if (r == 0)
                        import_unknown(in, h2load.lines.line, line, "no line of h2load's report");
        }
        return r < 0 ? r : end_report(&h2load, err);
}

const ImportFormat h2load_format = {
        .name = "h2load",
        .says = "h2load",
        .files = "https://github.com/nghttp2/nghttp2",
        .detect = detect,
        .read = read_text,
        .instrument = "load",
};
