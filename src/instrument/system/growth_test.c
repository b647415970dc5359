#include "harness.h"

#include "instrument/system/growth.h"

#include <math.h>

TEST(growth_of_a_line_is_its_slope)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        double x[100];
        Growth g;

        for (size_t i = 0; i < COUNT(x); i++)
                x[i] = 1000 + 3.5 * (double)i;
        g = growth_of(x, COUNT(x), arena);
        assert_near(g.per_step, 3.5, 1e-9);
        assert_near(g.low, 3.5, 1e-9);
        assert_near(g.high, 3.5, 1e-9);
        assert_int_equal(g.points, 100);
}

TEST(growth_is_not_led_astray_by_spikes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        double x[60];
        Growth g;

        for (size_t i = 0; i < COUNT(x); i++)
                x[i] = 100 + (i % 7 == 6 ? 1e9 : 2 * (double)i);
        g = growth_of(x, COUNT(x), arena);
        assert_near(g.per_step, 2, 0.05);
        assert_true(g.low <= 2.0001 && g.high >= 1.9999);
}

TEST(growth_of_a_level_has_zero_in_its_interval)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        double x[200];
        uint64_t seed = 7;
        Growth g;

        for (size_t i = 0; i < COUNT(x); i++) {
                seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
                x[i] = 5000 + (double)(seed >> 54);
        }
        g = growth_of(x, COUNT(x), arena);
        assert_true(g.low < 0 && g.high > 0);
        assert_true(g.low <= g.per_step && g.per_step <= g.high);
}

TEST(growth_needs_points)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const double x[] = { 1, (double)NAN, 2, (double)NAN, 3, 4 };
        Growth g = growth_of(x, COUNT(x), arena);

        assert_true(isnan(g.per_step) && isnan(g.low));
        assert_int_equal(g.points, 4);
        assert_int_equal(growth_of(NULL, 0, arena).points, 0);
}

TEST(growth_of_a_long_series_is_reduced_first)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        double *x = new (arena, double, 3600);
        Growth g;

        for (size_t i = 0; i < 3600; i++)
                x[i] = i % 3 ? 0.25 * (double)i : (double)NAN;
        g = growth_of(x, 3600, arena);
        assert_near(g.per_step, 0.25, 1e-3);
        assert_true(g.points <= GROWTH_MOST_POINTS);
}
