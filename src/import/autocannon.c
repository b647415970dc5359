/* autocannon's tables, as it draws them with boxes. Format: lib/printResult.js.
 *
 *         | Stat    | 2.5% | 50%  | 97.5% | 99%  | Avg     | Stdev   | Max   |
 *         | Latency | 0 ms | 0 ms | 0 ms  | 1 ms | 0.04 ms | 0.42 ms | 13 ms |
 *
 * Latencies are whole milliseconds but for the mean. Sizes count 1000 to the k.
 */

#include "import/load_report.h"

#include <math.h>

#define MARK " test @ "
#define BAR "\u2502"
#define MS 1e6
#define MOST_CELLS 16
#define LONGEST_TITLE 64

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, MARK) && span_contains(head, " connections") &&
                               span_contains(head, "Req/Bytes counts sampled once per second")
                       ? 96
                       : 0;
}

typedef struct Autocannon {
        Import *in;
        TextLines lines;
        LoadReport report;
        Buf titles;
        Span names[MOST_CELLS]; /* of the columns, in titles */
        size_t n_names;
        bool percentiles; /* within the table of percentiles */
        bool rate;        /* the row of requests was there */
} Autocannon;

static size_t cells_of(Span line, Span cells[static MOST_CELLS])
{
        Span rest = span_trim(line);
        size_t n = 0;

        if (!span_starts(rest, BAR))
                return 0;
        rest = span_from(rest, strlen(BAR));
        while (rest.len && n < MOST_CELLS) {
                ptrdiff_t at = span_find(rest, SPAN(BAR));

                if (at < 0)
                        return 0; /* torn */
                cells[n++] = span_trim(span_first(rest, (size_t)at));
                rest = span_trim(span_from(rest, (size_t)at + strlen(BAR)));
        }
        return n;
}

static int read_latency(Autocannon *can, Span name, Span cell, Error *err)
{
        MetricId metric = METRIC_COUNT_;
        double ns, percent;
        Span rest = cell;

        if (span_is(name, "Stdev"))
                return 0;
        if (!text_take_duration(&rest, &ns) || rest.len)
                return text_fail(&can->lines, cell, "a time with its unit", err);
        if (span_is(name, "Avg"))
                metric = METRIC_LATENCY_MEAN;
        else if (span_is(name, "Max"))
                metric = METRIC_LATENCY_MAX;
        else if (text_take_number(&name, &percent) && span_is(name, "%"))
                return load_percentile(&can->report, percent, ns, can->lines.line, err);
        return metric == METRIC_COUNT_ ? text_fail(&can->lines, name, "the name of a column", err)
                                       : load_value(&can->report, metric, ns, can->lines.line, err);
}

static int read_rate(Autocannon *can, Span name, Span cell, Error *err)
{
        double value;

        if (!span_is(name, "Avg"))
                return 0;
        if (!text_number(cell, &value))
                return text_fail(&can->lines, cell, "a number", err);
        can->rate = true;
        return load_value(&can->report, METRIC_THROUGHPUT, value, can->lines.line, err);
}

static int read_bytes(Autocannon *can, Span name, Span cell, Error *err)
{
        double value;

        if (!span_is(name, "Avg"))
                return 0;
        if (!text_take_size(&cell, 1000, &value) || cell.len)
                return text_fail(&can->lines, cell, "a size", err);
        return load_value(&can->report, METRIC_BYTES_IN, value, can->lines.line, err);
}

static const struct {
        const char *row;
        int (*read)(Autocannon *can, Span name, Span cell, Error *err);
} rows[] = {
        { "Latency", read_latency },
        { "Req/Sec", read_rate },
        { "Bytes/Sec", read_bytes },
};

static int read_header(Autocannon *can, const Span *cells, size_t n)
{
        size_t begin[MOST_CELLS + 1];

        can->percentiles = span_is(cells[0], "Percentile");
        can->n_names = n;
        buf_clear(&can->titles);
        for (size_t i = 0; i < n; i++) {
                begin[i] = can->titles.len;
                buf_add(&can->titles, span_first(cells[i], LONGEST_TITLE));
        }
        begin[n] = can->titles.len;
        for (size_t i = 0; i < n; i++)
                can->names[i] = span_first(span_from(buf_span(&can->titles), begin[i]),
                                           begin[i + 1] - begin[i]);
        return 1;
}

/* "99.9 | 5" */
static int read_percentile(Autocannon *can, const Span *cells, size_t n, Error *err)
{
        double percent, ms;
        int r;

        if (n != 2 || !text_number(cells[0], &percent) || !text_number(cells[1], &ms))
                return text_fail(&can->lines, cells[0], "a percentile and milliseconds", err);
        r = load_percentile(&can->report, percent, ms * MS, can->lines.line, err);
        return r < 0 ? r : 1;
}

