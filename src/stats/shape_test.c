#include "stats/shape.h"

#include <math.h>

#include "harness.h"
#include "stats/quantile.h"
#include "stats/rng.h"

#define MOST 400
#define TRIALS 300

TEST(outliers_are_classed_by_tukeys_fences)
{
        /* quartiles 3 and 7: fences at -3 and 13, -9 and 19 */
        const double x[] = { -10, -4, 3, 3, 4, 5, 6, 7, 7, 14, 20 };
        Outliers o = outliers_of(x, COUNT(x));

        assert_near(o.quartile_low, 3, 1e-12);
        assert_near(o.quartile_high, 7, 1e-12);
        assert_int_equal(o.severe_low, 1);
        assert_int_equal(o.mild_low, 1);
        assert_int_equal(o.mild_high, 1);
        assert_int_equal(o.severe_high, 1);
}

TEST(outliers_of_nothing_and_of_one_number_are_none)
{
        const double same[] = { 5, 5, 5, 5 };
        Outliers none = outliers_of(NULL, 0), flat = outliers_of(same, COUNT(same));

        assert_true(isnan(none.quartile_low));
        assert_int_equal(none.severe_high + none.mild_high, 0);
        assert_int_equal(flat.severe_high + flat.mild_high + flat.severe_low + flat.mild_low, 0);
        assert_near(flat.quartile_high, 5, 0);
}

TEST(outliers_beside_equal_numbers_are_severe)
{
        const double x[] = { 5, 5, 5, 5, 5, 5, 5, 6 };

        assert_int_equal(outliers_of(x, COUNT(x)).severe_high, 1);
}

typedef enum Kind { NORMAL, LOG_NORMAL, EXPONENTIAL, TWO_MODES, RARE_MODE } Kind;

static double draw(Rng *rng, Kind kind)
{
        double z = rng_normal(rng);

        switch (kind) {
        case LOG_NORMAL:
                return exp(0.5 * z);
        case EXPONENTIAL:
                return -log(1 - rng_unit(rng));
        case TWO_MODES:
                return z + (rng_unit(rng) < 0.5 ? 5 : 0);
        case RARE_MODE:
                return z + (rng_unit(rng) < 0.2 ? 6 : 0);
        default:
                return z;
        }
}

/* Share of sets in which several modes are seen. */
static double seen(Kind kind, size_t n)
{
        Rng rng = rng_from_seed(11);
        size_t several = 0;
        double x[MOST];

        for (size_t t = 0; t < TRIALS; t++) {
                for (size_t i = 0; i < n; i++)
                        x[i] = draw(&rng, kind);
                sort_doubles(x, n);
                several += modal_value(x, n) > MODAL_VALUE_SEVERAL;
        }
        return (double)several / TRIALS;
}

TEST(modal_value_sees_one_mode_where_there_is_one)
{
        const size_t sizes[] = { 50, 100, 400 };

        for (size_t i = 0; i < COUNT(sizes); i++)
                for (Kind kind = NORMAL; kind <= EXPONENTIAL; kind++)
                        assert_true(seen(kind, sizes[i]) <= 0.03);
}

TEST(modal_value_sees_two_modes_where_there_are_two)
{
        assert_true(seen(TWO_MODES, 100) > 0.85);
        assert_true(seen(RARE_MODE, 100) > 0.75);
        assert_true(seen(RARE_MODE, 400) > 0.95);
}

TEST(modal_value_of_too_few_or_equal_values_is_unknown)
{
        double x[MOST] = { 0 };

        assert_true(isnan(modal_value(x, MODAL_VALUE_MIN_N - 1)));
        assert_true(isnan(modal_value(x, MOST)));
}

TEST(drift_is_the_second_half_against_the_first)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Rng rng = rng_from_seed(5);
        double x[100];
        Drift drift;

        for (size_t i = 0; i < COUNT(x); i++)
                x[i] = (i < 50 ? 100 : 110) + rng_normal(&rng);
        drift = drift_of(x, COUNT(x), arena);
        assert_near(drift.change, 0.10, 0.01);
        assert_true(drift.p < 1e-6);
        for (size_t i = 0; i < COUNT(x); i++)
                x[i] = 100 + rng_normal(&rng);
        drift = drift_of(x, COUNT(x), arena);
        assert_near(drift.change, 0, 0.01);
        assert_true(drift.p > 0.001);
}

TEST(drift_of_few_values_or_from_zero_is_unknown)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const double x[10] = { 0 };

        assert_true(isnan(drift_of(x, 7, arena).p));
        assert_true(isnan(drift_of(x, 10, arena).change));
}
