#pragma once
/* Series from a table somebody already has: a CSV file with a time, perhaps a commit, and columns
 * of numbers.
 *
 *         time,commit,throughput,p99_latency_ms
 *         2024.01.01 3:00:00 +0100,aaa0,154023,10.43
 *
 *         SeriesCsv csv;
 *         series_csv_parse(text, "runs.csv", arena, &csv, err);
 *         series_csv_points(&csv, column, arena, &points, &n, err);   // one a row
 *
 * Fields are parted by ',', ';' or tabs, whichever the first line has most of; a field may stand
 * in double quotes (RFC 4180). The first line names the columns. One called time, timestamp, date
 * or datetime holds dates (base/date.h) or unix times in s, ms, us or ns, told apart by their
 * size; without it rows are in the order of time. One called commit, revision, sha, hash,
 * git_revision or version tells the revision. A column whose first value is a number is a series,
 * and each further value must be one; the others are named in `ignored`. An empty field, NaN, NA,
 * null and '-' are values that are missing.
 */

#include "store/store.h"

typedef struct SeriesColumn {
        Span name;
        const double *values; /* one a row; NaN: missing */
} SeriesColumn;

typedef struct SeriesCsv {
        const char *file;
        SeriesColumn *columns;
        size_t len, rows;
        const uint64_t *wall_ns; /* one a row */
        const Span *revisions;   /* NULL: no column tells it */
        bool has_time;
        Span *ignored; /* names of columns that are no numbers */
        size_t n_ignored;
} SeriesCsv;

int series_csv_parse(Span text, const char *name, Arena *arena, SeriesCsv *ret, Error *err);
/* ERR_NOT_FOUND with the columns that there are. */
int series_csv_find(const SeriesCsv *csv, Span name, size_t *ret, Error *err);
/* The rows as runs: `run_id` is the row, from 1; missing values stay NaN. */
int series_csv_points(const SeriesCsv *csv, size_t column, double scale, Arena *arena,
                      MetricPoint **ret, size_t *ret_n, Error *err);