static int read_cells(Autocannon *can, const Span *cells, size_t n, Error *err)
{
        int r = 0;

        if (span_is(cells[0], "Stat") || span_is(cells[0], "Percentile"))
                return read_header(can, cells, n);
        if (can->percentiles)
                return read_percentile(can, cells, n, err);
        for (size_t row = 0; row < COUNT(rows); row++) {
                if (!span_is(cells[0], rows[row].row))
                        continue;
                if (n != can->n_names)
                        return text_fail(&can->lines, cells[0], "a cell for every column", err);
                for (size_t i = 1; r == 0 && i < n; i++)
                        r = rows[row].read(can, can->names[i], cells[i], err);
                return r < 0 ? r : 1;
        }
        return 0;
}

/* "46k requests in 2.01s, 15.4 MB read" ends a report; below 1000 the number is exact. */
static int end_report(Autocannon *can, Span line, Error *err)
{
        Span rest = line;
        double number, multiplier;

        if (!text_take_number(&rest, &number))
                return text_fail(&can->lines, line, "a number of requests", err);
        multiplier = span_starts(rest, " ") ? 1 : text_multiplier(text_take_unit(&rest), 1000);
        if (multiplier <= 0 || !can->rate)
                return text_fail(&can->lines, line, "a table of requests per second before", err);
        can->report.requests = number * multiplier;
        if (!(can->report.failed >= 0))
                can->report.failed = 0;
        rest = span_from(rest, strlen(" requests in "));
        if (!text_take_duration(&rest, &can->report.duration_ns) || can->lines.cut)
                return text_fail(&can->lines, rest, "a time and a line end", err);
        return 0;
}

/* "10 errors (5 timeouts)", "0 2xx responses, 45329 non 2xx responses" */
static int read_failures(Autocannon *can, Span line, Error *err)
{
        Span rest = line;
        double n;

        if (span_contains(line, "2xx responses")) {
                (void)span_cut(&rest, ',');
                if (!text_take_number(&rest, &n))
                        return text_fail(&can->lines, rest, "a number of responses", err);
                can->report.failed = fmax(can->report.failed, 0) + n;
                return 1;
        }
        if (!text_take_number(&rest, &n) || !span_starts(rest, " errors"))
                return 0;
        can->report.failed = fmax(can->report.failed, 0) + n;
        can->report.failed_network = n;
        return 1;
}

static int fail_open(Autocannon *can, Error *err)
{
        return can->report.open ? text_fail_early(&can->lines, "requests in", err) : 0;
}

/* Errors are told after the line of requests: the report ends where another begins. */
static int finish_report(Autocannon *can, Error *err)
{
        if (!can->report.open || can->report.requests >= 0)
                return can->report.open ? load_end(&can->report, err) : 0;
        return fail_open(can, err);
}

static int begin_report(Autocannon *can, Span line, Error *err)
{
        Span rest = span_from(line, (size_t)span_find(line, span_of(MARK)) + strlen(MARK)), word;
        int r = finish_report(can, err);

        can->rate = can->percentiles = false;
        can->n_names = 0;
        if (r == 0) {
                (void)span_next_word(&rest, &word);
                load_begin(&can->report, word, can->lines.line);
                can->report.failed_are_further = true;
        }
        return r < 0 ? r : 1;
}

static const char *const noise[] = {
        "\u250c", "\u251c", "\u2514", "running [", "Req/Bytes counts", "# of samples:",
};

static int read_line(Autocannon *can, Span line, Error *err)
{
        Span cells[MOST_CELLS];
        size_t n;
        int r;

        if (span_starts(line, "Running ") && span_contains(line, MARK))
                return begin_report(can, line, err);
        if (line.len == 0 || text_starts_any(line, noise, COUNT(noise)))
                return 1;
        if (!can->report.open)
                return 0;
        n = cells_of(line, cells);
        if (n > 0)
                return read_cells(can, cells, n, err);
        if (span_contains(line, " requests in ")) {
                r = end_report(can, line, err);
                return r < 0 ? r : 1;
        }
        if (span_contains(line, " connections") || span_contains(line, " workers")) {
                import_says(can->in, "%.*s", SPAN_ARG(line));
                return 1;
        }
        return read_failures(can, line, err);
}

static int read_text(Import *in, Span text, Error *err)
{
        Autocannon can = { .in = in,
                           .lines = text_lines(in, text),
                           .titles = buf_in(import_arena(in), KiB(2)) };
        Span line;
        int r = 0;

        can.report = load_report(in, text, MARK);
        import_says(in, "autocannon's latencies are whole milliseconds, but for the mean");
        while (r >= 0 && text_next(&can.lines, &line)) {
                line = span_trim(line);
                r = read_line(&can, line, err);
                if (r == 0)
                        import_unknown(in, can.lines.line, line, "no line of autocannon's");
        }
        return r < 0 ? r : finish_report(&can, err);
}

const ImportFormat autocannon_text_format = {
        .name = "autocannon-text",
        .says = "autocannon",
        .files = "https://github.com/mcollina/autocannon",
        .detect = detect,
        .read = read_text,
        .instrument = "load",
};
