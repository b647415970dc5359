/* wrk and wrk2: "Running 10s test @ URL" to "Transfer/sec:". Format: wrk's wrk.c and stats.c.
 *
 * wrk2 --latency adds HdrHistogram's percentile spectrum, in ms; with -U a second one, without the
 * time that requests waited for their turn: that is "service_time" here. Sizes count 1024 to the k.
 */

#include "import/load_report.h"
#include "import/spectrum.h"

#define MARK " test @ "
#define MS 1e6

typedef struct Wrk {
        Import *in;
        TextLines lines;
        LoadReport report;
        Spectrum spectrum;
        Hist *corrected; /* of the report in hand */
        bool in_spectrum, uncorrected, third_is_p99;
} Wrk;

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, MARK) && span_contains(head, "threads and ") &&
                               span_contains(head, "Thread Stats")
                       ? 95
                       : 0;
}

static int fail_open(Wrk *wrk, Error *err)
{
        return wrk->report.open ? text_fail_early(&wrk->lines, "Requests/sec:", err) : 0;
}

static int read_running(Wrk *wrk, Span line, Error *err)
{
        Span rest = span_from(line, (size_t)span_find(line, span_of(MARK)) + strlen(MARK));
        int r = fail_open(wrk, err);

        wrk->in_spectrum = wrk->uncorrected = false;
        if (r == 0)
                load_begin(&wrk->report, span_trim(rest), wrk->lines.line);
        wrk->report.failed_are_further = true;
        return r;
}

/* "    Latency   509.44us    0.88ms  11.02ms   86.47%" */
static int read_latency(Wrk *wrk, Span rest, Error *err)
{
        MetricId third = wrk->third_is_p99 ? METRIC_LATENCY_P99 : METRIC_LATENCY_MAX;
        double mean, deviation, most;
        int r;

        if (!text_take_duration(&rest, &mean) || !text_take_duration(&rest, &deviation) ||
            !text_take_duration(&rest, &most))
                return text_fail(&wrk->lines, rest, "three times", err);
        r = load_value(&wrk->report, METRIC_LATENCY_MEAN, mean, wrk->lines.line, err);
        return r < 0 ? r : load_value(&wrk->report, third, most, wrk->lines.line, err);
}

/* "  92806 requests in 2.00s, 29.92MB read" */
static int read_requests(Wrk *wrk, Span line, Error *err)
{
        Span rest = line;
        double requests, duration;

        if (!text_take_number(&rest, &requests))
                return text_fail(&wrk->lines, line, "a number of requests", err);
        rest = span_from(rest, strlen(" requests in "));
        if (!text_take_duration(&rest, &duration))
                return text_fail(&wrk->lines, rest, "a time", err);
        wrk->report.requests = requests;
        wrk->report.duration_ns = duration;
        if (!(wrk->report.failed >= 0))
                wrk->report.failed = 0;
        return 0;
}

/* "  Socket errors: connect 0, read 0, write 0, timeout 3" */
static int read_socket_errors(Wrk *wrk, Span rest, Error *err)
{
        double n, sum = 0;
        Span word;

        while (span_next_word(&rest, &word)) {
                if (!text_take_number(&rest, &n))
                        return text_fail(&wrk->lines, rest, "a number of errors", err);
                sum += n;
                if (span_starts(rest, ","))
                        rest = span_from(rest, 1);
        }
        wrk->report.failed_network = sum;
        wrk->report.failed += sum;
        return 0;
}

static const LoadLabel labels[] = {
        { "Req/Sec ", LABEL_SKIP },
        { "Non-2xx or 3xx responses:", LABEL_FAILED },
        { "Requests/sec:", LABEL_NUMBER, METRIC_THROUGHPUT, 1 },
        { "Thread calibration:", LABEL_SKIP },
        { "Detailed Percentile spectrum:", LABEL_SKIP },
        { "#[Mean", LABEL_SKIP },
        { "#[Max", LABEL_SKIP },
        { "#[Buckets", LABEL_SKIP },
        { "----------", LABEL_SKIP },
        { "Initialised ", LABEL_SKIP },
};

