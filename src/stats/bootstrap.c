#include "stats/bootstrap.h"

#include "stats/normal.h"
#include "stats/rng.h"

#include <math.h>

#define DEFAULT_RESAMPLES 2000

typedef struct Sampled {
        const double *x;
        size_t n;
        Statistic statistic;
        void *context;
        double *room; /* of n */
} Sampled;

static double resample(const Sampled *s, Rng *rng)
{
        for (size_t i = 0; i < s->n; i++)
                s->room[i] = s->x[rng_below(rng, s->n)];
        return s->statistic(s->room, s->n, s->context);
}

/* Half of the equal ones count as below, so that a median of few distinct values is not skewed;
 * kept off 0 and 1, where the correction would be infinite. */
static double bias_correction(const double *sorted, size_t n, double observed)
{
        double below = 0, share, edge = 0.5 / (double)n;

        for (size_t i = 0; i < n; i++)
                below += sorted[i] < observed ? 1 : sorted[i] > observed ? 0 : 0.5;
        share = below / (double)n;
        return normal_quantile(fmin(fmax(share, edge), 1 - edge));
}

static double leave_out(const Sampled *s, size_t left_out)
{
        size_t n = 0;

        for (size_t i = 0; i < s->n; i++)
                if (i != left_out)
                        s->room[n++] = s->x[i];
        return s->statistic(s->room, n, s->context);
}

/* From the jackknife: how fast the statistic's spread changes with its value. */
static double acceleration(const Sampled *s, Arena *scratch)
{
        double *left = new (scratch, double, s->n);
        double mean = 0, squares = 0, cubes = 0;

        for (size_t i = 0; i < s->n; i++) {
                left[i] = leave_out(s, i);
                mean += left[i] / (double)s->n;
        }
        for (size_t i = 0; i < s->n; i++) {
                double d = mean - left[i];

                squares += d * d;
                cubes += d * d * d;
        }
        return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

static double corrected(double z0, double a, double z)
{
        double shifted = z0 + z, scale = 1 - a * shifted;

        /* Past the pole of the correction every resample is on one side. */
        return scale > 0 ? normal_cdf(z0 + shifted / scale) : shifted > 0 ? 1 : 0;
}

Interval bootstrap_bca(const double *x, size_t n, Statistic statistic, void *context,
                       BootstrapPlan plan, Arena *scratch)
{
        size_t resamples = plan.resamples ? plan.resamples : DEFAULT_RESAMPLES;
        double z = normal_quantile((1 - plan.confidence) / 2), z0, a;
        Rng rng = rng_from_seed(plan.seed);
        Mark mark = arena_mark(scratch);
        Interval interval;
        Sampled s;
        double *seen;

        if (n < 2)
                return INTERVAL_NONE;
        s = (Sampled){ x, n, statistic, context, new (scratch, double, n) };
        seen = new (scratch, double, resamples);
        for (size_t i = 0; i < resamples; i++)
                seen[i] = resample(&s, &rng);
        sort_doubles(seen, resamples);
        z0 = bias_correction(seen, resamples, statistic(x, n, context));
        a = acceleration(&s, scratch);
        interval = (Interval){ quantile_sorted(seen, resamples, corrected(z0, a, z)),
                               quantile_sorted(seen, resamples, corrected(z0, a, -z)),
                               plan.confidence };
        arena_reset(scratch, mark);
        return interval;
}
