#include "stats/scaling.h"

#include <math.h>

#include "harness.h"
#include "stats/rng.h"

#define POINTS 7

static double cost(Scaling shape, double n)
{
        switch (shape) {
        case SCALING_LOG:
                return 50 + 20 * log2(n);
        case SCALING_LINEAR:
                return 50 + 3 * n;
        case SCALING_LINEAR_LOG:
                return 50 + 3 * n * log2(n);
        case SCALING_QUADRATIC:
                return 50 + n * n / 4;
        case SCALING_CUBIC:
                return 50 + n * n * n / 64;
        default:
                return 50;
        }
}

static ScalingFit fit_with_noise(Scaling shape, double noise, uint64_t seed)
{
        Rng rng = rng_from_seed(seed);
        double sizes[POINTS], costs[POINTS];
        ScalingFit fit;

        for (size_t i = 0; i < POINTS; i++) {
                sizes[i] = (double)(8u << (2 * i));
                costs[i] = cost(shape, sizes[i]) * (1 + noise * rng_normal(&rng));
        }
        assert_true(scaling_fit(sizes, costs, POINTS, &fit));
        return fit;
}

TEST(scaling_fit_finds_each_shape_under_noise)
{
        for (Scaling s = 0; s < SCALING_COUNT_; s++)
                for (uint64_t seed = 1; seed < 20; seed++) {
                        ScalingFit fit = fit_with_noise(s, 0.01, seed);

                        /* a constant also fits as anything with a factor near 0: not sure */
                        assert_int_equal(fit.shape, s);
                        assert_true(s == SCALING_CONSTANT || fit.sure);
                        assert_true(fit.error < 0.15);
                }
}

TEST(scaling_fit_gives_the_parts)
{
        ScalingFit fit = fit_with_noise(SCALING_LINEAR, 0, 1);

        assert_near(fit.fixed, 50, 1e-6);
        assert_near(fit.factor, 3, 1e-9);
        assert_true(fit.power > 0.7 && fit.power < 1);
}

TEST(scaling_fit_says_when_two_shapes_cannot_be_told_apart)
{
        const double sizes[] = { 100, 101, 102, 103 }, costs[] = { 1000, 1008, 1022, 1031 };
        ScalingFit fit;

        assert_true(scaling_fit(sizes, costs, 4, &fit));
        assert_false(fit.sure);
}

TEST(scaling_fit_refuses_too_little_and_what_is_not_above_zero)
{
        const double three[] = { 1, 2, 4, 4, 4 }, four[] = { 1, 2, 4, 8 }, zero[] = { 1, 2, 0, 8 };
        const double bad[] = { 1, 2, NAN, 8 };
        ScalingFit fit;

        assert_false(scaling_fit(three, three, 5, &fit));
        assert_false(scaling_fit(four, zero, 4, &fit));
        assert_false(scaling_fit(zero, four, 4, &fit));
        assert_false(scaling_fit(four, bad, 4, &fit));
        assert_false(scaling_fit(NULL, NULL, 0, &fit));
        assert_true(scaling_fit(four, four, 4, &fit));
}
