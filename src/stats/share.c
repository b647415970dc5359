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
