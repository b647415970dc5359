/* The scan for splits: normal scores, a guard against autocorrelation, intervals of all scales. */
#include "stats/change_point_int.h"

#include "stats/normal.h"

#include <math.h>
#include <stdlib.h>

typedef struct Placed {
        double value;
        size_t at;
} Placed;

static int by_value(const void *a, const void *b)
{
        const Placed *x = a, *y = b;

        return (x->value > y->value) - (x->value < y->value);
}

/* Blom 1958: close to what the i-th of n normal values is expected to be. */
static double blom(size_t i, size_t n)
{
        return normal_quantile(((double)i + 0.625) / ((double)n + 0.25));
}

/* The scores in rising order, scaled to variance 1: the lower half mirrors the upper. */
static void fill_scores(double *scores, size_t n)
{
        double squares = 0, scale;

        for (size_t i = 0; i < n / 2; i++) {
                scores[i] = blom(i, n);
                squares += 2 * scores[i] * scores[i];
        }
        scale = sqrt((double)n / squares);
        for (size_t i = 0; i < n / 2; i++) {
                scores[i] *= scale;
                scores[n - 1 - i] = -scores[i];
        }
}

/* Equals share the mean of their scores: sums over whole groups stay, the variance shrinks. */
static void share_scores(const Placed *order, const double *scores, size_t n, double *sums)
{
        for (size_t first = 0, past; first < n; first = past) {
                double total = 0;

                for (past = first; past < n && order[past].value <= order[first].value; past++)
                        total += scores[past];
                for (size_t i = first; i < past; i++)
                        sums[order[i].at + 1] = total / (double)(past - first);
        }
}

Scores change_scores(const double *x, size_t n, Arena *scratch)
{
        double *sums = new_try(scratch, double, n + 1);
        double *scores = new_try(scratch, double, n);
        Placed *order = new_try(scratch, Placed, n);

        if (!sums || !scores || !order || n < 2)
                return (Scores){ 0 };
        for (size_t i = 0; i < n; i++)
                order[i] = (Placed){ x[i], i };
        qsort(order, n, sizeof(*order), by_value);
        fill_scores(scores, n);
        share_scores(order, scores, n, sums);
        for (size_t i = 0; i < n; i++)
                sums[i + 1] += sums[i];
        return (Scores){ sums, n };
}

#define LAGS 4
#define MOST_CORRELATION 0.95

double change_score(Scores s, size_t i)
{
        return s.sums[i + 1] - s.sums[i];
}

static double square(double x)
{
        return x * x;
}

/* Hoare's selection, the middle as pivot. */
void change_put_in_place(double *x, size_t n, size_t at)
{
        ptrdiff_t low = 0, high = (ptrdiff_t)n - 1;

        while (low < high) {
                double pivot = x[low + (high - low) / 2];
                ptrdiff_t i = low, j = high;

                while (i <= j) {
                        while (x[i] < pivot)
                                i++;
                        while (x[j] > pivot)
                                j--;
                        if (i <= j) {
                                double kept = x[i];

                                x[i++] = x[j];
                                x[j--] = kept;
                        }
                }
                if ((ptrdiff_t)at <= j)
                        high = j;
                else if ((ptrdiff_t)at >= i)
                        low = i;
                else
                        break;
        }
}

/* Mean square of the differences at a lag; the largest 5 % of them may be steps. */
static double spread_at(Scores s, size_t lag, size_t split, double *room)
{
        size_t n = 0, whole;
        double sum = 0, kept;

        for (size_t i = 0; i + lag < s.n; i++)
                if (i >= split || i + lag < split)
                        room[n++] = square(change_score(s, i + lag) - change_score(s, i));
        if (n == 0)
                return 0;
        kept = 0.95 * (double)n;
        whole = (size_t)kept;
        change_put_in_place(room, n, whole);
        for (size_t i = 0; i < whole; i++)
                sum += room[i];
        return (sum + (kept - (double)whole) * room[whole]) / kept;
}

/* (1 - r^h) / (1 - r), averaged over the lags from 2: how the spread grows with the lag. */
static double growth(double r)
{
        double sum = 0, power = r, total = 1;

        for (size_t lag = 2; lag <= LAGS; lag++) {
                total += power;
                power *= r;
                sum += total;
        }
        return sum / (LAGS - 1);
}

