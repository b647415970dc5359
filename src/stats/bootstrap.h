#pragma once
/* BCa bootstrap (Efron 1987) of any statistic, repeatable from its stored seed. Not for extreme
 * quantiles: use order statistics there. */

#include "stats/quantile.h"

typedef double (*Statistic)(const double *x, size_t n, void *context);

typedef struct BootstrapPlan {
        uint64_t seed;
        size_t resamples; /* 0: 2000 */
        double confidence;
} BootstrapPlan;

Interval bootstrap_bca(const double *x, size_t n, Statistic statistic, void *context,
                       BootstrapPlan plan, Arena *scratch);
