#pragma once
/* Quantiles of samples and their distribution-free intervals.
 *
 * Interval by order statistics: P(X(l) <= xi_q < X(u)) = sum over i = l..u-1 of C(n,i) q^i
 * (1-q)^(n-i), so no shape is assumed. Fewer than quantile_min_n() samples cannot bound the
 * quantile at all: 6 for the median, 29 for p90, 59 for p95, 299 for p99 at 95 %.
 */

#include "stats/hist.h"

typedef struct Interval {
        double low, high;  /* NaN: cannot be bounded with so few samples */
        double confidence; /* what is really covered, >= asked for; 0 when it cannot be bounded */
} Interval;

#define INTERVAL_NONE ((Interval){ __builtin_nan(""), __builtin_nan(""), 0 })

void sort_doubles(double *x, size_t n);
double quantile_sorted(const double *sorted, size_t n, double q); /* nearest rank; NaN if n = 0 */
double median_sorted(const double *sorted, size_t n);             /* mean of the middle two */
size_t quantile_min_n(double q, double confidence);
/* Ranks l..u (1-based) of the interval; 0, 0 and confidence 0 when n is too small. */
void quantile_interval_ranks(size_t n, double q, double confidence, size_t *ret_low,
                             size_t *ret_high, double *ret_confidence);
Interval quantile_interval(const double *sorted, size_t n, double q, double confidence);
/* From the low end of one bin to the high end of the other: bins never make it too narrow. */
Interval hist_quantile_interval(const Hist *h, double q, double confidence);

/* Lag-1 autocorrelation and the sample size that is left of it, n (1-r)/(1+r), at most n. */
double autocorrelation(const double *x, size_t n);
double effective_n(const double *x, size_t n);
/* MSER-5 (White 1997): how many leading samples are warm-up; n when no steady state is seen; 0 of
 * fewer than 20 samples, which cannot tell. It finds a head that differs, not a trend at the end.
 */
size_t warmup_mser5(const double *x, size_t n);
