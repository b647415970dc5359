#pragma once
/* Many rows, few runs: did any of them change? The step-down max-T permutation test (Westfall and
 * Young 1993, algorithm 2.8) for two unpaired sides.
 *
 *         MaxTPlan plan = { .values = matrix, .rows = n, .n_a = 4, .n_b = 4, .priors = v };
 *         MaxT t;
 *         if (max_t(&plan, arena, &t, err) < 0) ...
 *         t.adjusted_p[row] <= alpha
 *
 * When nothing changed, every way to deal the runs to the two sides was as likely. For each way
 * the largest |t| of all rows is taken, and a row's p-value is the share of ways whose largest is
 * at least its own. Rows that move together (a caller and its callee) so count as one look, not as
 * two, no shape is assumed, and p is exact over all ways, or over the given one with `draws`
 * others. Step-down: a row is compared with the largest of the rows not above it.
 *
 * Why not Holm over rank tests: with 4 runs a side a rank test cannot go below p = 2/70, so that
 * already the second row would make every answer impossible. Here p = 2/70 is for all rows.
 *
 * |t| divides by a variance that leans on `priors`: from 4 runs a side alone it would by chance be
 * near zero in some of many rows (moderated t: Smyth 2004). A prior may depend on all values of
 * the row, not on which side they are; the test stays exact whatever it is.
 */

#include "stats/quantile.h"

typedef struct MaxTPlan {
        const double *values; /* [row][run]: n_a of the one side, then n_b of the other */
        size_t rows, n_a, n_b;
        const double *priors; /* [row]: variance of one run that is expected */
        double prior_degrees; /* how many runs the prior is worth; 0: 4 */
        double alpha;
        uint64_t seed;
        size_t draws; /* 0: 4999; beyond MAX_T_EXACT ways */
} MaxTPlan;

#define MAX_T_EXACT 13000 /* all ways up to so many: 8 runs a side */

typedef struct MaxT {
        double *adjusted_p;     /* [row] */
        double *standard_error; /* [row]: of the difference of the means, moderated */
        double critical;        /* what |t| of an unchanged row would have to reach; infinite when
                                   so few runs can never reach alpha */
        size_t ways;
        bool exact;
} MaxT;

/* ERR_LIMIT when the rows do not fit; a side without runs is ERR_USAGE. */
int max_t(const MaxTPlan *plan, Arena *arena, MaxT *ret, Error *err);
