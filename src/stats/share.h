#pragma once
/* A share of successes and its exact interval (Clopper and Pearson 1934): the shares that a
 * binomial test at this level would not reject. It covers at least `confidence`, at any n. */

#include "stats/quantile.h"

Interval share_interval(uint64_t successes, uint64_t n, double confidence);
/* How many must be seen, all of them successes, before the interval lies above `share`; SIZE_MAX
 * for a share of 1. */
size_t share_min_n(double share, double confidence);

/* Two shares against each other: Fisher's exact test, twice the smaller tail. 1 when a side has no
 * trial. */
double share_test(uint64_t successes_a, uint64_t n_a, uint64_t successes_b, uint64_t n_b);
