#include "present/flame_sides.h"
#include "present/view.h"

#include "fixture.h"
#include "golden.h"

/* Five runs a side in which "old" gives way to a hostile name. */
typedef struct Planted {
        Run *a[5], *b[5];
        DiffSide side_a, side_b;
        ProfileDiff diff;
} Planted;

static Run *planted_run(Arena *arena, bool after, uint64_t vary)
{
        Run *run = new (arena, Run, 1);
        Profile *p = profile_new(arena, 100);
        uint32_t thread =
                profile_frame(p, &(FrameDesc){ .symbol = SPAN("w"), .kind = FRAME_THREAD });
        uint32_t main_frame = profile_frame(p, &(FrameDesc){ .symbol = SPAN("main") });
        uint32_t steady = profile_frame(p, &(FrameDesc){ .symbol = SPAN("steady") });
        uint32_t moved =
                profile_frame(p, &(FrameDesc){ .symbol = after ? span_of(HOSTILE) : SPAN("old") });
        uint32_t tiny = profile_frame(p, &(FrameDesc){ .symbol = SPAN("tiny") });

        profile_add(p, (uint32_t[]){ thread, main_frame, steady }, 3, 700 + vary, 700 + vary);
        profile_add(p, (uint32_t[]){ thread, main_frame, moved }, 3, 300, 300);
        profile_add(p, (uint32_t[]){ thread, main_frame, tiny }, 3, 1, 1);
        p->event = "cpu";
        p->duration_ns = NS_PER_S;
        run->recording = recording_new(arena, "profile");
        run->recording->profile = p;
        return run;
}

static Planted *planted(Arena *arena)
{
        Planted *p = new (arena, Planted, 1);
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(p->a); i++) {
                p->a[i] = planted_run(arena, false, i);
                p->b[i] = planted_run(arena, true, 2 * i);
        }
        p->side_a = (DiffSide){ .runs = p->a, .len = COUNT(p->a) };
        p->side_b = (DiffSide){ .runs = p->b, .len = COUNT(p->b) };
        assert_ok(profile_diff(&p->side_a, &p->side_b, &(DiffPlan){ 0 }, arena, &p->diff, &err),
                  err);
        return p;
}

static Span drawn(const Planted *p, FlameSide side, Arena *arena)
{
        Buf out = buf_in(arena, MiB(4));
        Profile *merged;
        Error err = { 0 };

        assert_ok(profile_diff_merge(side == FLAME_AFTER ? &p->side_b : &p->side_a, arena, &merged,
                                     &err),
                  err);
        assert_ok(flame_sides_svg(merged, &p->diff,
                                  &(FlameSidePlan){ .title = HOSTILE, .side = side }, &out, &err),
                  err);
        return buf_span(&out);
}

TEST(flame_diff_colours_what_vanished_before_and_what_is_new_after)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        const Planted *p = planted(arena);
        Span before = drawn(p, FLAME_BEFORE, arena), after = drawn(p, FLAME_AFTER, arena);

        assert_well_formed(before);
        assert_well_formed(after);
        assert_true(span_contains(before, "30.0 % before, 0 % after: VANISHED</title>") ||
                    span_contains(before, "29.9 % before, 0 % after: VANISHED</title>"));
        assert_true(span_contains(before, "fill=\"hsl(264,"));
        assert_true(span_contains(after, "after: NEW</title>"));
        assert_true(span_contains(after, "fill=\"hsl(325,"));
        assert_false(span_contains(after, "<script>alert"));
        assert_false(span_contains(after, " id="));
        assert_true(span_contains(after, "too small to be compared"));
}

TEST(view_profile_diff_prints_in_every_format_and_survives_hostile_names)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        const Planted *p = planted(arena);
        static const DocFormat formats[] = { DOC_TEXT, DOC_MARKDOWN, DOC_HTML, DOC_JSON };
        DiffNames names = { SPAN("base"), span_of(HOSTILE) };

        for (size_t i = 0; i < COUNT(formats); i++) {
                Doc *doc = doc_new(arena, "profile_diff");
                Buf out = buf_in(arena, MiB(16));
                Error err = { 0 };
                Document parsed;

                if (formats[i] == DOC_HTML)
                        assert_ok(view_profile_diff_flames(doc, &p->diff, &p->side_a, &p->side_b,
                                                           &names, &err),
                                  err);
                view_profile_diff(doc, &p->diff, &names);
                assert_ok(doc_print(doc, formats[i], &(DocStyle){ .width = 80 }, &out, &err), err);
                assert_true(span_contains(buf_span(&out), "VANISHED"));
                assert_true(span_contains(buf_span(&out), "old"));
                if (formats[i] == DOC_HTML)
                        assert_false(span_contains(buf_span(&out), "<script>alert"));
                if (formats[i] == DOC_TEXT)
                        assert_fits(buf_span(&out), 80);
                if (formats[i] == DOC_JSON)
                        assert_ok(json_parse_strict(buf_span(&out), "diff", arena, &parsed, &err),
                                  err);
        }
}
