#include "present/flame.h"

#include "base/fs.h"
#include "base/subprocess.h"

#include "fixture.h"
#include "golden.h"

#include <string.h>

TEST(flame_boxes_have_widths_in_proportion)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Buf out = buf_in(arena, MiB(1));

        flame_text_boxes(fixture_profile(arena), &(FlamePlan){ .width = 64 }, &out);
        assert_golden(buf_span(&out), "flame_boxes.txt");
}

TEST(flame_bars_are_a_tree_with_shares_and_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Buf out = buf_in(arena, MiB(1));

        flame_text_bars(fixture_profile(arena), &(FlamePlan){ 0 }, &out);
        assert_golden(buf_span(&out), "flame_bars.txt");
}

static Span svg_of(Arena *arena, const Profile *p, FlamePlan plan)
{
        Buf out = buf_in(arena, MiB(64));
        Error err = { 0 };

        assert_ok(flame_svg(p, &plan, &out, &err), err);
        return buf_span(&out);
}

TEST(flame_svg_is_well_formed_and_complete)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span svg = svg_of(arena, fixture_profile(arena), (FlamePlan){ .title = "CPU" });

        assert_well_formed(svg);
        assert_true(
                span_contains(svg, "<title>query\n[kernel]\n450 samples, 45.0 % (itself 45.0 %)"));
        assert_true(span_contains(svg, ">parseJSON</text>"));
        assert_false(span_contains(svg, " id="));
}

TEST(flame_svg_escapes_hostile_names)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        ReportInput in = fixture_hostile(arena);
        const Profile *p = in.before[2]->recording->profile;
        Span svg = svg_of(arena, p, (FlamePlan){ .title = HOSTILE, .icicle = true });

        assert_well_formed(svg);
        assert_false(span_contains(svg, "<script>alert"));
        assert_false(span_contains(svg, "\x1b"));
        assert_true(span_contains(svg, "\\x1b[31mred"));
}

TEST(flame_svg_of_no_samples_is_an_error)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Profile *p = profile_new(arena, 10);
        Buf out = buf_in(arena, MiB(1)), text = buf_in(arena, MiB(1));
        Error err = { 0 };

        assert_fails(flame_svg(p, &(FlamePlan){ 0 }, &out, &err), err, ERR_UNAVAILABLE);
        flame_text_boxes(p, &(FlamePlan){ 0 }, &text);
        flame_text_bars(p, &(FlamePlan){ 0 }, &text);
        assert_span(buf_span(&text), "(no samples)\n(no samples)\n");
}

TEST(flame_svg_past_its_ceiling_is_an_error)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Buf out = buf_in(arena, KiB(4));
        Error err = { 0 };

        assert_fails(flame_svg(fixture_profile(arena), &(FlamePlan){ 0 }, &out, &err), err,
                     ERR_LIMIT);
}

/* Frames that differ in their line only are one box; small boxes are left out. */
TEST(flame_merges_lines_of_one_function_and_drops_the_small)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = profile_new(arena, 1000);
        Buf out = buf_in(arena, MiB(1));

        for (uint32_t line = 1; line <= 4; line++) {
                uint32_t f = profile_frame(p, &(FrameDesc){ .symbol = SPAN("work"),
                                                            .module = SPAN("/bin/x"),
                                                            .line = line });

                profile_add(p, &f, 1, 25, 25);
        }
        uint32_t rare = profile_frame(p, &(FrameDesc){ .symbol = SPAN("rare") });
        profile_add(p, &rare, 1, 1, 1);
        flame_text_bars(p, &(FlamePlan){ 0 }, &out);
        assert_span(buf_span(&out), "work ████████████████████ 99.0 %\n");
}

TEST(flame_text_of_a_deep_chain_stays_inside_the_width)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = profile_new(arena, 10000);
        uint32_t chain[500];
        Buf out = buf_in(arena, MiB(4));

        for (uint32_t i = 0; i < COUNT(chain); i++) {
                const char *name = arena_printf(arena, "a_function_with_a_long_name_%u", i);

                chain[i] = profile_frame(p, &(FrameDesc){ .symbol = span_of(name) });
                profile_add(p, chain, i + 1, 10, 10);
        }
        for (int width = 20; width <= 120; width += 10) {
                buf_clear(&out);
                flame_text_bars(p, &(FlamePlan){ .width = width }, &out);
                flame_text_boxes(p, &(FlamePlan){ .width = width }, &out);
                assert_fits(buf_span(&out), (size_t)MAX(width, 34));
        }
        assert_well_formed(svg_of(arena, p, (FlamePlan){ 0 }));
}

TEST(flame_svg_is_accepted_by_xmllint)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span svg = svg_of(arena, fixture_profile(arena), (FlamePlan){ .title = "CPU" });
        const char *argv[] = { "xmllint", "--noout", "--nonet", "-", NULL };
        Subprocess done;
        Error err = { 0 };

        if (subprocess_run(&(SubprocessPlan){ .argv = argv, .input = svg }, arena, &done, &err) < 0)
                skip_because("there is no xmllint");
        if (done.exit_status != 0)
                fail_msg("%.*s", SPAN_ARG(done.error));
}
