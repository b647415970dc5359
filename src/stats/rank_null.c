#include "stats/rank_int.h"

#include <stdlib.h>

static int descending(const void *a, const void *b)
{
        unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

        return (x < y) - (x > y);
}

static size_t sum_of_largest(const unsigned *scores, size_t n, size_t size, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        unsigned *sorted = new (scratch, unsigned, n);
        size_t sum = 0;

        for (size_t i = 0; i < n; i++)
                sorted[i] = scores[i];
        qsort(sorted, n, sizeof(*sorted), descending);
        for (size_t i = 0; i < size; i++)
                sum += sorted[i];
        arena_reset(scratch, mark);
        return sum;
}

static double add_up(const double *counts, size_t n)
{
        double total = 0;

        for (size_t i = 0; i < n; i++)
                total += counts[i];
        return total;
}

/* Adds one score: every subset of size - 1 becomes one of size, shifted by the score. */
static void shift_rows(double *rows, size_t width, size_t size, unsigned score)
{
        for (size_t j = size; j > 0; j--) {
                double *to = rows + j * width + score;
                const double *from = rows + (j - 1) * width;

                for (size_t s = 0; s + score < width; s++)
                        to[s] += from[s];
        }
}

NullCounts null_of_subsets(const unsigned *scores, size_t n, size_t size, Arena *scratch)
{
        size_t width = sum_of_largest(scores, n, size, scratch) + 1;
        double *rows = new (scratch, double, (size + 1) * width);
        double *counts = rows + size * width;

        rows[0] = 1;
        for (size_t i = 0; i < n; i++)
                shift_rows(rows, width, MIN(i + 1, size), scores[i]);
        return (NullCounts){ counts, width - 1, add_up(counts, width) };
}

NullCounts null_of_signs(const unsigned *scores, size_t n, Arena *scratch)
{
        size_t width = sum_of_largest(scores, n, n, scratch) + 1;
        double *counts = new (scratch, double, width);

        counts[0] = 1;
        for (size_t i = 0; i < n; i++)
                for (size_t s = width; s-- > scores[i];)
                        counts[s] += counts[s - scores[i]];
        return (NullCounts){ counts, width - 1, add_up(counts, width) };
}

static size_t distance(size_t a, size_t b)
{
        return a > b ? a - b : b - a;
}

double null_two_sided(NullCounts null, size_t doubled_centre, size_t sum)
{
        size_t seen = distance(2 * sum, doubled_centre);
        double as_far = 0;

        for (size_t s = 0; s <= null.max_sum; s++)
                if (distance(2 * s, doubled_centre) >= seen)
                        as_far += null.counts[s];
        return MIN(as_far / null.total, 1.0);
}

ptrdiff_t null_lower_tail(NullCounts null, size_t least, double tail, double *ret_probability)
{
        double below = 0;
        ptrdiff_t k = -1;

        *ret_probability = 0;
        for (size_t s = least; s <= null.max_sum; s++) {
                below += null.counts[s];
                /* A level such as 0.05 / 2 may be met exactly: rounding must not miss it. */
                if (below > tail * null.total * (1 + 1e-12))
                        break;
                *ret_probability = below / null.total;
                k = (ptrdiff_t)(s - least);
        }
        return k;
}
