/* A table of any bytes is refused with its name, or its series are whole: a value or a gap for
 * each row, a time for each row, and points for each column. */
#include "analysis/series_csv.h"

#include <math.h>

#include "base/csv.h"

static void check_fields(Span text, Arena *arena)
{
        CsvReader csv = csv_open(text, "csv", arena);
        uint32_t line = 1;
        CsvField field;
        size_t n = 0;
        int r;

        while ((r = csv_next(&csv, &field, NULL)) > 0) {
                BUG_IF(field.line < line);
                BUG_IF(++n > 2 * text.len + 2);
                line = field.line;
        }
        BUG_IF(r == 0 && csv.rest.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Span text = { (const char *)data, size };
        MetricPoint *points;
        SeriesCsv csv;
        Error err = { 0 };
        size_t n, at;

        check_fields(text, arena);
        if (series_csv_parse(text, "csv", arena, &csv, &err) < 0) {
                BUG_IF(!span_starts(span_of(err.message), "csv"));
                return 0;
        }
        BUG_IF(csv.len == 0 || csv.rows == 0 || !csv.wall_ns);
        for (size_t i = 0; i < csv.len; i++) {
                BUG_IF(series_csv_find(&csv, csv.columns[i].name, &at, NULL) < 0 || at != i);
                BUG_IF(series_csv_points(&csv, i, 1, arena, &points, &n, NULL) < 0);
                BUG_IF(n != csv.rows);
                for (size_t row = 0; row < n; row++)
                        BUG_IF(isinf(points[row].value));
        }
        return 0;
}
