#pragma once
/* The distributions that tests need: standard normal, binomial and Student's t.
 *
 *         z = normal_quantile(0.975);                 // 1.959964
 *         p = binomial_cdf(k, n, 0.5);                // P(X <= k), exact for any n
 *
 * Sources: Acklam 2003 (quantile, refined here to double precision); Loader 2000, "Fast and
 * accurate computation of binomial probabilities" (pmf); the continued fraction of the incomplete
 * beta function, DLMF 8.17.22, by the modified Lentz method (cdf); Hill 1970, CACM algorithm 396
 * (t quantiles, about 6 digits: enough
 * for planning, not used for p-values).
 */

#include "base/macros.h"

double normal_cdf(double z);
double normal_quantile(double p); /* Acklam's approximation with one Halley step */
double binomial_cdf(uint64_t k, uint64_t n, double p); /* P(X <= k) */
double binomial_pmf(uint64_t k, uint64_t n, double p); /* P(X = k) */
double student_quantile(double p, double degrees);     /* degrees >= 1 */
/* P(|T| >= |t|), by the incomplete beta function; at least 10 digits. */
double student_two_sided(double t, double degrees);
