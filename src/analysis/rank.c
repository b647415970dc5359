#include "analysis/rank.h"

#include <math.h>
#include <stdlib.h>

Priority priority_of(double impact_ns, double share_of_traffic)
{
        static const double limits_ns[] = {
                [PRIORITY_P0] = 1e9, [PRIORITY_P1] = 200e6, [PRIORITY_P2] = 50e6
        };
        Priority priority = PRIORITY_P3;

        for (size_t i = COUNT(limits_ns); i-- > 0;)
                if (impact_ns >= limits_ns[i])
                        priority = (Priority)i;
        if (share_of_traffic < RARE_SHARE && priority < PRIORITY_P3)
                priority++;
        return priority;
}

unsigned stars_of(double impact_ns, double frequency_per_s)
{
        static const double limits_ns[] = { 10e6, 50e6, 250e6, 1e9 };
        double per_second = impact_ns * frequency_per_s;
        unsigned stars = 1;

        for (size_t i = 0; i < COUNT(limits_ns); i++)
                stars += per_second >= limits_ns[i];
        return stars;
}

static bool is_located(const Finding *f)
{
        return f->where.len > 0;
}

static int by_urgency(const void *a, const void *b)
{
        const Finding *x = a, *y = b;

        if (x->priority != y->priority)
                return x->priority < y->priority ? -1 : 1;
        if (is_located(x) != is_located(y))
                return is_located(x) ? -1 : 1;
        return x->share > y->share ? -1 : x->share < y->share;
}

void findings_rank(Finding *items, size_t n)
{
        if (n)
                qsort(items, n, sizeof(*items), by_urgency);
}
