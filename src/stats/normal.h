#pragma once
/* The distributions that tests need: standard normal and binomial, to double precision. */

#include "base/macros.h"

double normal_cdf(double z);
double normal_quantile(double p); /* Acklam's approximation with one Halley step */
double binomial_cdf(uint64_t k, uint64_t n, double p); /* P(X <= k) */
