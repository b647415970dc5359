#pragma once
/* A share of successes and its exact interval (Clopper and Pearson 1934): the shares that a
 * binomial test at this level would not reject. It covers at least `confidence`, at any n. */

#include "stats/quantile.h"

Interval share_interval(uint64_t successes, uint64_t n, double confidence);
