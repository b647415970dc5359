#include "stats/quantile.h"

#include "stats/normal.h"

#include <math.h>
#include <stdlib.h>

/* NaN last, so that the order is total. */
static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        if (isnan(x) || isnan(y))
                return isnan(x) - isnan(y);
        return (x > y) - (x < y);
}

void sort_doubles(double *x, size_t n)
{
        if (n > 1)
                qsort(x, n, sizeof(*x), by_value);
}

double quantile_sorted(const double *sorted, size_t n, double q)
{
        return n ? sorted[nearest_rank(n, q) - 1] : nan("");
}

double median_sorted(const double *sorted, size_t n)
{
        if (n == 0)
                return nan("");
        if (n % 2)
                return sorted[n / 2];
        return sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
}

/* What the whole sample leaves out: all of it on one side of the quantile. */
static double missed_by_all(size_t n, double q)
{
        return pow(q, (double)n) + pow(1 - q, (double)n);
}

size_t quantile_min_n(double q, double confidence)
{
        size_t low = 0, high = 1;

        if (!(q > 0 && q < 1 && confidence < 1))
                return SIZE_MAX;
        while (missed_by_all(high, q) > 1 - confidence) {
                if (high > SIZE_MAX / 4)
                        return SIZE_MAX;
                low = high;
                high *= 2;
        }
        while (high - low > 1) {
                size_t middle = low + (high - low) / 2;

                if (missed_by_all(middle, q) > 1 - confidence)
                        low = middle;
                else
                        high = middle;
        }
        return high;
}

/* The largest l in 0..n with P(X <= l - 1) <= room, X binomial: 0 when not even l = 1 fits. */
static size_t lower_rank(size_t n, double q, double room)
{
        size_t low = 0, high = n + 1;

        while (high - low > 1) {
                size_t middle = low + (high - low) / 2;

                if (binomial_cdf(middle - 1, n, q) <= room)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

/* Equal tails; where one side has no rank to give (p99 of 299), the other takes what is left. */
void quantile_interval_ranks(size_t n, double q, double confidence, size_t *ret_low,
                             size_t *ret_high, double *ret_confidence)
{
        double alpha = 1 - confidence;
        size_t low, from_top;

        *ret_low = *ret_high = 0;
        *ret_confidence = 0;
        if (n < 2 || n < quantile_min_n(q, confidence))
                return;
        low = lower_rank(n, q, alpha / 2);
        from_top = lower_rank(n, 1 - q, alpha / 2);
        if (low == 0 && from_top == 0)
                return;
        if (from_top == 0) {
                from_top = 1;
                low = lower_rank(n, q, alpha - pow(q, (double)n));
        } else if (low == 0) {
                low = 1;
                from_top = lower_rank(n, 1 - q, alpha - pow(1 - q, (double)n));
        }
        low = MAX(low, (size_t)1);
        from_top = MAX(from_top, (size_t)1);
        *ret_low = low;
        *ret_high = n + 1 - from_top;
        *ret_confidence = 1 - binomial_cdf(low - 1, n, q) - binomial_cdf(from_top - 1, n, 1 - q);
}

Interval quantile_interval(const double *sorted, size_t n, double q, double confidence)
{
        Interval interval = INTERVAL_NONE;
        size_t low, high;

        quantile_interval_ranks(n, q, confidence, &low, &high, &interval.confidence);
        if (low) {
                interval.low = sorted[low - 1];
                interval.high = sorted[high - 1];
        }
        return interval;
}

Interval hist_quantile_interval(const Hist *h, double q, double confidence)
{
        Interval interval = INTERVAL_NONE;
        size_t low, high;

        quantile_interval_ranks(h->total, q, confidence, &low, &high, &interval.confidence);
        if (low) {
                interval.low = (double)hist_rank_low(h, low);
                interval.high = (double)hist_rank_value(h, high);
        }
        return interval;
}

static double mean_of(const double *x, size_t n)
{
        double sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += x[i];
        return sum / (double)n;
}

double autocorrelation(const double *x, size_t n)
{
        double mean, products = 0, squares = 0;

        if (n < 2)
                return 0;
        mean = mean_of(x, n);
        for (size_t i = 0; i < n; i++) {
                squares += (x[i] - mean) * (x[i] - mean);
                if (i)
                        products += (x[i] - mean) * (x[i - 1] - mean);
        }
        return squares > 0 ? products / squares : 0;
}

double effective_n(const double *x, size_t n)
{
        double r = autocorrelation(x, n), size = (double)n;

        return fmax(fmin(size, size * (1 - r) / (1 + r)), fmin(size, 1));
}

#define BATCH 5
#define FEWEST_BATCHES 4

/* From the end backwards, so that each d adds one batch to a running mean and spread. */
size_t warmup_mser5(const double *x, size_t n)
{
        size_t batches = n / BATCH, best = 0;
        double mean = 0, squares = 0, best_score = HUGE_VAL;

        if (batches < FEWEST_BATCHES)
                return 0;
        for (size_t d = batches; d-- > 0;) {
                double batch = mean_of(x + d * BATCH, BATCH), kept = (double)(batches - d);
                double step = batch - mean, score;

                mean += step / kept;
                squares += step * (batch - mean);
                score = squares / (kept * kept);
                if (d <= batches / 2 && score <= best_score) {
                        best_score = score;
                        best = d;
                }
        }
        return best == batches / 2 ? n : best * BATCH;
}
