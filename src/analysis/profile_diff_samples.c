/* Fewer than four profiles a side: the samples within them, for less than they seem. */
#include "analysis/profile_diff_int.h"

#include <math.h>
#include <stdlib.h>

#include "stats/normal.h"
#include "stats/rank.h"
#include "stats/share.h"

#define POWER 0.8

static int by_time(const void *a, const void *b)
{
        const ProfileSample *x = a, *y = b;

        if (x->time_ns != y->time_ns)
                return x->time_ns < y->time_ns ? -1 : 1;
        return x->node < y->node ? -1 : x->node > y->node;
}

/* Batches need some samples each, and all of them to speak for the run. */
static bool knows_times(const Profile *p)
{
        return p->samples.len >= (size_t)DIFF_BATCHES * 2 &&
               p->quality.untimed * 2 < p->samples.len;
}

static ProfileSample *in_time(const Profile *p, Arena *scratch)
{
        ProfileSample *sorted = new_try(scratch, ProfileSample, p->samples.len);

        if (!sorted)
                return NULL;
        memcpy(sorted, p->samples.items, p->samples.len * sizeof(*sorted));
        qsort(sorted, p->samples.len, sizeof(*sorted), by_time);
        return sorted;
}

/* Adds, per row, samples per independent one in this run: the variance of its share between
 * stretches against what chance would give. */
static int clumps_of(const ProfileDiff *d, const DiffView *view, DiffSums *sums, double *clumps,
                     Arena *scratch, Error *err)
{
        const Profile *p = view->profile;
        double *weights = new_try(scratch, double, p->nodes.len), size;
        double *sum = new_try(scratch, double, d->rows.len);
        double *squares = new_try(scratch, double, d->rows.len);
        const ProfileSample *sorted = in_time(p, scratch);

        if (!weights || !sum || !squares || !sorted)
                return fail(err, ERR_LIMIT, "%zu samples do not fit", p->samples.len);
        size = (double)p->samples.len / DIFF_BATCHES;
        for (size_t batch = 0; batch < DIFF_BATCHES; batch++) {
                size_t from = batch * p->samples.len / DIFF_BATCHES;
                size_t to = (batch + 1) * p->samples.len / DIFF_BATCHES;

                memset(weights, 0, p->nodes.len * sizeof(*weights));
                for (size_t i = from; i < to; i++)
                        if (sorted[i].node < p->nodes.len)
                                weights[sorted[i].node] += 1 / (double)(to - from);
                diff_sums_fill(d, view, weights, sums);
                for (size_t k = 0; k < d->rows.len; k++) {
                        double share = diff_sums_of(sums, &d->rows.items[k]);

                        sum[k] += share;
                        squares[k] += share * share;
                }
        }
        for (size_t k = 0; k < d->rows.len; k++) {
                double mean = sum[k] / DIFF_BATCHES, chance = mean * (1 - mean) / size;
                double seen = (squares[k] - sum[k] * mean) / (DIFF_BATCHES - 1);

                clumps[k] += chance > 0 ? seen / chance : 1;
        }
        return 0;
}

/* Twenty stretches tell a variance badly: no row counts as less clumped than the middle one. */
static void settle_clumps(double *clumps, size_t rows, size_t known, double least, Arena *scratch)
{
        double *sorted = new (scratch, double, rows);

        for (size_t k = 0; k < rows; k++)
                sorted[k] = clumps[k] = known ? clumps[k] / (double)known : least;
        sort_doubles(sorted, rows);
        for (size_t k = 0; k < rows; k++)
                clumps[k] = fmax(clumps[k], fmax(least, median_sorted(sorted, rows)));
}

int diff_clumps(const ProfileDiff *d, const DiffView *views, size_t n, Arena *scratch, double **ret,
                Error *err)
{
        double *clumps = new_try(scratch, double, d->rows.len);
        size_t known = 0;
        DiffSums sums;
        int r = diff_sums_new(d, scratch, &sums, err);

        if (r == 0 && !clumps)
                r = fail(err, ERR_LIMIT, "%zu rows do not fit", d->rows.len);
        for (size_t i = 0; r == 0 && i < n; i++) {
                if (!knows_times(views[i].profile))
                        continue;
                r = clumps_of(d, &views[i], &sums, clumps, scratch, err);
                known++;
        }
        if (r == 0)
                settle_clumps(clumps, d->rows.len, known, known < n ? DIFF_CLUMPING : 1, scratch);
        *ret = clumps;
        return r;
}

typedef struct Sides {
        DiffBasis basis;
        double wander;
        double runs[2], samples[2];
} Sides;

/* Independent samples that a side is worth in a row: chance on the samples there are, and what
 * wanders from run to run, which more samples do not reduce. */
static double worth(const Sides *s, int side, double share, double clumps)
{
        double wander = s->wander * s->wander * diff_chance(s->basis, share) / s->runs[side];

        return 1 / (clumps / s->samples[side] + wander);
}

