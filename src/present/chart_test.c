#include "present/chart_int.h"

#include "golden.h"

#include <math.h>

TEST(chart_steps_are_round_numbers)
{
        assert_near(chart_step(100, 4, UNIT_COUNT), 50, 1e-9);
        assert_near(chart_step(8.1e6, 4, UNIT_NS), 5e6, 1e-3);
        assert_near(chart_step(600e9, 8, UNIT_NS), 120e9, 1);
        assert_near(chart_step(1000, 4, UNIT_BYTES), 256, 1e-9);
        assert_near(chart_step(0, 4, UNIT_NS), 1, 1e-9);
        assert_near(chart_step((double)NAN, 4, UNIT_NS), 1, 1e-9);
        assert_near(chart_step((double)INFINITY, 4, UNIT_NS), 1, 1e-9);
}

TEST(chart_lines_leave_gaps_and_escape_names)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        double values[] = { 1, 2, (double)NAN, 4, 5 }, nothing[] = { (double)NAN };
        ChartLine lines[] = { { "<a>&\"\x1b", values, 5 }, { "none", nothing, 1 } };
        Buf out = buf_in(arena, MiB(4));

        chart_lines(lines, 2,
                    &(ChartPlan){ .title = "<t>",
                                  .unit = UNIT_PER_S,
                                  .x_step = 1e9,
                                  .x_unit = UNIT_NS,
                                  .x_label = "time" },
                    &out);
        assert_well_formed(buf_span(&out));
        assert_true(span_contains(buf_span(&out), "&lt;a&gt;&amp;&quot;\\x1b"));
        /* Two strokes: one before the gap and one after it. */
        assert_true(span_contains(buf_span(&out),
                                  "M74.0 172.0h0L206.5 148.0M471.5 100.0h0L604.0 76.0"));
}

TEST(chart_of_nothing_is_still_a_picture)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Hist *empty = hist_new(arena, HIST_LATENCY);
        Buf out = buf_in(arena, MiB(4));

        chart_lines(&(ChartLine){ "x", NULL, 0 }, 1, &(ChartPlan){ .unit = UNIT_NS }, &out);
        chart_quantiles(&(ChartHist){ "x", empty }, 1, &(ChartPlan){ .unit = UNIT_NS }, &out);
        assert_well_formed(buf_span(&out));
}

TEST(chart_long_series_are_averaged_to_what_can_be_seen)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        double *values = new (arena, double, 100000);
        Buf out = buf_in(arena, KiB(64));
        Error err = { 0 };

        for (size_t i = 0; i < 100000; i++)
                values[i] = (double)(i % 7);
        chart_lines(&(ChartLine){ "x", values, 100000 }, 1,
                    &(ChartPlan){ .unit = UNIT_COUNT, .x_step = 1e9, .x_unit = UNIT_NS }, &out);
        assert_ok(buf_check(&out, &err), err);
}

TEST(spark_has_one_bar_a_step_and_a_blank_for_a_gap)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        double values[] = { 0, 1, 2, 3, 4, 5, 6, 8, (double)NAN, 8 };
        Buf out = buf_in(arena, KiB(4));

        spark_text(values, COUNT(values), 80, &out);
        assert_span(buf_span(&out), "▁▂▃▄▅▆▇█ █");
        buf_clear(&out);
        spark_text(values, COUNT(values), 2, &out);
        assert_int_equal(buf_span(&out).len, 6);
        buf_clear(&out);
        spark_text(NULL, 0, 10, &out);
        assert_int_equal(buf_span(&out).len, 0);
}

TEST(chart_axis_can_begin_above_and_below_zero)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        double values[] = { 101, 103, -7 };
        ChartLevel levels[] = { { 0, 2, 102, { 0 } }, { 2, 3, -7, SPAN("<1>") } };
        Buf out = buf_in(arena, MiB(4));

        chart_levels(values, 2, levels, 1, &(ChartPlan){ .unit = UNIT_COUNT, .y_min = 101 }, &out);
        assert_well_formed(buf_span(&out));
        assert_true(span_contains(buf_span(&out), ">101</text>"));
        assert_false(span_contains(buf_span(&out), ">0</text>"));
        buf_clear(&out);
        chart_levels(values, 3, levels, 2, &(ChartPlan){ .unit = UNIT_COUNT, .y_min = -7 }, &out);
        assert_well_formed(buf_span(&out));
        assert_true(span_contains(buf_span(&out), ">0</text>"));
        assert_true(span_contains(buf_span(&out), "&lt;1&gt;"));
}

TEST(chart_levels_of_odd_series_are_pictures_of_bounded_size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        double *values = new (arena, double, 100000), nothing[] = { (double)NAN };
        Buf out = buf_in(arena, KiB(128));
        Error err = { 0 };

        for (size_t i = 0; i < 100000; i++)
                values[i] = (double)(i % 7);
        chart_levels(values, 100000, NULL, 0, &(ChartPlan){ .unit = UNIT_COUNT }, &out);
        assert_ok(buf_check(&out, &err), err);
        assert_well_formed(buf_span(&out));
        buf_clear(&out);
        chart_levels(nothing, 1, NULL, 0, &(ChartPlan){ .y_min = (double)INFINITY }, &out);
        chart_levels(NULL, 0, NULL, 0, &(ChartPlan){ .y_min = (double)NAN }, &out);
        assert_well_formed(buf_span(&out));
}
