#pragma once
/* What the rank tests and the intervals that invert them share: null distributions.
 *
 * Both are counts by sum, in doubles: beyond 2^53 they are rounded, but only ever added, so that
 * the relative error stays near 1e-14.
 */

#include "stats/rank.h"

typedef struct NullCounts {
        double *counts; /* by sum, 0..max_sum */
        size_t max_sum;
        double total; /* of counts */
} NullCounts;

/* How many subsets of exactly `size` of the scores have each sum (Mann-Whitney). */
NullCounts null_of_subsets(const unsigned *scores, size_t n, size_t size, Arena *scratch);
/* How many subsets of any size have each sum (signed rank). */
NullCounts null_of_signs(const unsigned *scores, size_t n, Arena *scratch);
/* Share of the subsets whose sum is at least as far from `centre` as `sum` is, in either direction;
 * `doubled_centre` because the centre may be a half. */
double null_two_sided(NullCounts null, size_t doubled_centre, size_t sum);
/* The largest k with P(sum - least <= k) <= tail, or -1 when there is none. */
ptrdiff_t null_lower_tail(NullCounts null, size_t least, double tail, double *ret_probability);
