#pragma once
/* Which metric comes from which field of the observer's totals, and how: one row each.
 *
 *         SystemTrack track = system_track_new(arena);
 *         system_track_add(&track, tick, &totals_before, &totals);    // after every look
 *         ... system_rows[i] with track.rows[i]
 */

#include "instrument/system/bounded_series.h"
#include "instrument/system/observer.h"
#include "model/metric.h"

#define SERIES_POINTS 3600

typedef enum RowKind {
        ROW_RATE,   /* growth of `value` by growth of `per` */
        ROW_PEAK,   /* the highest level */
        ROW_MEAN,   /* the mean level over the looks */
        ROW_SERIES, /* a level for the series; the value is worked out elsewhere */
} RowKind;

typedef struct SystemRow {
        MetricId metric;
        const char *subject;
        SourceId source;
        RowKind kind;
        size_t value, per; /* doubles in Totals */
} SystemRow;

extern const SystemRow system_rows[];
extern const size_t n_system_rows;

typedef struct RowTrack {
        BoundedSeries series;
        double value, per; /* sums of growth */
        double peak, level_sum;
        uint64_t levels;
} RowTrack;

typedef struct SystemTrack {
        RowTrack *rows; /* one for each of system_rows */
} SystemTrack;

SystemTrack system_track_new(Arena *arena);
/* The first look has no tick: only its levels count. */
void system_track_start(SystemTrack *track, const Totals *first);
void system_track_add(SystemTrack *track, uint64_t tick, const Totals *before, const Totals *now);
/* The last look, which ends no whole tick: nothing for the series. */
void system_track_end(SystemTrack *track, const Totals *before, const Totals *now);
/* NaN: nothing to divide by, or the row is for a series alone. */
double row_value(const SystemRow *row, const RowTrack *track);