/* The second spectrum of a report says how long the server took once a request was sent. */
static void begin_spectrum(Wrk *wrk)
{
        Recording *rec = import_recording(wrk->in);

        wrk->spectrum = (Spectrum){ .unit_ns = MS, .hist = wrk->corrected };
        if (!wrk->uncorrected) {
                hist_clear(wrk->corrected);
                wrk->spectrum.report = &wrk->report;
                wrk->report.shape = wrk->corrected;
        } else if (hist_try(rec->arena, HIST_LATENCY, &wrk->spectrum.hist, NULL) == 0) {
                recording_distribution(rec, METRIC_LATENCY_P50, "service_time", wrk->report.subject,
                                       wrk->spectrum.hist);
        } else {
                import_unknown(wrk->in, wrk->lines.line, wrk->lines.current,
                               "more distributions than fit");
                return;
        }
        wrk->in_spectrum = true;
}

static int end_report(Wrk *wrk, Span rest, Error *err)
{
        Span at = rest;
        double rate;
        int r;

        if (!text_take_size(&rest, 1024, &rate) || (wrk->lines.cut && !span_ends(at, "B")))
                return text_fail(&wrk->lines, at, "a size", err);
        if (!(wrk->report.requests >= 0))
                return text_fail_early(&wrk->lines, "requests in", err);
        r = load_value(&wrk->report, METRIC_BYTES_IN, rate, wrk->lines.line, err);
        return r < 0 ? r : load_end(&wrk->report, err);
}

static int read_header(Wrk *wrk, Span line)
{
        if (span_contains(line, "Thread Stats")) {
                wrk->third_is_p99 = span_contains(line, "99%");
                return 1;
        }
        if (span_contains(line, "Latency Distribution")) {
                wrk->uncorrected = span_contains(line, "Uncorrected");
                return 1;
        }
        if (spectrum_is_header(line)) {
                begin_spectrum(wrk);
                return 1;
        }
        if (span_contains(line, " threads and ")) {
                import_says(wrk->in, "%.*s", SPAN_ARG(line));
                return 1;
        }
        return 0;
}

/* 1: understood; 0: not. */
static int read_line(Wrk *wrk, Span line, Error *err)
{
        int r;

        if (line.len == 0 || read_header(wrk, line))
                return 1;
        if (span_starts(line, "Latency "))
                r = read_latency(wrk, span_from(line, strlen("Latency ")), err);
        else if (span_contains(line, " requests in "))
                r = read_requests(wrk, line, err);
        else if (span_starts(line, "Socket errors:"))
                r = read_socket_errors(wrk, span_from(line, strlen("Socket errors:")), err);
        else if (span_starts(line, "Transfer/sec:"))
                r = end_report(wrk, span_from(line, strlen("Transfer/sec:")), err);
        else
                return load_label(&wrk->report, labels, COUNT(labels), &wrk->lines, err);
        return r < 0 ? r : 1;
}

static int read_open_line(Wrk *wrk, Span line, Error *err)
{
        int r = wrk->in_spectrum ? spectrum_line(&wrk->spectrum, &wrk->lines, err) : 0;

        if (r == 0 && !wrk->uncorrected)
                r = load_percent_line(&wrk->report, &wrk->lines, err);
        else if (r == 0 && span_contains(line, "%"))
                r = 1; /* the spectrum below says the same, finer */
        return r ? r : read_line(wrk, line, err);
}

static int read_text(Import *in, Span text, Error *err)
{
        Wrk wrk = { .in = in, .lines = text_lines(in, text) };
        Span line;
        int r = 0;

        wrk.report = load_report(in, text, MARK);
        wrk.corrected = hist_new(import_arena(in), HIST_LATENCY);
        while (r >= 0 && text_next(&wrk.lines, &line)) {
                line = span_trim(line);
                if (span_starts(line, "Running ") && span_contains(line, MARK)) {
                        r = read_running(&wrk, line, err);
                        continue;
                }
                r = wrk.report.open ? read_open_line(&wrk, line, err) : line.len == 0;
                if (r == 0)
                        import_unknown(in, wrk.lines.line, line, "no line of a wrk report");
        }
        if (r >= 0)
                r = fail_open(&wrk, err);
        load_finish(&wrk.report);
        return r < 0 ? r : 0;
}

const ImportFormat wrk_format = {
        .name = "wrk",
        .says = "wrk and wrk2",
        .files = "https://github.com/wg/wrk, https://github.com/giltene/wrk2",
        .detect = detect,
        .read = read_text,
        .instrument = "load",
};
