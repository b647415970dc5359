#pragma once
/* A series that never outgrows its room: when it is full, neighbours are merged into their mean
 * and every further point covers twice as many ticks.
 *
 *         BoundedSeries s = bounded_series_in(arena, 3600);
 *         bounded_series_put(&s, tick, value);       // ticks rise from 0; those left out are NaN
 *         step_ns = interval_ns * s.ticks_per_point;
 *
 * NaN is "no value": it does not count in a mean, and a point of NaN alone stays NaN. Ticks that
 * do not fill a whole point yet are not in `values`.
 */

#include "base/arena.h"

typedef struct BoundedSeries {
        double *values;
        size_t len, room; /* room is even */
        uint64_t ticks_per_point, next_tick;
        double sum; /* of the point being filled */
        uint64_t ticks, known;
} BoundedSeries;

BoundedSeries bounded_series_in(Arena *arena, size_t room);
void bounded_series_put(BoundedSeries *s, uint64_t tick, double value);
