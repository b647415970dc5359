#include "stats/rank.h"

#include "stats/normal.h"
#include "stats/rank_int.h"

#include <math.h>
#include <stdlib.h>

typedef struct Ranked {
        double value;
        bool mine; /* of the sample whose ranks are summed, or positive */
} Ranked;

static int by_value(const void *a, const void *b)
{
        double x = ((const Ranked *)a)->value, y = ((const Ranked *)b)->value;

        return (x > y) - (x < y);
}

typedef struct RankSums {
        unsigned *doubled; /* twice the mid-rank of each */
        uint64_t mine;     /* sum of the doubled ranks of mine */
        double ties;       /* sum of t^3 - t over groups of equals */
} RankSums;

/* Mid-ranks are halves at worst, so twice a mid-rank is whole: (first + last) of its group. */
static RankSums rank_all(Ranked *items, size_t n, Arena *scratch)
{
        RankSums sums = { .doubled = new (scratch, unsigned, n) };

        qsort(items, n, sizeof(*items), by_value);
        for (size_t first = 0, past; first < n; first = past) {
                double t;

                for (past = first + 1; past < n && items[past].value <= items[first].value;)
                        past++;
                t = (double)(past - first);
                sums.ties += t * t * t - t;
                for (size_t i = first; i < past; i++) {
                        sums.doubled[i] = (unsigned)(first + 1 + past);
                        sums.mine += items[i].mine ? first + 1 + past : 0;
                }
        }
        return sums;
}

static double choose(size_t n, size_t k)
{
        double ways = 1;

        for (size_t i = 1; i <= k && isfinite(ways); i++)
                ways = ways * (double)(n - k + i) / (double)i;
        return ways;
}

static double two_sided_normal(double distance, double sigma)
{
        double z = fmax(distance - 0.5, 0) / sigma;

        return sigma > 0 ? fmin(2 * normal_cdf(-z), 1) : 1;
}

static double mann_whitney_normal(double u, double nx, double ny, double ties)
{
        double n = nx + ny;
        double variance = nx * ny / 12 * ((n + 1) - ties / (n * (n - 1)));

        return two_sided_normal(fabs(u - nx * ny / 2), sqrt(variance));
}

/* The smaller sample's rank sum says as much as the larger's and has fewer subsets. */
static double mann_whitney_exact(RankSums sums, size_t nx, size_t ny, Arena *scratch)
{
        size_t n = nx + ny, size = MIN(nx, ny);
        size_t sum = (size_t)(nx <= ny ? sums.mine : n * (n + 1) - sums.mine);

        return null_two_sided(null_of_subsets(sums.doubled, n, size, scratch), 2 * size * (n + 1),
                              sum);
}

RankTest mann_whitney(const double *x, size_t nx, const double *y, size_t ny, Arena *scratch)
{
        RankTest test = { .statistic = nan(""), .p = 1, .min_p = 1 };
        Mark mark = arena_mark(scratch);
        Ranked *all;
        RankSums sums;

        if (nx == 0 || ny == 0)
                return test;
        all = new (scratch, Ranked, nx + ny);
        for (size_t i = 0; i < nx + ny; i++)
                all[i] = (Ranked){ i < nx ? x[i] : y[i - nx], i < nx };
        sums = rank_all(all, nx + ny, scratch);
        test.statistic = ((double)sums.mine - (double)nx * ((double)nx + 1)) / 2;
        test.min_p = fmin(2 / choose(nx + ny, MIN(nx, ny)), 1);
        test.exact = MAX(nx, ny) <= RANK_EXACT_MAX;
        test.p = test.exact
                         ? mann_whitney_exact(sums, nx, ny, scratch)
                         : mann_whitney_normal(test.statistic, (double)nx, (double)ny, sums.ties);
        arena_reset(scratch, mark);
        return test;
}

/* The variance of W+ given its ties: the sum of the squared mid-ranks, over 4. */
static double signed_rank_normal(RankSums sums, size_t n, double w)
{
        double squares = 0;

        for (size_t i = 0; i < n; i++)
                squares += (double)sums.doubled[i] * sums.doubled[i] / 4;
        return two_sided_normal(fabs(w - (double)n * ((double)n + 1) / 4), sqrt(squares / 4));
}

RankTest wilcoxon_signed_rank(const double *differences, size_t n, Arena *scratch)
{
        RankTest test = { .p = 1, .exact = true, .min_p = 1 };
        Mark mark = arena_mark(scratch);
        Ranked *sizes = new (scratch, Ranked, n);
        size_t kept = 0;
        RankSums sums;

        for (size_t i = 0; i < n; i++)
                if (differences[i] < 0 || differences[i] > 0)
                        sizes[kept++] = (Ranked){ fabs(differences[i]), differences[i] > 0 };
        sums = rank_all(sizes, kept, scratch);
        test.statistic = (double)sums.mine / 2;
        test.min_p = n ? fmin(ldexp(2, -(int)MIN(n, (size_t)2000)), 1) : 1;
        test.exact = kept <= RANK_EXACT_MAX;
        if (!test.exact)
                test.p = signed_rank_normal(sums, kept, test.statistic);
        else if (kept)
                test.p = null_two_sided(null_of_signs(sums.doubled, kept, scratch),
                                        kept * (kept + 1), (size_t)sums.mine);
        arena_reset(scratch, mark);
        return test;
}

RankTest sign_test(const double *differences, size_t n)
{
        size_t up = 0, down = 0;

        for (size_t i = 0; i < n; i++) {
                up += differences[i] > 0;
                down += differences[i] < 0;
        }
        return (RankTest){
                .statistic = (double)up,
                .p = fmin(2 * binomial_cdf(MIN(up, down), up + down, 0.5), 1),
                .exact = true,
                .min_p = n ? fmin(ldexp(2, -(int)MIN(n, (size_t)2000)), 1) : 1,
        };
}

/* How many of the sorted values are below `limit`, or at most `limit`. */
static size_t count_below(const double *sorted, size_t n, double limit, bool or_equal)
{
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (sorted[middle] < limit || (or_equal && sorted[middle] <= limit))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

double cliffs_delta(const double *x, size_t nx, const double *y, size_t ny, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        double *sorted = new (scratch, double, nx);
        uint64_t doubled_u = 0; /* 2 for each x below y, 1 for each equal */

        for (size_t i = 0; i < nx; i++)
                sorted[i] = x[i];
        sort_doubles(sorted, nx);
        for (size_t j = 0; j < ny; j++)
                doubled_u +=
                        count_below(sorted, nx, y[j], false) + count_below(sorted, nx, y[j], true);
        arena_reset(scratch, mark);
        return nx && ny ? (double)doubled_u / ((double)nx * (double)ny) - 1 : nan("");
}

typedef struct Looked {
        double p;
        size_t at;
} Looked;

static int by_p(const void *a, const void *b)
{
        double x = ((const Looked *)a)->p, y = ((const Looked *)b)->p;

        return (x > y) - (x < y);
}

void holm_adjust(double *p, size_t n, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        Looked *looks = new (scratch, Looked, n);
        size_t m = 0;
        double highest = 0;

        for (size_t i = 0; i < n; i++)
                if (!isnan(p[i]))
                        looks[m++] = (Looked){ p[i], i };
        qsort(looks, m, sizeof(*looks), by_p);
        for (size_t i = 0; i < m; i++) {
                highest = fmax(highest, fmin(looks[i].p * (double)(m - i), 1));
                p[looks[i].at] = highest;
        }
        arena_reset(scratch, mark);
}
