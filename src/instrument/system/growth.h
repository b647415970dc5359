#pragma once
/* How fast a level grows, without being led astray by spikes: the median of the slopes of all
 * pairs of points (Theil 1950), with the interval of Sen (1968): the slopes at ranks
 * (N -+ z sqrt(n (n-1) (2n+5) / 18)) / 2 of N pairs, here at 95 %. It takes the points'
 * deviations from the line for independent; memory that is kept in steps makes it too narrow.
 *
 * NaN values are left out; more than GROWTH_MOST_POINTS are first reduced to means of neighbours,
 * as the work is quadratic.
 */

#include "base/arena.h"

#define GROWTH_LEAST_POINTS 5
#define GROWTH_MOST_POINTS 256

typedef struct Growth {
        double per_step, low, high; /* NaN: too few points */
        size_t points;
} Growth;

Growth growth_of(const double *values, size_t len, Arena *scratch);
