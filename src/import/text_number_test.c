#include "harness.h"

#include "import/text_number.h"

static void assert_number(const char *text, double want, const char *left)
{
        Span rest = span_of(text);
        double value;

        if (!text_take_number(&rest, &value))
                fail_msg("'%s' has no number", text);
        assert_near(value, want, 0);
        assert_span(rest, left);
}

TEST(numbers_end_where_they_do)
{
        assert_number("  1,234.5x", 1234.5, "x");
        assert_number("12,345,678", 12345678, "");
        assert_number("1,2", 1, ",2");
        assert_number("1234,567", 1234, ",567");
        assert_number("1,2345", 1, ",2345");
        assert_number("5elem", 5, "elem");
        assert_number("5e3m", 5000, "m");
        assert_number("5e-3", 0.005, "");
        assert_number("-.5 ", -.5, " ");
        assert_number("3.", 3, "");
}

TEST(numbers_are_finite_digits)
{
        static const char *const none[] = { "", "nan", "-", ".", "inf", ",5", "e5", "--5", "0x" };
        double value;

        for (size_t i = 0; i + 1 < COUNT(none); i++) {
                Span rest = span_of(none[i]);

                assert_false(text_take_number(&rest, &value));
        }
        assert_false(text_number(SPAN("1e999"), &value));
        assert_false(text_number(SPAN("5 5"), &value));
        assert_true(text_is_not_finite(SPAN(" -NaN ")));
        assert_true(text_is_not_finite(SPAN("Infinity")));
        assert_false(text_is_not_finite(SPAN("nano")));
}

TEST(durations_add_their_parts)
{
        static const struct {
                const char *text;
                double ns;
                const char *left;
        } cases[] = {
                { "1m40.5s, x", 100.5e9, ", x" }, { "509.44us  1", 509440, "  1" },
                { "635.089\u00b5s", 635089, "" }, { "3 ms", 3e6, "" },
                { "1h0m5s", 3605e9, "" },         { "1.02m", 61.2e9, "" },
        };
        double ns;

        for (size_t i = 0; i < COUNT(cases); i++) {
                Span rest = span_of(cases[i].text);

                assert_true(text_take_duration(&rest, &ns));
                assert_near(ns, cases[i].ns, 1e-3);
                assert_span(rest, cases[i].left);
        }
        for (size_t i = 0; i < 3; i++) {
                Span rest = span_of((const char *const[]){ "5", "5 apples", "us" }[i]);

                assert_false(text_take_duration(&rest, &ns));
        }
}

TEST(sizes_know_both_kinds_of_k)
{
        static const struct {
                const char *text;
                double kilo, bytes;
        } cases[] = {
                { "29.92MB", 1024, 29.92 * 0x1p20 },
                { "475 kB", 1000, 475e3 },
                { "1.5KiB", 1000, 1536 },
                { "111 B", 1000, 111 },
                { "1800 bytes", 1000, 1800 },
                { "5.31MB/s", 1024, 5.31 * 0x1p20 },
                { "2G", 1000, 2e9 },
        };
        double bytes;
        Span bad = SPAN("5 apples");

        for (size_t i = 0; i < COUNT(cases); i++) {
                Span rest = span_of(cases[i].text);

                assert_true(text_take_size(&rest, cases[i].kilo, &bytes));
                assert_near(bytes, cases[i].bytes, 1e-6);
        }
        assert_false(text_take_size(&bad, 1000, &bytes));
}

TEST(commas_are_decimal_points_where_asked)
{
        double value;

        assert_true(text_number_comma(SPAN("0,317"), &value));
        assert_near(value, 0.317, 0);
        assert_true(text_number_comma(SPAN("1.5"), &value));
        assert_near(value, 1.5, 0);
        assert_false(text_number_comma(SPAN("1,5,5"), &value));
}
