#pragma once
/* A share of successes and its exact interval (Clopper and Pearson 1934): the shares that a
 * binomial test at this level would not reject. It covers at least `confidence`, at any n. */

#include "stats/quantile.h"

Interval share_interval(uint64_t successes, uint64_t n, double confidence);
/* How many must be seen, all of them successes, before the interval lies above `share`; SIZE_MAX
 * for a share of 1. */
size_t share_min_n(double share, double confidence);
