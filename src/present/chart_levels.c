#include "present/chart_int.h"

#include <math.h>

#define MOST_BUCKETS 600 /* more than there are pixels; of each bucket two dots are drawn */

static double highest(const double *values, size_t n)
{
        double top = -(double)INFINITY;

        for (size_t i = 0; i < n; i++)
                if (isfinite(values[i]))
                        top = MAX(top, values[i]);
        return isfinite(top) ? top : 0;
}

/* The lowest and the highest of a bucket, each where it stands. */
static void draw_bucket(Curve *curve, const double *values, size_t from, size_t to)
{
        size_t low = from, high = from;

        for (size_t i = from; i < to; i++) {
                if (values[i] < values[low] || !isfinite(values[low]))
                        low = i;
                if (values[i] > values[high] || !isfinite(values[high]))
                        high = i;
        }
        curve_point(curve, (double)low, values[low]);
        if (high != low)
                curve_point(curve, (double)high, values[high]);
}

static void draw_dots(const Chart *c, const double *values, size_t n)
{
        size_t each = MAX((n + MOST_BUCKETS - 1) / MOST_BUCKETS, (size_t)1);
        Curve curve = curve_begin_dots(c, 1);

        for (size_t at = 0; at < n; at += each)
                draw_bucket(&curve, values, at, MIN(at + each, n));
        curve_end(&curve);
}

static void draw_levels(const Chart *c, const ChartLevel *levels, size_t n)
{
        Curve curve = curve_begin(c, 0);

        for (size_t i = 0; i < n; i++) {
                curve_point(&curve, (double)levels[i].from, levels[i].value);
                curve_point(&curve, (double)MAX(levels[i].to, levels[i].from + 1) - 1,
                            levels[i].value);
                curve_point(&curve, 0, (double)NAN); /* a gap */
        }
        curve_end(&curve);
        for (size_t i = 0; i < n; i++)
                if (levels[i].mark.len)
                        chart_mark(c, (double)levels[i].from, levels[i].mark);
}

void chart_levels(const double *values, size_t n, const ChartLevel *levels, size_t n_levels,
                  const ChartPlan *plan, Buf *out)
{
        Chart c = chart_open(plan, (double)MAX(n, (size_t)2) - 1, highest(values, n), out);

        chart_y_axis(&c);
        draw_dots(&c, values, n);
        draw_levels(&c, levels, n_levels);
        chart_close(&c);
}
