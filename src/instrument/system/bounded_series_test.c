#include "harness.h"

#include "instrument/system/bounded_series.h"

#include <math.h>

TEST(series_keeps_every_tick_while_there_is_room)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        BoundedSeries s = bounded_series_in(arena, 8);

        for (uint64_t i = 0; i < 7; i++)
                bounded_series_put(&s, i, (double)i);
        assert_int_equal(s.len, 7);
        assert_int_equal(s.ticks_per_point, 1);
        assert_near(s.values[6], 6, 0);
}

TEST(series_halves_its_resolution_when_full)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        BoundedSeries s = bounded_series_in(arena, 4);
        double sum = 0, n;

        for (uint64_t i = 0; i < 1000; i++) {
                bounded_series_put(&s, i, (double)i);
                assert_true(s.len < 4);
        }
        assert_int_equal(s.ticks_per_point, 256);
        for (size_t i = 0; i < s.len; i++)
                sum += s.values[i] * (double)s.ticks_per_point;
        /* Sum of 0..n-1 over the ticks that fill whole points: the mean keeps it. */
        n = (double)(s.len * s.ticks_per_point);
        assert_near(sum, n * (n - 1) / 2, 1e-6);
        assert_true(n <= 1000);
}

TEST(series_has_no_value_where_ticks_were_missed)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        BoundedSeries s = bounded_series_in(arena, 16);

        bounded_series_put(&s, 0, 5);
        bounded_series_put(&s, 3, 7);
        bounded_series_put(&s, 2, 9); /* late: its point has passed */
        assert_int_equal(s.len, 4);
        assert_true(isnan(s.values[1]) && isnan(s.values[2]));
        assert_near(s.values[3], 7, 0);
}

TEST(series_merges_known_and_missing_points)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        BoundedSeries s = bounded_series_in(arena, 4);

        bounded_series_put(&s, 1, 3);
        bounded_series_put(&s, 3, (double)NAN);
        assert_int_equal(s.len, 2);
        assert_near(s.values[0], 3, 0);
        assert_true(isnan(s.values[1]));
}
