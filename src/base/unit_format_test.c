#include "base/units.h"
#include "harness.h"

#include <locale.h>
#include <math.h>
#include <string.h>

typedef struct Example {
        Unit unit;
        double value;
        const char *text;
} Example;

static const Example examples[] = {
        { UNIT_NS, 0, "0 ns" },
        { UNIT_NS, 5, "5.00 ns" },
        { UNIT_NS, 0.25, "0.250 ns" },
        { UNIT_NS, 1.25e6, "1.25 ms" },
        { UNIT_NS, 999.4e3, "999 us" },
        { UNIT_NS, 999.6e3, "1.00 ms" },
        { UNIT_NS, 9.994e3, "9.99 us" },
        { UNIT_NS, 9.996e3, "10.0 us" },
        { UNIT_NS, 99.96e3, "100 us" },
        { UNIT_NS, 30e9, "30.0 s" },
        { UNIT_NS, 59.94e9, "59.9 s" },
        { UNIT_NS, 59.96e9, "1.00 min" },
        { UNIT_NS, 90e9, "1.50 min" },
        { UNIT_NS, 59.96 * 60e9, "1.00 h" },
        { UNIT_NS, 23.99 * 3600e9, "1.00 d" },
        { UNIT_NS, 86400e9 * 4000, "4000 d" },
        { UNIT_NS, -1.25e6, "-1.25 ms" },
        { UNIT_NS, 1e300, "1.16e+286 d" },
        { UNIT_NS, 1e-12, "1.00e-12 ns" },
        { UNIT_NS, (double)NAN, "-" },
        { UNIT_NS, (double)INFINITY, "inf" },
        { UNIT_NS, -(double)INFINITY, "-inf" },
        { UNIT_BYTES, 0, "0 B" },
        { UNIT_BYTES, 512, "512 B" },
        { UNIT_BYTES, 1023, "1023 B" },
        { UNIT_BYTES, 1.5, "1.50 B" },
        { UNIT_BYTES, 1024, "1.00 KiB" },
        { UNIT_BYTES, 64.0 * 1048576, "64.0 MiB" },
        { UNIT_BYTES, 1000.0 * 1024, "0.977 MiB" },
        { UNIT_BYTES, 999.6 * 1024, "0.977 MiB" },
        { UNIT_BYTES, 999.4 * 1024, "999 KiB" },
        { UNIT_BYTES, -2048, "-2.00 KiB" },
        { UNIT_RATIO, 0.125, "12.5 %" },
        { UNIT_RATIO, 0.25, "25.0 %" },
        { UNIT_RATIO, 1, "100 %" },
        { UNIT_RATIO, 0.9999, "99.99 %" },
        { UNIT_RATIO, 0.99999, "99.999 %" },
        { UNIT_RATIO, 0.9951, "99.5 %" },
        { UNIT_RATIO, 12.3, "1230 %" },
        { UNIT_RATIO, 0, "0 %" },
        { UNIT_COUNT, 0, "0" },
        { UNIT_COUNT, 7, "7" },
        { UNIT_COUNT, 812, "812" },
        { UNIT_COUNT, 5.5, "5.50" },
        { UNIT_COUNT, 999.7, "1.00k" },
        { UNIT_COUNT, 12345, "12.3k" },
        { UNIT_COUNT, 999999, "1.00M" },
        { UNIT_PER_S, 812, "812/s" },
        { UNIT_PER_S, 2500, "2.50k/s" },
        { UNIT_BYTES_PER_S, 64.0 * 1048576, "64.0 MiB/s" },
        { UNIT_CORES, 1.25, "1.25 cores" },
        { UNIT_NS_PER_OP, 1250, "1.25 us/op" },
        { UNIT_NONE, 3.14159, "3.14" },
        { UNIT_NONE, 12345, "12345" },
        { UNIT_NONE, 0.00012345, "0.000123" },
        { UNIT_NONE, 9.999e-10, "1.00e-09" },
        { UNIT_NONE, 1.7e308, "1.70e+308" },
        { UNIT_NONE, 5e-324, "4.94e-324" },
};

TEST(unit_format_has_three_digits_and_carries_over_the_limits)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (size_t i = 0; i < COUNT(examples); i++) {
                const Example *e = &examples[i];
                const char *text = unit_text(arena, e->unit, e->value);

                if (strcmp(text, e->text))
                        fail_msg("%.17g %s is '%s', not '%s'", e->value, unit_name(e->unit), text,
                                 e->text);
        }
}

/* For every magnitude of a double: no crash, few columns, the sign kept. */
TEST(unit_format_stays_short_for_every_magnitude)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (unsigned unit = 0; unit < UNIT_COUNT_; unit++)
                for (int e = -1074; e <= 1023; e++) {
                        Mark mark = arena_mark(arena);
                        const char *text = unit_text(arena, (Unit)unit, -ldexp(1.7, e));

                        assert_int_equal(text[0], '-');
                        assert_in_range(strlen(text), 2, 26);
                        arena_reset(arena, mark);
                }
}

/* A printed time, parsed again, is within three digits of what was printed. */
TEST(unit_format_and_duration_parse_agree)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (uint64_t ns = 1; ns < UINT64_MAX / 7; ns = ns * 5 / 3 + 1) {
                const char *text = unit_text(arena, UNIT_NS, (double)ns);
                uint64_t back = 0;
                Error err;

                assert_ok(duration_parse(span_of(text), &back, &err), err);
                assert_near((double)back, (double)ns, (double)ns * 0.00501);
        }
}

static void check_percent(double ratio, const char *expected)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Buf text = buf_in(arena, 100);

        percent_format(&text, ratio);
        assert_span(buf_span(&text), expected);
}

TEST(percent_format_shows_the_sign_and_two_digits)
{
        check_percent(-0.73, "-73 %");
        check_percent(2.86, "+286 %");
        check_percent(0.025, "+2.5 %");
        check_percent(-0.0041, "-0.41 %");
        check_percent(0.0995, "+10 %");
        check_percent(0.0999, "+10 %");
        check_percent(0, "0 %");
        check_percent(-0.00001, "0 %");
        check_percent((double)NAN, "-");
        check_percent((double)INFINITY, "+inf %");
        check_percent(-1e200, "-1.00e+202 %");
}
