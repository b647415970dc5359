#include "analysis/rank.h"

#include <math.h>

/* "Above 1 s" in whole nanoseconds; the others include their limit. */
static const double limits_ns[] = {
        [PRIORITY_P0] = 1e9 + 1, [PRIORITY_P1] = 200e6, [PRIORITY_P2] = 50e6
};

Priority priority_of(double impact_ns, double share_of_traffic)
{
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
        static const double lost_ns[] = { 10e6, 50e6, 250e6, 1e9 };
        double per_second = impact_ns * frequency_per_s;
        unsigned stars = 1;

        for (size_t i = 0; i < COUNT(lost_ns); i++)
                stars += per_second >= lost_ns[i];
        return stars;
}

/* Larger first; what is not known is last. */
static int by_number(double x, double y)
{
        if (isnan(x) || isnan(y))
                return !!isnan(x) - !!isnan(y);
        return x > y ? -1 : x < y;
}

static int by_urgency(const Finding *x, const Finding *y)
{
        if (x->priority != y->priority)
                return x->priority < y->priority ? -1 : 1;
        if (x->kind != y->kind)
                return x->kind < y->kind ? -1 : 1;
        if (x->share != y->share)
                return by_number(x->share, y->share);
        return by_number(x->impact_ns, y->impact_ns);
}

/* Insertion, since equals keep their order and findings are few (diagnose.c has a ceiling). */
void findings_rank(Finding *items, size_t n)
{
        for (size_t i = 1; i < n; i++) {
                Finding moving = items[i];
                size_t at = i;

                for (; at > 0 && by_urgency(&moving, &items[at - 1]) < 0; at--)
                        items[at] = items[at - 1];
                items[at] = moving;
        }
}
