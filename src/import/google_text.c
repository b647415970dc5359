/* Google Benchmark's console table. Format: src/console_reporter.cc.
 *
 *         Benchmark            Time             CPU   Iterations UserCounters...
 *         BM_a/8            6.17 ns         4.60 ns      2579489 bytes_per_second=1.6G/s foo=42
 *
 * Repetitions are samples of one benchmark. Their mean, median, stddev and cv repeat them; where
 * only those were reported, the median stands for them. With --benchmark_counters_tabular the
 * header names the counters. Bytes count 1024 to the k, other counters 1000.
 */

#include "import/google_rows.h"
#include "import/text_lines.h"
#include "import/text_number.h"

#include <math.h>

#define MOST_COLUMNS 200

static bool is_header(Span line)
{
        Span word;

        return span_next_word(&line, &word) && span_is(word, "Benchmark") &&
               span_next_word(&line, &word) && span_is(word, "Time") &&
               span_next_word(&line, &word) && span_is(word, "CPU") &&
               span_next_word(&line, &word) && span_is(word, "Iterations");
}

static int detect(Span head, bool whole UNUSED)
{
        Span line;

        while (span_next_line(&head, &line))
                if (is_header(line))
                        return 93;
        return 0;
}

typedef struct Row {
        Span name, counters;
        ImportUnit real, cpu;
        double real_time, cpu_time;
        uint64_t iterations;
} Row;

typedef struct GoogleText {
        Import *in;
        TextLines lines;
        GoogleRows rows;
        Buf titles;
        Span columns[MOST_COLUMNS]; /* of counters in tables, in titles */
        size_t n_columns;
} GoogleText;

static void read_header(GoogleText *g, Span line)
{
        Span rest, word;

        buf_clear(&g->titles);
        buf_add(&g->titles, span_first(line, KiB(16)));
        rest = buf_span(&g->titles);
        g->n_columns = 0;
        for (int i = 0; i < 4; i++)
                (void)span_next_word(&rest, &word);
        while (span_next_word(&rest, &word) && !span_is(word, "UserCounters...") &&
               g->n_columns < MOST_COLUMNS)
                g->columns[g->n_columns++] = word;
}

/* "6.17 ns  4.60 ns  2579489 ..." */
static bool take_times(Span rest, Row *ret)
{
        ImportUnit unit[2];
        double time[2];
        Span word;

        for (size_t i = 0; i < 2; i++) {
                if (!span_next_word(&rest, &word) || !text_number(word, &time[i]) ||
                    !span_next_word(&rest, &word))
                        return false;
                unit[i] = import_unit(word);
                if (unit[i].metric != METRIC_TIME)
                        return false;
        }
        if (!span_next_word(&rest, &word) || span_to_u64(word, &ret->iterations, NULL) < 0)
                return false;
        ret->real = unit[0];
        ret->cpu = (ImportUnit){ METRIC_TIME_CPU, unit[1].scale, { 0 } };
        ret->real_time = time[0];
        ret->cpu_time = time[1];
        ret->counters = rest;
        return true;
}

/* The name ends where two times and a number follow: names may hold spaces. */
static bool find_row(Span line, Row *ret)
{
        Span rest = line, word;

        while (span_next_word(&rest, &word)) {
                if (!take_times(rest, ret))
                        continue;
                ret->name = span_trim(span_first(line, (size_t)(rest.ptr - line.ptr)));
                return true;
        }
        return false;
}

/* "1.6191G/s", "42", "240.633M/s": in ones. */
static bool counter_value(Span text, bool bytes, double *ret, Span *ret_rate)
{
        double multiplier;
        Span suffix = text;

        if (!text_take_number(&suffix, ret))
                return false;
        *ret_rate = (Span){ 0 };
        if (span_ends(suffix, "/s")) {
                *ret_rate = SPAN("/s");
                suffix.len -= 2;
        }
        multiplier = text_multiplier(suffix, bytes ? 1024 : 1000);
        if (span_is(suffix, "m") || span_is(suffix, "u") || span_is(suffix, "n"))
                multiplier = suffix.ptr[0] == 'm' ? 1e-3 : suffix.ptr[0] == 'u' ? 1e-6 : 1e-9;
        *ret *= multiplier;
        return multiplier > 0;
}

