/* Google Benchmark --benchmark_format=csv. Format: src/csv_reporter.cc.
 *
 * The header names the counters behind error_message. An aggregate's coefficient of variation and
 * the fits (BigO, RMS) have no unit of time, and are worked out.
 */

#include "import/csv_record.h"
#include "import/google_rows.h"
#include "import/text_lines.h"

#include <math.h>

#define HEADER "name,iterations,real_time,cpu_time,time_unit,"

enum { NAME, ITERATIONS, REAL, CPU, UNIT, BYTES, ITEMS, LABEL, FAILED, MESSAGE, COUNTERS };

static int detect(Span head, bool whole UNUSED)
{
        return text_has_line(head, HEADER) ? 96 : 0;
}

typedef struct GoogleCsv {
        CsvRecords csv;
        GoogleRows rows;
        Span names[CSV_MOST_FIELDS]; /* of the columns; in scratch */
        size_t n_columns;
} GoogleCsv;

static int put_time(GoogleCsv *g, const GoogleRow *row, size_t column, MetricId metric, Error *err)
{
        ImportUnit unit = import_unit(g->csv.fields[UNIT]);
        double value;
        int r = csv_number(&g->csv, column, &value, err);

        if (r < 0)
                return r;
        if (unit.metric != METRIC_TIME)
                return csv_fail(&g->csv, UNIT, "a unit of time", err);
        unit.metric = metric;
        return google_put(&g->rows, row, unit, value, err);
}

static int put_counters(GoogleCsv *g, const GoogleRow *row, Error *err)
{
        double value;
        int r = 0;

        for (size_t i = BYTES; r == 0 && i < g->n_columns; i++) {
                if ((i >= LABEL && i < COUNTERS) || span_trim(g->csv.fields[i]).len == 0)
                        continue;
                r = csv_number(&g->csv, i, &value, err);
                if (r == 0)
                        r = google_counter(&g->rows, row, g->names[i], value, err);
        }
        return r;
}

static bool is_fit(Span name)
{
        return span_ends(name, "_BigO") || span_ends(name, "_RMS");
}

static int read_row(GoogleCsv *g, Error *err)
{
        const CsvRecords *csv = &g->csv;
        double iterations = 0;
        GoogleRow row;
        int r;

        if (csv->n_fields > MESSAGE && span_is(csv->fields[FAILED], "true")) {
                import_unknown(csv->in, csv->line, csv->fields[NAME], "the benchmark did not run");
                import_warns(csv->in, "%.*s did not run: %.*s", SPAN_ARG(csv->fields[NAME]),
                             SPAN_ARG(span_first(csv->fields[MESSAGE], 200)));
                return 0;
        }
        r = csv_check_width(csv, g->n_columns, err);
        if (r < 0 || is_fit(csv->fields[NAME]))
                return r;
        r = csv_number(csv, ITERATIONS, &iterations, err);
        if (r < 0)
                return r;
        if (!google_begin(&g->rows, csv->fields[NAME],
                          iterations >= 0 && iterations < 1e18 ? (uint64_t)iterations : 0,
                          csv->line, &row))
                return 0;
        r = put_time(g, &row, REAL, METRIC_TIME, err);
        if (r == 0)
                r = put_time(g, &row, CPU, METRIC_TIME_CPU, err);
        return r < 0 ? r : put_counters(g, &row, err);
}

static int read_header(GoogleCsv *g, Error *err)
{
        g->n_columns = g->csv.n_fields;
        if (g->n_columns < COUNTERS || !span_is(g->csv.fields[REAL], "real_time"))
                return import_fail(g->csv.in, err, g->csv.line,
                                   "expected the header '" HEADER "...'");
        for (size_t i = 0; i < g->n_columns; i++)
                g->names[i] =
                        span_copy(import_arena(g->csv.in), span_first(g->csv.fields[i], KiB(1)));
        return 0;
}

/* What was printed before the table went to the same file when stderr did too. */
static Span from_header(Import *in, Span text, uint64_t *ret_line)
{
        Span rest = text, line, before = text;

        for (*ret_line = 1; span_next_line(&rest, &line); ++*ret_line, before = rest)
                if (span_starts(line, HEADER))
                        return before;
                else if (span_trim(line).len)
                        import_unknown(in, *ret_line, line, "it stands before the table");
        return text;
}

static int read_text(Import *in, Span text, Error *err)
{
        GoogleCsv *g = new_try(import_arena(in), GoogleCsv, 1);
        uint64_t first = 1;
        int r;

        if (!g)
                return fail(err, ERR_LIMIT, "%s: no memory", import_name(in));
        text = from_header(in, text, &first);
        g->rows = google_rows(in);
        g->csv = csv_records(in, text, ',');
        g->csv.reader.line = (uint32_t)first;
        r = csv_record_next(&g->csv, err);
        if (r > 0)
                r = read_header(g, err);
        while (r >= 0 && (r = csv_record_next(&g->csv, err)) > 0)
                r = read_row(g, err);
        google_end(&g->rows);
        return r;
}

const ImportFormat google_csv_format = {
        .name = "google-csv",
        .says = "Google Benchmark --benchmark_format=csv",
        .files = "github.com/google/benchmark: src/csv_reporter.cc",
        .detect = detect,
        .read = read_text,
};
