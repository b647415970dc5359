/* Four or more profiles a side: runs are the samples. */
#include "analysis/profile_diff_int.h"

#include <math.h>
#include <stdlib.h>

#include "stats/normal.h"
#include "stats/permute.h"
#include "stats/rank.h"

#define POWER 0.8
#define NEIGHBOURS 25 /* rows of like size on each side that the expected spread is read off */
#define PRIOR_DEGREES 10
#define ROUNDING 1e-18 /* variance of shares that are the same but for their last digits */

typedef struct Ratio {
        double chance, ratio;
        size_t row;
} Ratio;

static int by_chance(const void *a, const void *b)
{
        const Ratio *x = a, *y = b;

        if (x->chance != y->chance)
                return x->chance < y->chance ? -1 : 1;
        return x->row < y->row ? -1 : x->row > y->row;
}

static double variance_of(const double *values, size_t n, double mean)
{
        double sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += (values[i] - mean) * (values[i] - mean);
        return n > 1 ? sum / (double)(n - 1) : 0;
}

/* How much more than by chance rows of this size vary over all runs, times what chance gives: the
 * same whichever side a run is on. */
static double *expected_variances(const ProfileDiff *d, const DiffMatrix *m, Arena *scratch)
{
        size_t rows = d->rows.len, n = m->n_a + m->n_b;
        double *expected = new (scratch, double, rows), *near = new (scratch, double, rows);
        Ratio *ratios = new (scratch, Ratio, rows);
        double inverse = 0; /* mean of 1 / samples */

        for (size_t i = 0; i < n; i++)
                inverse += 1 / m->samples[i] / (double)n;
        for (size_t k = 0; k < rows; k++) {
                double chance = diff_chance(d->plan.basis, m->pooled[k]) * inverse;
                double seen = variance_of(m->values + k * n, n, m->pooled[k]);

                ratios[k] = (Ratio){ chance, chance > 0 ? seen / chance : 0, k };
        }
        qsort(ratios, rows, sizeof(*ratios), by_chance);
        for (size_t k = 0; k < rows; k++) {
                size_t first = k > NEIGHBOURS ? k - NEIGHBOURS : 0;
                size_t past = MIN(k + NEIGHBOURS + 1, rows);

                for (size_t i = first; i < past; i++)
                        near[i - first] = ratios[i].ratio;
                sort_doubles(near, past - first);
                expected[ratios[k].row] =
                        ratios[k].chance * fmax(median_sorted(near, past - first), 1) + ROUNDING;
        }
        return expected;
}

/* The mean and its t interval. A spread by chance below what so many samples must have is not
 * believed. */
static Interval mean_interval(const DiffPlan *plan, const double *values, size_t n, double mean,
                              const double *samples)
{
        double least = 0, half;

        for (size_t i = 0; i < n; i++) { /* of none seen: as if one more had been half in the row */
                double share = (mean * samples[i] + 0.5) / (samples[i] + 1);

                least += diff_chance(plan->basis, share) / samples[i] / (double)n;
        }
        half = student_quantile(1 - plan->alpha / 2, (double)(n - 1)) *
               sqrt(fmax(variance_of(values, n, mean), least) / (double)n);
        return (Interval){ fmax(mean - half, 0),
                           plan->basis == DIFF_SHARE ? fmin(mean + half, 1) : mean + half,
                           1 - plan->alpha };
}

static double without_rounding(double change)
{
        return fabs(change) < 1e-9 ? 0 : change;
}

static void fill_row(const ProfileDiff *d, const DiffMatrix *m, const MaxT *t, size_t k,
                     Arena *scratch)
{
        size_t n = m->n_a + m->n_b;
        const double *a = m->values + k * n, *b = a + m->n_a;
        double degrees = (double)(n - 2 + PRIOR_DEGREES), alpha = d->plan.alpha;
        DiffRow *row = &d->rows.items[k];
        Mark mark = arena_mark(scratch);
        Shift sure = hodges_lehmann(a, m->n_a, b, m->n_b, 1 - alpha, scratch);
        Shift both = hodges_lehmann(a, m->n_a, b, m->n_b, 1 - 2 * alpha, scratch);

        row->change = without_rounding(sure.estimate);
        row->interval = sure.interval;
        row->interval.low = without_rounding(sure.interval.low);
        row->interval.high = without_rounding(sure.interval.high);
        row->equivalence = both.interval;
        row->a_interval = mean_interval(&d->plan, a, m->n_a, row->a, m->samples);
        row->b_interval = mean_interval(&d->plan, b, m->n_b, row->b, m->samples + m->n_a);
        row->p = t->adjusted_p[k];
        row->mde = t->standard_error[k] * (t->critical + student_quantile(POWER, degrees));
        arena_reset(scratch, mark);
}

int diff_judge_runs(ProfileDiff *d, const DiffMatrix *m, Arena *scratch, Error *err)
{
        MaxTPlan plan = { .values = m->values,
                          .rows = d->rows.len,
                          .n_a = m->n_a,
                          .n_b = m->n_b,
                          .priors = expected_variances(d, m, scratch),
                          .prior_degrees = PRIOR_DEGREES,
                          .alpha = d->plan.alpha,
                          .seed = d->plan.seed };
        MaxT t;
        int r = max_t(&plan, scratch, &t, err);

        if (r < 0)
                return r;
        for (size_t k = 0; k < d->rows.len; k++)
                fill_row(d, m, &t, k, scratch);
        d->exact = t.exact;
        d->ways = t.ways;
        return 0;
}
