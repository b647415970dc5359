/* hyperfine --export-csv: one row a command, seconds, without the single runs.
 *
 * The median stands for a command; user and system time are means. Format: src/export/csv.rs.
 */

#include "import/csv_record.h"

#include <math.h>

#define HEADER "command,mean,stddev,median,user,system,min,max"

static int detect(Span head, bool whole UNUSED)
{
        return span_starts(head, HEADER) ? 95 : 0;
}

static const struct {
        size_t column;
        ImportUnit unit;
} values[] = {
        { 3, { METRIC_TIME, 1e9, { 0 } } },
        { 4, { METRIC_TIME_USER, 1e9, { 0 } } },
        { 5, { METRIC_TIME_SYSTEM, 1e9, { 0 } } },
};

static int read_row(CsvRecords *csv, size_t n_columns, Error *err)
{
        int r = csv_check_width(csv, n_columns, err);
        double value;

        for (size_t i = 0; r == 0 && i < COUNT(values); i++) {
                r = csv_number(csv, values[i].column, &value, err);
                if (r == 0)
                        r = import_summary(csv->in, csv->fields[0], values[i].unit, value, NAN, NAN,
                                           0, csv->line, err);
        }
        return r;
}

static int read_text(Import *in, Span text, Error *err)
{
        CsvRecords csv = csv_records(in, text, ',');
        size_t n_columns;
        int r = csv_record_next(&csv, err);

        n_columns = csv.n_fields;
        if (r > 0 && n_columns < 8)
                return import_fail(in, err, csv.line, "expected the header '" HEADER "'");
        while (r >= 0 && (r = csv_record_next(&csv, err)) > 0)
                r = read_row(&csv, n_columns, err);
        return r;
}

const ImportFormat hyperfine_csv_format = {
        .name = "hyperfine-csv",
        .says = "hyperfine --export-csv",
        .files = "https://github.com/sharkdp/hyperfine",
        .detect = detect,
        .read = read_text,
};
