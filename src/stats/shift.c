/* Hodges-Lehmann shifts and the intervals that invert the rank tests. */
#include "stats/normal.h"
#include "stats/rank_int.h"

#include <math.h>
#include <string.h>

/* All differences y - x, or all Walsh averages of x (ny = 0); never stored. */
typedef struct Pairs {
        const double *x, *y; /* sorted */
        size_t nx, ny;
} Pairs;

static uint64_t count_differences(const Pairs *p, double limit)
{
        uint64_t n = 0;

        for (size_t i = 0, j = 0; i < p->nx; i++) {
                while (j < p->ny && p->y[j] - p->x[i] <= limit)
                        j++;
                n += j;
        }
        return n;
}

static double average(double a, double b)
{
        return a / 2 + b / 2;
}

static uint64_t count_averages(const Pairs *p, double limit)
{
        uint64_t n = 0;
        size_t past = p->nx;

        for (size_t i = 0; i < p->nx; i++) {
                while (past > i && average(p->x[i], p->x[past - 1]) > limit)
                        past--;
                if (past <= i)
                        break;
                n += past - i;
        }
        return n;
}

static uint64_t pairs_at_most(const Pairs *p, double limit)
{
        return p->ny ? count_differences(p, limit) : count_averages(p, limit);
}

/* Doubles in rising order as integers in rising order, and back. */
static uint64_t key_of(double value)
{
        uint64_t bits, sign = UINT64_C(1) << 63;

        memcpy(&bits, &value, sizeof(bits));
        return bits & sign ? ~bits : bits | sign;
}

static double value_of(uint64_t key)
{
        uint64_t sign = UINT64_C(1) << 63, bits = key & sign ? key & ~sign : ~key;
        double value;

        memcpy(&value, &bits, sizeof(value));
        return value;
}

/* The k-th smallest pair, k from 1: the least double that k pairs do not exceed. */
static double pair_of_rank(const Pairs *p, uint64_t k)
{
        double least = p->ny ? p->y[0] - p->x[p->nx - 1] : p->x[0];
        double most = p->ny ? p->y[p->ny - 1] - p->x[0] : p->x[p->nx - 1];
        uint64_t low = key_of(least), high = key_of(most);

        while (low < high) {
                uint64_t middle = low + (high - low) / 2;

                if (pairs_at_most(p, value_of(middle)) >= k)
                        high = middle;
                else
                        low = middle + 1;
        }
        return value_of(high) + 0.0; /* -0 becomes 0 */
}

static uint64_t n_pairs(const Pairs *p)
{
        return p->ny ? (uint64_t)p->nx * p->ny : (uint64_t)p->nx * (p->nx + 1) / 2;
}

static double median_pair(const Pairs *p)
{
        uint64_t n = n_pairs(p);
        double upper = pair_of_rank(p, n / 2 + 1);

        return n % 2 ? upper : average(pair_of_rank(p, n / 2), upper);
}

static unsigned *ranks_to(size_t n, Arena *scratch)
{
        unsigned *ranks = new (scratch, unsigned, n);

        for (size_t i = 0; i < n; i++)
                ranks[i] = (unsigned)i + 1;
        return ranks;
}

static ptrdiff_t cut_exact(const Pairs *p, double tail, Arena *scratch, double *ret_probability)
{
        size_t size = MIN(p->nx, p->ny), n = p->nx + p->ny;
        unsigned *ranks = ranks_to(n, scratch);

        if (p->ny == 0)
                return null_lower_tail(null_of_signs(ranks, n, scratch), 0, tail, ret_probability);
        return null_lower_tail(null_of_subsets(ranks, n, size, scratch), size * (size + 1) / 2,
                               tail, ret_probability);
}

static ptrdiff_t cut_normal(const Pairs *p, double tail, double *ret_probability)
{
        double nx = (double)p->nx, ny = (double)p->ny, mu = (double)n_pairs(p) / 2;
        double sigma = p->ny ? sqrt(nx * ny * (nx + ny + 1) / 12)
                             : sqrt(nx * (nx + 1) * (2 * nx + 1) / 24);
        double k = floor(mu - 0.5 + normal_quantile(tail) * sigma);

        if (!(k >= 0))
                return -1;
        *ret_probability = normal_cdf((k + 0.5 - mu) / sigma);
        return (ptrdiff_t)k;
}

/* D(k+1) .. D(n-k), k the largest statistic that the test still rejects. */
static Shift shift_of(const Pairs *p, double confidence, size_t exact_max, Arena *scratch)
{
        Shift shift = { median_pair(p), INTERVAL_NONE };
        double tail = (1 - confidence) / 2, probability = 0;
        ptrdiff_t k;

        if (MAX(p->nx, p->ny) <= exact_max)
                k = cut_exact(p, tail, scratch, &probability);
        else
                k = cut_normal(p, tail, &probability);
        if (k < 0)
                return shift;
        shift.interval =
                (Interval){ pair_of_rank(p, (uint64_t)k + 1),
                            pair_of_rank(p, n_pairs(p) - (uint64_t)k), 1 - 2 * probability };
        return shift;
}

static const double *sorted_copy(const double *x, size_t n, Arena *scratch)
{
        double *sorted = new (scratch, double, n);

        if (n)
                memcpy(sorted, x, n * sizeof(*x));
        sort_doubles(sorted, n);
        return sorted;
}

#define NO_SHIFT ((Shift){ nan(""), INTERVAL_NONE })

static Shift shift_between(const double *x, size_t nx, const double *y, size_t ny,
                           double confidence, size_t exact_max, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        Shift shift;

        if (nx == 0 || ny == 0)
                return NO_SHIFT;
        shift = shift_of(
                &(Pairs){ sorted_copy(x, nx, scratch), sorted_copy(y, ny, scratch), nx, ny },
                confidence, exact_max, scratch);
        arena_reset(scratch, mark);
        return shift;
}

Shift hodges_lehmann(const double *x, size_t nx, const double *y, size_t ny, double confidence,
                     Arena *scratch)
{
        return shift_between(x, nx, y, ny, confidence, RANK_EXACT_MAX, scratch);
}

Shift hodges_lehmann_quick(const double *x, size_t nx, const double *y, size_t ny,
                           double confidence, Arena *scratch)
{
        return shift_between(x, nx, y, ny, confidence, RANK_QUICK_MAX, scratch);
}

Shift hodges_lehmann_paired(const double *differences, size_t n, double confidence, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        Shift shift;

        if (n == 0)
                return NO_SHIFT;
        shift = shift_of(&(Pairs){ sorted_copy(differences, n, scratch), NULL, n, 0 }, confidence,
                         RANK_EXACT_MAX, scratch);
        arena_reset(scratch, mark);
        return shift;
}