/* Never none and never all: as if one more sample had been half in the row. */
static double drawn_in(double share, double n)
{
        return (share * n + 0.5) / (n + 1);
}

static double variance_of(const Sides *s, int side, double share, double clumps)
{
        double p = drawn_in(share, s->samples[side] / clumps);

        return diff_chance(s->basis, p) / worth(s, side, p, clumps);
}

/* How far the runs of each side lie from each other, over all rows: more than chance and more than
 * the least that is always allowed for? */
static double wander_of(const ProfileDiff *d, const DiffMatrix *m)
{
        size_t n = m->n_a + m->n_b, first[] = { 0, m->n_a, n };
        double seen = 0, chance = 0, squares = 0;

        for (size_t k = 0; k < d->rows.len && n > 2; k++) {
                const double means[] = { d->rows.items[k].a, d->rows.items[k].b };
                double each = diff_chance(d->plan.basis, m->pooled[k]);

                for (int side = 0; side < 2; side++)
                        for (size_t i = first[side]; i < first[side + 1]; i++) {
                                double off = m->values[k * n + i] - means[side];

                                seen += off * off / (double)(n - 2);
                                chance += m->clumps[k] * each / m->samples[i] / (double)n;
                        }
                squares += each * each;
        }
        return sqrt(fmax(squares > 0 ? (seen - chance) / squares : 0, DIFF_WANDER * DIFF_WANDER));
}

static double conditional_test(double x_a, double n_a, double x_b, double n_b)
{
        uint64_t all = (uint64_t)llround(x_a) + (uint64_t)llround(x_b);
        uint64_t b = (uint64_t)llround(x_b);
        double part = n_b / (n_a + n_b);
        double below = binomial_cdf(b, all, part);
        double above = b ? 1 - binomial_cdf(b - 1, all, part) : 1;

        return all ? fmin(1, 2 * fmin(below, above)) : 1;
}

static double test_of(const Sides *s, const DiffRow *row, double pooled, double clumps)
{
        double p = drawn_in(pooled, s->samples[0] + s->samples[1]);
        double n_a = worth(s, 0, p, clumps), n_b = worth(s, 1, p, clumps);

        if (s->basis != DIFF_SHARE)
                return conditional_test(row->a * n_a, n_a, row->b * n_b, n_b);
        return share_test((uint64_t)llround(row->a * floor(n_a)), (uint64_t)n_a,
                          (uint64_t)llround(row->b * floor(n_b)), (uint64_t)n_b);
}

static Interval side_interval(const Sides *s, int side, double share, double clumps, double alpha)
{
        double n = worth(s, side, drawn_in(share, s->samples[side] / clumps), clumps);
        double half = normal_quantile(1 - alpha / 2) * sqrt(variance_of(s, side, share, clumps));

        if (s->basis == DIFF_SHARE && n >= 1)
                return share_interval((uint64_t)llround(share * floor(n)), (uint64_t)n, 1 - alpha);
        return (Interval){ fmax(share - half, 0), share + half, 1 - alpha };
}

static Interval around(double middle, double error, double alpha)
{
        double half = normal_quantile(1 - alpha / 2) * error;

        return (Interval){ middle - half, middle + half, 1 - alpha };
}

void diff_judge_samples(ProfileDiff *d, const DiffMatrix *m, Arena *scratch)
{
        Sides s = { .basis = d->plan.basis, .wander = wander_of(d, m) };
        double alpha = d->plan.alpha, rows = (double)MAX(d->rows.len, (size_t)1), sum = 0;
        double *p = new (scratch, double, d->rows.len);

        s.runs[0] = (double)m->n_a;
        s.runs[1] = (double)m->n_b;
        for (size_t i = 0; i < m->n_a + m->n_b; i++)
                s.samples[i >= m->n_a] += m->samples[i];
        for (size_t k = 0; k < d->rows.len; k++) {
                DiffRow *row = &d->rows.items[k];
                double clumps = m->clumps[k];
                double error = sqrt(variance_of(&s, 0, row->a, clumps) +
                                    variance_of(&s, 1, row->b, clumps));

                row->a_interval = side_interval(&s, 0, row->a, clumps, alpha);
                row->b_interval = side_interval(&s, 1, row->b, clumps, alpha);
                row->interval = around(row->change, error, alpha);
                row->equivalence = around(row->change, error, 2 * alpha);
                row->mde = error * (normal_quantile(1 - alpha / rows / 2) + normal_quantile(POWER));
                p[k] = test_of(&s, row, m->pooled[k], clumps);
                sum += clumps;
        }
        holm_adjust(p, d->rows.len, scratch);
        for (size_t k = 0; k < d->rows.len; k++)
                d->rows.items[k].p = p[k];
        d->wander = s.wander;
        d->a.clumps = d->b.clumps = sum / rows;
}
