#include "present/plot.h"

#include "golden.h"
#include "present/glyph.h"

#include <math.h>

static Span plot(Arena *arena, const double *values, size_t n, PlotPlan plan)
{
        Buf out = buf_in(arena, MiB(1));

        plot_text(values, n, &plan, &out);
        return buf_span(&out);
}

static size_t lines_of(Span text)
{
        size_t n = 0;
        Span line;

        while (span_next_line(&text, &line))
                n++;
        return n;
}

TEST(plot_marks_where_a_level_begins)
{
        static const double values[] = { 1, 1, 1, 1, 2, 2, 2, 2 };
        static const PlotLevel levels[] = { { 0, 4, 1 }, { 4, 8, 2 } };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = plot(arena, values, 8,
                         (PlotPlan){ .unit = UNIT_COUNT,
                                     .width = 31,
                                     .height = 3,
                                     .levels = levels,
                                     .n_levels = 2,
                                     .first = SPAN("aaa"),
                                     .last = SPAN("bbb") });

        assert_span(text, "        2 ┤          •──•──•──•\n"
                          "     1.50 ┤          ┊\n"
                          "        1 ┤•─•──•──• ┊\n"
                          "          └──────────1─────────\n"
                          "           aaa              bbb\n");
}

TEST(plot_leaves_gaps_where_there_is_no_value)
{
        const double values[] = { 1, (double)NAN, (double)INFINITY, 3 };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span text = plot(arena, values, 4, (PlotPlan){ .width = 31, .height = 3 });

        assert_span(text, "     3.00 ┤                   •\n"
                          "     2.00 ┤\n"
                          "     1.00 ┤•\n"
                          "          └────────────────────\n");
}

TEST(plot_of_many_values_keeps_their_range)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        double *values = new (arena, double, 100000);
        Span text;

        for (size_t i = 0; i < 100000; i++)
                values[i] = 10;
        values[50000] = 100; /* one odd value in a hundred thousand is still seen */
        text = plot(arena, values, 100000, (PlotPlan){ .height = 5 });
        assert_int_equal(lines_of(text), 6);
        assert_fits(text, 80);
        assert_true(span_contains(text, "│"));
        assert_true(span_starts(text, "      100 ┤ "));
}

TEST(plot_of_equal_values_of_one_and_of_none)
{
        static const double equal[] = { 5, 5, 5 };
        const double nothing[] = { (double)NAN };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        assert_true(span_contains(plot(arena, equal, 3, (PlotPlan){ 0 }), "•"));
        assert_true(span_contains(plot(arena, equal, 1, (PlotPlan){ 0 }), "•"));
        assert_int_equal(plot(arena, nothing, 1, (PlotPlan){ 0 }).len, 0);
        assert_int_equal(plot(arena, NULL, 0, (PlotPlan){ 0 }).len, 0);
}

TEST(plot_keeps_to_its_width_whatever_it_is_given)
{
        static const double values[] = { 1e300, -1e300, 0, 1e-300 };
        static const PlotLevel levels[] = { { 0, 1, 1e308 }, { 1, 1, 0 }, { 3, 4, -1e308 } };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        for (int width = -5; width < 120; width += 5) {
                Span text = plot(arena, values, 4,
                                 (PlotPlan){ .width = width,
                                             .levels = levels,
                                             .n_levels = 3,
                                             .first = SPAN("\x1b[31m a very long name of a run"),
                                             .last = SPAN("another very long name of a run") });

                assert_fits(text, (size_t)(width > 31 ? width : width > 0 ? 31 : 78));
                assert_false(span_contains(text, "\x1b"));
        }
}

TEST(plot_marks_have_names)
{
        assert_int_equal(plot_mark(0), '1');
        assert_int_equal(plot_mark(8), '9');
        assert_int_equal(plot_mark(9), 'a');
        assert_int_equal(plot_mark(34), 'z');
        assert_int_equal(plot_mark(35), '+');
        assert_int_equal(plot_mark(SIZE_MAX), '+');
}
