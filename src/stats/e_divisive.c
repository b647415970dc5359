/* E-divisive as Hunter and otava run it, to compare with: sliding windows of 50 values that advance
 * by 25, in each the split tau and the end kappa where the energy distance Q is greatest, a t-test
 * at ten times the level, and a pass that merges what does not hold between its neighbours.
 *
 *     Q(X, Y) = 2/(m+n) sum |Xi - Yj| - 2m/((m+n)(n-1)) sum |Xi - Xk| - 2n/((m+n)(m-1)) sum |Yj -
 * Yk|
 *
 * with X the n values before tau and Y the m values from tau to kappa (Matteson and James 2014).
 * The t-test takes population variances where sample variances belong, and its p-value knows
 * nothing of the search: both as the originals do.
 */
#include "stats/change_point_int.h"

#include "stats/normal.h"

#include <math.h>
#include <string.h>

#define WINDOW 50
#define STEP 25
#define WEAK 10 /* times the level, before merging */

/* sums[i][j]: of |x_a - x_b| over all a < i, b < j. */
typedef struct Distances {
        double sums[WINDOW + 1][WINDOW + 1];
} Distances;

static void fill_distances(Distances *d, const double *x, size_t n)
{
        for (size_t i = 0; i <= n; i++)
                for (size_t j = 0; j <= n; j++)
                        d->sums[i][j] = i && j ? d->sums[i - 1][j] + d->sums[i][j - 1] -
                                                         d->sums[i - 1][j - 1] +
                                                         fabs(x[i - 1] - x[j - 1])
                                               : 0;
}

static double between(const Distances *d, size_t a, size_t b, size_t c, size_t e)
{
        return d->sums[b][e] - d->sums[a][e] - d->sums[b][c] + d->sums[a][c];
}

static double energy(const Distances *d, size_t low, size_t tau, size_t kappa)
{
        double n = (double)(tau - low), m = (double)(kappa - tau);
        double within_x = between(d, low, tau, low, tau) / 2;
        double within_y = between(d, tau, kappa, tau, kappa) / 2;

        return (2 * between(d, low, tau, tau, kappa) - 2 * m / fmax(n - 1, 1) * within_x -
                2 * n / fmax(m - 1, 1) * within_y) /
               (m + n);
}

static Split most_energy(const Distances *d, size_t low, size_t high, size_t *work)
{
        Split best = { low, low, high, 0 };

        for (size_t tau = low + 1; tau + 1 <= high; tau++)
                for (size_t kappa = tau + 1; kappa <= high; kappa++) {
                        double q = energy(d, low, tau, kappa);

                        (*work)++;
                        if (q > best.z) {
                                best.z = q;
                                best.at = tau;
                        }
                }
        return best;
}

typedef struct Moments {
        double mean, variance; /* divided by n, not n - 1 */
} Moments;

static Moments moments_of(const double *x, size_t n)
{
        Moments m = { 0 };

        for (size_t i = 0; i < n; i++)
                m.mean += x[i] / (double)n;
        for (size_t i = 0; i < n; i++)
                m.variance += (x[i] - m.mean) * (x[i] - m.mean) / (double)n;
        return m;
}

/* Student's t with pooled variance. */
static double t_test(const double *x, size_t low, size_t at, size_t high)
{
        Moments a = moments_of(x + low, at - low), b = moments_of(x + at, high - at);
        double n = (double)(at - low), m = (double)(high - at), degrees = n + m - 2;
        double pooled = ((n - 1) * a.variance + (m - 1) * b.variance) / degrees;

        if (degrees < 1)
                return 1;
        if (!(pooled > 0))
                return a.mean < b.mean || a.mean > b.mean ? 0 : 1;
        return student_two_sided((b.mean - a.mean) / sqrt(pooled * (1 / n + 1 / m)), degrees);
}

/* The points of one window, added in the order of their energy until one does not hold; cuts are
 * its ends and points in rising order. */
typedef struct Cuts {
        size_t at[WINDOW + 1], n;
} Cuts;

static void add_cut(Cuts *cuts, size_t at)
{
        size_t i = cuts->n++;

        for (; i > 0 && cuts->at[i - 1] > at; i--)
                cuts->at[i] = cuts->at[i - 1];
        cuts->at[i] = at;
}

static Cuts split_window(const double *x, size_t n, double alpha, Distances *d, size_t *work)
{
        Cuts cuts = { { 0, n }, 2 };

        fill_distances(d, x, n);
        for (;;) {
                Split best = { 0 };

                for (size_t i = 0; i + 1 < cuts.n; i++) {
                        Split split = most_energy(d, cuts.at[i], cuts.at[i + 1], work);

                        if (split.z > best.z)
                                best = split;
                }
                if (!(best.z > 0) || !(t_test(x, best.low, best.at, best.high) < alpha))
                        return cuts;
                add_cut(&cuts, best.at);
        }
}

static int split_all(Search *s, const double *x, size_t n, FoundList *ret, Arena *arena, Error *err)
{
        Distances *d = new (s->scratch, Distances, 1);

        for (size_t start = 0; start < n;) {
                size_t last = 0;
                Cuts cuts = split_window(x + start, MIN(n - start, (size_t)WINDOW), WEAK * s->alpha,
                                         d, &s->work);

                for (size_t i = 1; i + 1 < cuts.n; i++) {
                        Found *found = vec_add(arena, ret);

                        if (!found)
                                return fail(err, ERR_LIMIT, "too little memory for change points");
                        found->at = last = start + cuts.at[i];
                }
                start = MAX(last, start + STEP);
        }
        return 0;
}

static void test_between(const double *x, size_t n, FoundList *points, size_t i)
{
        size_t low = i ? points->items[i - 1].at : 0;
        size_t high = i + 1 < points->len ? points->items[i + 1].at : n;

        points->items[i].p = t_test(x, low, points->items[i].at, high);
}

/* The weakest goes until all hold. */
static void merge(const double *x, size_t n, double alpha, FoundList *points)
{
        for (size_t i = 0; i < points->len; i++)
                test_between(x, n, points, i);
        while (points->len) {
                size_t worst = 0;

                for (size_t i = 1; i < points->len; i++)
                        if (points->items[i].p > points->items[worst].p)
                                worst = i;
                if (points->items[worst].p < alpha)
                        return;
                memmove(points->items + worst, points->items + worst + 1,
                        (points->len - worst - 1) * sizeof(*points->items));
                points->len--;
                for (size_t i = worst - MIN(worst, (size_t)1); i <= worst && i < points->len; i++)
                        test_between(x, n, points, i);
        }
}

/* Scaled to at most 1, so that no square overflows. */
static const double *scaled(const double *x, size_t n, Arena *scratch)
{
        double *values = new (scratch, double, n), most = 0;

        for (size_t i = 0; i < n; i++)
                most = fmax(most, fabs(x[i]));
        for (size_t i = 0; i < n; i++)
                values[i] = most > 0 ? x[i] / most : 0;
        return values;
}

int change_search_e_divisive(Search *s, FoundList *ret, Arena *arena, Error *err)
{
        size_t n = s->n - s->low;
        const double *x = scaled(s->x + s->low, n, s->scratch);

        if (split_all(s, x, n, ret, arena, err) < 0)
                return -err->code;
        merge(x, n, s->alpha, ret);
        vec_each (Found, it, ret)
                it->at += s->low;
        return 0;
}
