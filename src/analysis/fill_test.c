#include "harness.h"

#include "analysis/fill.h"

#include <math.h>

static const OwnerCost owner = { .function = { "work", 4 },
                                 .share = 0.5,
                                 .own_share = 0.25,
                                 .callee = { "qsort", 5 },
                                 .callee_share = 0.75,
                                 .source = { "w.c:3", 5 },
                                 .leaf = { "compare", 7 },
                                 .callers = { "main > handle", 13 } };

TEST(fill_puts_what_is_known_of_an_owner)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Fill fill = { .owner = &owner,
                      .share = 0.5,
                      .value = 0.1,
                      .value_unit = UNIT_RATIO,
                      .impact_ns = 2e6,
                      .frequency_per_s = 100 };

        assert_span(fill_text(SPAN("{function} {callee} {leaf} {source} {callers}"), &fill, arena),
                    "work qsort compare w.c:3 main > handle");
        assert_span(fill_text(SPAN("{share}|{own_share}|{callee_share}|{value}"), &fill, arena),
                    "50.0 %|25.0 %|75.0 %|10.0 %");
        assert_span(fill_text(SPAN("{impact} at {frequency}"), &fill, arena), "2.00 ms at 100/s");
}

TEST(fill_leaves_text_that_is_no_placeholder)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Fill fill = { .subject = SPAN("CPU") };
        static const char *const same[] = { "", "plain", "a } b", "{ open", "}{" };

        for (size_t i = 0; i < COUNT(same); i++)
                assert_span(fill_text(span_of(same[i]), &fill, arena), same[i]);
        assert_span(fill_text(SPAN("{subject}{subject}!"), &fill, arena), "CPUCPU!");
}

TEST(fill_falls_back_where_something_is_not_known)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        OwnerCost bare = { .function = SPAN("work"), .leaf = SPAN("work") };
        Fill fill = { .owner = &bare, .impact_ns = NAN };

        assert_span(fill_text(SPAN("{source}|{callee}|{callers}|{impact}"), &fill, arena),
                    "work|work||-");
}

TEST(fill_check_knows_what_means_something_where)
{
        Span bad;

        assert_true(fill_check(SPAN("{function} {own_share} {impact}"), FILL_FOR_OWNER, &bad));
        assert_true(fill_check(SPAN("no { placeholder } {"), FILL_FOR_RESOURCE, &bad) == false);
        assert_span(bad, " placeholder ");
        assert_false(fill_check(SPAN("{value} {function}"), FILL_FOR_METRIC, &bad));
        assert_span(bad, "function");
        assert_false(fill_check(SPAN("{callee}"), FILL_FOR_PATTERN, &bad));
        assert_true(fill_check(SPAN("{function} {share}"), FILL_FOR_PATTERN, &bad));
        assert_true(fill_check(SPAN("{subject} {value}"), FILL_FOR_RESOURCE, &bad));
        assert_false(fill_check(SPAN("{}"), FILL_FOR_OWNER, &bad));
}

TEST(fill_cuts_long_names_between_characters)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf name = buf_in(arena, KiB(8));

        for (int i = 0; i < 1000; i++)
                buf_text(&name, "\xe2\x82\xac"); /* three bytes each */
        assert_int_equal(fill_name(buf_span(&name), arena).len, 120 + 3);
        assert_span(fill_name(SPAN("short"), arena), "short");
        assert_int_equal(fill_name((Span){ "\xff\xff", 2 }, arena).len, 2);
}
