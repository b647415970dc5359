#include "present/flame.h"
#include "present/flame_diff.h"

#include "golden.h"
#include "harness.h"

static Profile *profile_of(const char *text, Arena *arena)
{
        Profile *p = NULL;
        Error err = { 0 };

        assert_ok(profile_read_collapsed(span_of(text), "x", arena, &p, &err), err);
        return p;
}

static double was_of(const FlameDiff *diff, const char *leaf)
{
        for (uint32_t i = 1; i < diff->profile->nodes.len; i++)
                if (span_is(profile_symbol(diff->profile, diff->profile->nodes.items[i].frame),
                            leaf))
                        return diff->was[i];
        fail_msg("there is no %s", leaf);
        return 0;
}

TEST(flame_diff_joins_by_name_and_scales_without_cutting)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Profile *before = profile_of("a;b 1\na;gone 2\n", arena);
        Profile *after = profile_of("a;b 3\na;new 7\n", arena);
        FlameDiff diff, plain;
        Error err = { 0 };

        assert_ok(flame_diff(after, before, true, arena, &diff, &err), err);
        assert_near(was_of(&diff, "b"), 10.0 / 3, 1e-12);
        assert_near(was_of(&diff, "gone"), 20.0 / 3, 1e-12);
        assert_near(was_of(&diff, "new"), 0, 0);
        assert_int_equal(diff.profile->total_weight, 10);
        assert_ok(flame_diff(after, before, false, arena, &plain, &err), err);
        assert_near(was_of(&plain, "b"), 1, 0);
}

TEST(flame_svg_of_a_change_says_what_was_and_colours_it)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *before = profile_of("a;same 5\na;less 5\n", arena);
        Profile *after = profile_of("a;same 5\na;more 5\n", arena);
        Buf out = buf_in(arena, MiB(1)), negated = buf_in(arena, MiB(1));
        FlamePlan plan = { 0 };
        FlameDiff diff;
        Error err = { 0 };

        assert_ok(flame_diff(after, before, true, arena, &diff, &err), err);
        plan.was = diff.was;
        assert_ok(flame_svg(diff.profile, &plan, &out, &err), err);
        assert_true(span_contains(buf_span(&out), "<title>more\n5 samples, 50.0 % (itself 50.0 %)"
                                                  "; was 0 %, itself +50.00 %</title>"));
        assert_true(span_contains(buf_span(&out), "rgb(255,0,0)"));
        assert_false(span_contains(buf_span(&out), "rgb(0,0,255)"));
        assert_false(span_contains(buf_span(&out), "<title>less"));
        plan.negate = true;
        assert_ok(flame_svg(diff.profile, &plan, &negated, &err), err);
        assert_true(span_contains(buf_span(&negated), "rgb(0,0,255)"));
}

TEST(flame_diff_of_what_does_not_fit_is_an_error)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        AUTO(arena_freep) Arena *small = arena_new(KiB(1));
        Profile *p = profile_of("a;b 1\n", arena);
        FlameDiff diff;
        Error err = { 0 };

        assert_fails(flame_diff(p, p, true, small, &diff, &err), err, ERR_LIMIT);
}
