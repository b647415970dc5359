#include "instrument/system/growth.h"

#include "stats/quantile.h"

#include <math.h>

#define Z95 1.959963984540054

typedef struct Points {
        double x[GROWTH_MOST_POINTS], y[GROWTH_MOST_POINTS];
        size_t len;
} Points;

/* The mean of values[from..to) as a point at its mean position. */
static void add_point(Points *points, const double *values, size_t from, size_t to)
{
        double x = 0, y = 0, n = 0;

        for (size_t i = from; i < to; i++) {
                if (isnan(values[i]))
                        continue;
                x += (double)i;
                y += values[i];
                n++;
        }
        if (n == 0)
                return;
        points->x[points->len] = x / n;
        points->y[points->len] = y / n;
        points->len++;
}

static double value_at(const double *sorted, size_t n, double index)
{
        return sorted[(size_t)fmin(fmax(index, 0), (double)(n - 1))];
}

static void all_slopes(const Points *points, double *slopes)
{
        size_t n = 0;

        for (size_t i = 0; i < points->len; i++)
                for (size_t j = i + 1; j < points->len; j++) {
                        double rise = points->y[j] - points->y[i];

                        slopes[n++] = rise / (points->x[j] - points->x[i]);
                }
}

static void fit(const Points *points, Arena *scratch, Growth *growth)
{
        double k = (double)points->len, reach = Z95 * sqrt(k * (k - 1) * (2 * k + 5) / 18);
        size_t n = points->len * (points->len - 1) / 2;
        double *slopes = new (scratch, double, n);

        all_slopes(points, slopes);
        sort_doubles(slopes, n);
        growth->per_step = median_sorted(slopes, n);
        growth->low = value_at(slopes, n, floor(((double)n - reach) / 2) - 1);
        growth->high = value_at(slopes, n, ceil(((double)n + reach) / 2));
}

Growth growth_of(const double *values, size_t len, Arena *scratch)
{
        Growth growth = { .per_step = (double)NAN, .low = (double)NAN, .high = (double)NAN };
        Mark mark = arena_mark(scratch);
        Points *points = new (scratch, Points, 1);
        size_t width = (len + GROWTH_MOST_POINTS - 1) / GROWTH_MOST_POINTS;

        for (size_t i = 0; i < len; i += width)
                add_point(points, values, i, MIN(i + width, len));
        growth.points = points->len;
        if (points->len >= GROWTH_LEAST_POINTS)
                fit(points, scratch, &growth);
        arena_reset(scratch, mark);
        return growth;
}
