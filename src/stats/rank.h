#pragma once
/* Rank tests and the shifts that go with them. Two-sided p-values; ties are exact, not ignored.
 *
 * Mann-Whitney: U1 = R1 - n1(n1+1)/2 on mid-ranks; the permutation distribution is enumerated by
 * the shift algorithm on doubled mid-ranks (Streitberg & Roehmel 1986) while n1 * n2 stays small
 * (RANK_EXACT_MAX per side), otherwise normal with tie correction and continuity.
 * Wilcoxon signed rank: zeros dropped (Wilcoxon), exact by the same algorithm.
 * Hodges-Lehmann: median of all y_j - x_i (or Walsh averages for pairs), with the interval that
 * inverts the test. No list of differences is made: the k-th is found by bisection over the
 * doubles between the least and the greatest, counting in one walk, so that memory stays O(n).
 *
 * Samples must not hold NaN. `scratch` needs 4 MiB + 24 bytes per sample; it is given back.
 */

#include "stats/quantile.h"

#define RANK_EXACT_MAX 50

typedef struct RankTest {
        double statistic; /* U1, or W+ */
        double p;         /* two-sided; 1 when there is nothing to rank */
        bool exact;
        double min_p; /* the smallest p these sizes could have given without ties */
} RankTest;

RankTest mann_whitney(const double *x, size_t nx, const double *y, size_t ny, Arena *scratch);
RankTest wilcoxon_signed_rank(const double *differences, size_t n, Arena *scratch);
RankTest sign_test(const double *differences, size_t n);

typedef struct Shift {
        double estimate;
        Interval interval;
} Shift;

/* y - x */
Shift hodges_lehmann(const double *x, size_t nx, const double *y, size_t ny, double confidence,
                     Arena *scratch);
/* The same for thousands of pairs of samples: exact up to 20 values a side only. */
#define RANK_QUICK_MAX 20
Shift hodges_lehmann_quick(const double *x, size_t nx, const double *y, size_t ny,
                           double confidence, Arena *scratch);
Shift hodges_lehmann_paired(const double *differences, size_t n, double confidence, Arena *scratch);
/* 2U/(nm) - 1: -1..1, how often y exceeds x. */
double cliffs_delta(const double *x, size_t nx, const double *y, size_t ny, Arena *scratch);
/* Holm's step-down: adjusted p-values in place of p, in the same order. NaN (not tested) stays and
 * does not count as a look. */
void holm_adjust(double *p, size_t n, Arena *scratch);