static double correlation_of_growth(double seen)
{
        double low = -0.9, high = 1;

        for (size_t i = 0; i < 40; i++) {
                double middle = (low + high) / 2;

                if (growth(middle) < seen)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

double change_guarded_correlation(Scores s, size_t split, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        double *room = new (scratch, double, s.n);
        double near = spread_at(s, 1, split, room), far = 0, r = 0;

        for (size_t lag = 2; lag <= LAGS; lag++)
                far += spread_at(s, lag, split, room) / (LAGS - 1);
        if (near > 0)
                r = correlation_of_growth(far / near);
        arena_reset(scratch, mark);
        return fmin(fmax(r + CHANGE_GUARD / sqrt((double)s.n), 0), MOST_CORRELATION);
}

/* Var of a sum of l values of an AR(1) with variance 1. */
static double sum_variance(double l, double r, double power)
{
        return l * (1 + r) / (1 - r) - 2 * r * (1 - power) / square(1 - r);
}

/* The variance of an AR(1) of which n values have variance 1 about their own mean. */
static double true_variance(size_t n, double r)
{
        double size = (double)n;

        return 1 / (1 - sum_variance(size, r, pow(r, size)) / square(size));
}

/* Var of the contrast of the first l and the other values of an interval, for variance 1. */
static double contrast_variance(double l, double length, double r, double power, double rest_power)
{
        double share = l / length, other = length - l;
        double both = r * (1 - power) * (1 - rest_power) / square(1 - r);

        return square(1 - share) * sum_variance(l, r, power) +
               square(share) * sum_variance(other, r, rest_power) - 2 * share * (1 - share) * both;
}

/* Symmetric, so half of them is stored: weights[l] for l up to length / 2. */
static void fill_weights(double *weights, size_t length, double r, double variance)
{
        double size = (double)length, power = 1, total = pow(r, size);

        for (size_t l = 1; l <= length / 2; l++) {
                double rest;

                power *= r;
                rest = total > 0 ? total / power : 0;
                weights[l] =
                        1 / sqrt(variance * contrast_variance((double)l, size, r, power, rest));
        }
}

static Split best_split(Scores s, size_t low, size_t length, size_t min_segment,
                        const double *weights)
{
        const double *sums = s.sums + low;
        double mean = (sums[length] - sums[0]) / (double)length;
        Split best = { low, low, low + length, 0 };

        for (size_t l = min_segment; l + min_segment <= length; l++) {
                double contrast = fabs(sums[l] - sums[0] - (double)l * mean);
                double z = contrast * weights[MIN(l, length - l)];

                if (z > best.z) {
                        best.z = z;
                        best.at = low + l;
                }
        }
        return best;
}

static int scan_length(Scores s, size_t length, size_t intervals, Scan *scan, Splits *kept,
                       double *weights, Arena *scratch)
{
        fill_weights(weights, length, scan->correlation, true_variance(s.n, scan->correlation));
        for (size_t i = 0; i < intervals; i++) {
                size_t low = intervals > 1 ? i * (s.n - length) / (intervals - 1) : 0;
                Split split = best_split(s, low, length, scan->min_segment, weights);

                scan->work += length;
                if (split.z > scan->best.z)
                        scan->best = split;
                if (split.z >= scan->least) {
                        Split *slot = vec_add(scratch, kept);

                        if (!slot)
                                return -1;
                        *slot = split;
                }
        }
        return 0;
}

/* Seeded intervals: lengths shrink by the square root of two, neighbours overlap by half. */
static int scan_intervals(Scores s, Scan *scan, Arena *scratch, Error *err)
{
        size_t shortest = 2 * scan->min_segment, length = s.n;
        Splits kept = VEC_INIT(CHANGE_MOST_VALUES);
        double *weights = new_try(scratch, double, s.n / 2 + 1);

        scan->best = (Split){ 0 };
        for (double exact = (double)s.n; s.n >= shortest; exact *= M_SQRT1_2) {
                size_t intervals;

                length = MAX((size_t)ceil(exact), shortest);
                intervals = 2 * (size_t)ceil((double)s.n / (double)length) - 1;
                if (!weights || scan_length(s, length, intervals, scan, &kept, weights, scratch))
                        return fail(err, ERR_LIMIT, "too little memory to scan %zu values", s.n);
                if (length == shortest)
                        break;
        }
        scan->kept = kept.items;
        scan->n_kept = kept.len;
        return 0;
}

int change_by_ranks(Scores s, size_t min_segment, Scan *ret, Arena *scratch, Error *err)
{
        Scan plain = { .min_segment = min_segment, .least = HUGE_VAL };

        if (scan_intervals(s, &plain, scratch, err) < 0)
                return -err->code;
        ret->likeliest = plain.best.at;
        ret->correlation = change_guarded_correlation(s, ret->likeliest, scratch);
        ret->min_segment = min_segment;
        ret->work = plain.work;
        return scan_intervals(s, ret, scratch, err);
}

Split change_likeliest(Scores s, size_t min_segment)
{
        Split best = { 0, 0, s.n, 0 };

        for (size_t l = min_segment; l + min_segment <= s.n; l++) {
                double size = (double)s.n, left = (double)l;
                double z = fabs(s.sums[l]) / sqrt(left * (size - left) / size);

                if (z > best.z) {
                        best.z = z;
                        best.at = l;
                }
        }
        return best;
}
