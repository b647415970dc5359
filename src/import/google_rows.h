#pragma once
/* Rows of Google Benchmark's text formats: which are measurements, and which repeat them.
 *
 *         GoogleRows rows = google_rows(in);
 *         if (google_begin(&rows, name, iterations, line, &row))     // false: it repeats others
 *                 r = google_put(&rows, &row, unit, value, err);
 *
 * "NAME_median" counts, as a summary of its n repetitions, where NAME itself was never seen; the
 * rows of mean, stddev and cv never do.
 */

#include "base/map.h"
#include "import/import.h"

typedef struct GoogleRows {
        Import *in;
        Map seen;
        uint64_t n_repeats;
} GoogleRows;

typedef struct GoogleRow {
        Span subject;
        uint64_t n; /* repetitions that it stands for; 0: it is a measurement */
        uint64_t line;
} GoogleRow;

GoogleRows google_rows(Import *in);
/* `iterations`, of an aggregate, is the number of repetitions. */
bool google_begin(GoogleRows *rows, Span name, uint64_t iterations, uint64_t line, GoogleRow *ret);
int google_put(GoogleRows *rows, const GoogleRow *row, ImportUnit unit, double value, Error *err);
/* Says how many rows repeated others. */
void google_end(const GoogleRows *rows);
int google_counter(GoogleRows *rows, const GoogleRow *row, Span name, double value, Error *err);