static int put_counter(GoogleText *g, GoogleRow *row, Span name, Span text, Error *err)
{
        double value;
        Span rate;

        if (!counter_value(text, span_is(name, "bytes_per_second"), &value, &rate))
                return text_fail(&g->lines, text, "the value of a counter", err);
        return google_counter(&g->rows, row, name, value, err);
}

/* "k=v k=v label", or in a table the values alone. */
static int put_counters(GoogleText *g, GoogleRow *row, Span rest, Error *err)
{
        Span word, value, name;
        size_t column = 0;
        int r = 0;

        while (r == 0 && span_next_word(&rest, &word)) {
                value = word;
                name = span_cut(&value, '=');
                if (value.ptr && value.len)
                        r = put_counter(g, row, name, value, err);
                else if (!value.ptr && column < g->n_columns)
                        r = put_counter(g, row, g->columns[column++], word, err);
                else
                        break; /* the label, to the end of the line */
        }
        return r;
}

static int read_row(GoogleText *g, const Row *row, Error *err)
{
        GoogleRow begun;
        int r = google_begin(&g->rows, row->name, row->iterations, g->lines.line, &begun);

        if (r == 0)
                return 1; /* it repeats others */
        r = google_put(&g->rows, &begun, row->real, row->real_time, err);
        if (r == 0)
                r = google_put(&g->rows, &begun, row->cpu, row->cpu_time, err);
        if (r == 0)
                r = put_counters(g, &begun, row->counters, err);
        return r < 0 ? r : 1;
}

static const char *const noise[] = {
        "Running ", "Run on (", "CPU Caches:", "L1 ", "L2 ", "L3 ", "L4 ", "Load Average:",
};

static bool is_fit(Span line)
{
        Span word;

        (void)span_next_word(&line, &word);
        return span_ends(word, "_BigO") || span_ends(word, "_RMS") || span_ends(word, "_cv");
}

static int read_line(GoogleText *g, Span line, Error *err)
{
        Row row;

        if (is_header(line)) {
                read_header(g, line);
                return 1;
        }
        if (line.len == 0 || text_is_rule(line, "-"))
                return 1;
        if (span_contains(line, " ERROR OCCURRED: ") || span_contains(line, " SKIPPED: ")) {
                import_unknown(g->in, g->lines.line, line, "the benchmark did not run");
                return 1;
        }
        if (find_row(line, &row))
                return g->lines.cut ? text_fail_early(&g->lines, "the end of the line", err)
                                    : read_row(g, &row, err);
        if (is_fit(line) || text_starts_any(line, noise, COUNT(noise)))
                return 1;
        if (span_starts(line, "***WARNING***")) {
                import_warns(g->in, "%.*s", SPAN_ARG(span_first(line, 200)));
                return 1;
        }
        return import_date(line, &import_recording(g->in)->wall_ns);
}

static int read_text(Import *in, Span text, Error *err)
{
        GoogleText g = { .in = in,
                         .lines = text_lines(in, text),
                         .titles = buf_in(import_arena(in), KiB(32)),
                         .rows = google_rows(in) };
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&g.lines, &line)) {
                line = span_trim(line);
                r = read_line(&g, line, err);
                if (r == 0)
                        import_unknown(in, g.lines.line, line, "no line of Google Benchmark's");
        }
        google_end(&g.rows);
        return r < 0 ? r : 0;
}

const ImportFormat google_text_format = {
        .name = "google-text",
        .says = "Google Benchmark's console output",
        .files = "github.com/google/benchmark: src/console_reporter.cc",
        .detect = detect,
        .read = read_text,
};
