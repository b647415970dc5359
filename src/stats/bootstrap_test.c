#include "harness.h"

#include "stats/bootstrap.h"
#include "stats/rng.h"

#include <math.h>

static double mean_of(const double *x, size_t n, void *context UNUSED)
{
        double sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += x[i];
        return sum / (double)n;
}

static double counted_mean(const double *x, size_t n, void *context)
{
        (*(size_t *)context)++;
        return mean_of(x, n, NULL);
}

static const double sample[] = { 2.1, 3.4, 1.9, 5.6, 2.2, 2.8, 9.1, 3.3, 2.5, 4.0, 2.9, 3.1 };

TEST(bootstrap_repeats_from_its_seed)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        BootstrapPlan plan = { .seed = 42, .confidence = 0.95 };
        Interval a = bootstrap_bca(sample, COUNT(sample), mean_of, NULL, plan, arena);
        Interval b = bootstrap_bca(sample, COUNT(sample), mean_of, NULL, plan, arena);
        Interval c;

        plan.seed = 43;
        c = bootstrap_bca(sample, COUNT(sample), mean_of, NULL, plan, arena);
        assert_near(a.low, b.low, 0);
        assert_near(a.high, b.high, 0);
        assert_true(a.low < c.low || a.low > c.low || a.high < c.high || a.high > c.high);
        assert_near(a.low, c.low, 0.2);
        assert_near(a.confidence, 0.95, 0);
}

/* The sample is skewed to the right, so its interval must be too: BCa moves both ends up. */
TEST(bootstrap_bca_follows_the_skew)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        BootstrapPlan plan = { .seed = 1, .resamples = 5000, .confidence = 0.95 };
        Interval i = bootstrap_bca(sample, COUNT(sample), mean_of, NULL, plan, arena);
        double mean = mean_of(sample, COUNT(sample), NULL);

        assert_true(i.low < mean && mean < i.high);
        assert_true(i.high - mean > 1.3 * (mean - i.low));
}

TEST(bootstrap_edges)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        BootstrapPlan plan = { .seed = 1, .resamples = 300, .confidence = 0.95 };
        double same[] = { 4, 4, 4, 4 };
        size_t calls = 0;
        Interval i = bootstrap_bca(same, 4, counted_mean, &calls, plan, arena);

        assert_near(i.low, 4, 0);
        assert_near(i.high, 4, 0);
        assert_int_equal(calls, 300 + 4 + 1);
        assert_true(isnan(bootstrap_bca(same, 1, mean_of, NULL, plan, arena).low));
        assert_true(isnan(bootstrap_bca(same, 0, mean_of, NULL, plan, arena).low));
}

/* 600 samples of 30 from a lognormal: its mean is inside about as often as asked for. */
TEST(bootstrap_covers_in_simulation)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        double x[30], truth = exp(0.125);
        Rng rng = rng_from_seed(21);
        size_t inside = 0;

        for (uint64_t trial = 0; trial < 600; trial++) {
                BootstrapPlan plan = { .seed = trial, .resamples = 500, .confidence = 0.9 };
                Interval i;

                for (size_t j = 0; j < COUNT(x); j++)
                        x[j] = exp(0.5 * rng_normal(&rng));
                i = bootstrap_bca(x, COUNT(x), mean_of, NULL, plan, arena);
                inside += i.low <= truth && truth <= i.high;
        }
        assert_true(inside >= 600 * 0.85 && inside <= 600 * 0.95);
}
