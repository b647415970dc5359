#include "stats/share.h"

#include <math.h>

#include "stats/normal.h"

#define STEPS 100 /* of bisection: more than a double has bits */

/* The share at which P(X <= k) falls to `tail`; it falls as the share grows. */
static double share_at(uint64_t k, uint64_t n, double tail)
{
        double low = 0, high = 1;

        for (int i = 0; i < STEPS; i++) {
                double middle = (low + high) / 2;

                if (binomial_cdf(k, n, middle) > tail)
                        low = middle;
                else
                        high = middle;
        }
        return (low + high) / 2;
}

Interval share_interval(uint64_t successes, uint64_t n, double confidence)
{
        double tail = (1 - confidence) / 2;
        Interval interval = { 0, 1, confidence };

        if (n == 0 || successes > n)
                return INTERVAL_NONE;
        if (successes > 0)
                interval.low = share_at(successes - 1, n, 1 - tail);
        if (successes < n)
                interval.high = share_at(successes, n, tail);
        return interval;
}

size_t share_min_n(double share, double confidence)
{
        double n = log((1 - confidence) / 2) / log(share);

        if (!(share < 1))
                return SIZE_MAX;
        return share > 0 ? (size_t)fmax(1, ceil(n)) : 1;
}

static double log_choose(double n, double k)
{
        int sign;

        return lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign);
}

/* P(X = k), k of the `drawn` being among the `marked` of `n`. */
static double hypergeometric(double k, double n, double marked, double drawn)
{
        return exp(log_choose(marked, k) + log_choose(n - marked, drawn - k) -
                   log_choose(n, drawn));
}

/* P(X <= k) for step -1, P(X >= k) for step 1; terms fall fast away from the middle. */
static double hypergeometric_tail(double k, double n, double marked, double drawn, double step)
{
        double least = fmax(0, drawn + marked - n), most = fmin(marked, drawn), sum = 0;

        for (; k >= least && k <= most; k += step) {
                double term = hypergeometric(k, n, marked, drawn);

                sum += term;
                if (term < sum * 1e-17)
                        break;
        }
        return sum;
}

double share_test(uint64_t successes_a, uint64_t n_a, uint64_t successes_b, uint64_t n_b)
{
        double k = (double)successes_a, drawn = (double)n_a, n = (double)n_a + (double)n_b;
        double marked = (double)successes_a + (double)successes_b;
        bool above;

        if (n_a == 0 || n_b == 0 || successes_a > n_a || successes_b > n_b)
                return 1;
        above = k * n > marked * drawn;
        return fmin(1, 2 * hypergeometric_tail(k, n, marked, drawn, above ? 1 : -1));
}
