#include "stats/shape.h"

#include <math.h>
#include <string.h>

#include "stats/rank.h"

#define MILD 1.5
#define SEVERE 3.0
#define MOST_BARS 256
#define SMOOTHINGS 2
#define DRIFT_MIN_N 8

/* Interpolated between the two nearest ranks (type 7). */
static double quartile(const double *sorted, size_t n, double q)
{
        double at = q * (double)(n - 1);
        size_t below = (size_t)at;
        size_t above = MIN(below + 1, n - 1);

        return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

Outliers outliers_of(const double *sorted, size_t n)
{
        Outliers o = { .quartile_low = (double)NAN, .quartile_high = (double)NAN };
        double iqr;

        if (n == 0)
                return o;
        o.quartile_low = quartile(sorted, n, 0.25);
        o.quartile_high = quartile(sorted, n, 0.75);
        iqr = o.quartile_high - o.quartile_low;
        for (size_t i = 0; i < n; i++) {
                double below = o.quartile_low - sorted[i], above = sorted[i] - o.quartile_high;

                o.severe_low += below > SEVERE * iqr;
                o.mild_low += below > MILD * iqr && below <= SEVERE * iqr;
                o.severe_high += above > SEVERE * iqr;
                o.mild_high += above > MILD * iqr && above <= SEVERE * iqr;
        }
        return o;
}

/* A histogram with room for what smoothing spreads over its ends. */
typedef struct Bars {
        double counts[MOST_BARS + 2 * (SMOOTHINGS + 1)];
} Bars;

static Bars bars_of(const double *x, size_t n, double width)
{
        Bars bars = { 0 };
        double range = x[n - 1] - x[0];
        size_t n_bars = (size_t)fmin(fmax(ceil(range / width), 1), MOST_BARS);

        for (size_t i = 0; i < n; i++) {
                size_t at = range > 0 ? (size_t)((x[i] - x[0]) / range * (double)n_bars) : 0;

                bars.counts[SMOOTHINGS + 1 + MIN(at, n_bars - 1)]++;
        }
        return bars;
}

static void smooth(Bars *bars)
{
        double before = 0;

        for (size_t i = 1; i + 1 < COUNT(bars->counts); i++) {
                double here = bars->counts[i];

                bars->counts[i] = (before + here + bars->counts[i + 1]) / 3;
                before = here;
        }
}

double modal_value(const double *sorted, size_t n)
{
        Outliers o = outliers_of(sorted, n);
        double iqr = o.quartile_high - o.quartile_low;
        double highest = 0, steps = 0;
        Bars bars;

        if (n < MODAL_VALUE_MIN_N || !(iqr > 0))
                return (double)NAN;
        bars = bars_of(sorted + o.severe_low, n - o.severe_low - o.severe_high,
                       iqr / cbrt((double)n));
        for (int i = 0; i < SMOOTHINGS; i++)
                smooth(&bars);
        for (size_t i = 1; i < COUNT(bars.counts); i++) {
                highest = fmax(highest, bars.counts[i]);
                steps += fabs(bars.counts[i] - bars.counts[i - 1]);
        }
        return steps / highest;
}

static double median_of_half(const double *x, size_t n, Arena *scratch)
{
        double *sorted = new (scratch, double, n);

        memcpy(sorted, x, n * sizeof(*x));
        sort_doubles(sorted, n);
        return median_sorted(sorted, n);
}

Drift drift_of(const double *x, size_t n, Arena *scratch)
{
        Drift drift = { .change = (double)NAN, .p = (double)NAN };
        Mark mark = arena_mark(scratch);
        size_t half = n / 2;
        double before;

        if (n < DRIFT_MIN_N)
                return drift;
        before = median_of_half(x, half, scratch);
        if (before > 0)
                drift.change = median_of_half(x + n - half, half, scratch) / before - 1;
        drift.p = mann_whitney(x, half, x + n - half, half, scratch).p;
        arena_reset(scratch, mark);
        return drift;
}
