#include "import/profile/profile_format.h"

#include "harness.h"

static ProfileSet read_set(Span text, Arena *arena)
{
        ProfileSet set = { 0 };
        Error err = { 0 };

        assert_ok(profile_import(text, &(ProfileImportPlan){ .name = SPAN("x.txt") }, arena, &set,
                                 &err),
                  err);
        return set;
}

static Span written(const Profile *p, Arena *arena)
{
        Buf out = buf_in(arena, MiB(1));

        profile_write_collapsed_weights(p, &out);
        return buf_span(&out);
}

static void refused(Span text, const char *message)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileImportPlan plan = { .name = SPAN("x.txt"),
                                   .format = profile_format_find(SPAN("collapsed")) };
        ProfileSet set;
        Error err = { 0 };

        assert_fails(profile_import(text, &plan, arena, &set, &err), err, ERR_INPUT);
        assert_span(span_of(err.message), message);
}

TEST(collapsed_text_is_read_with_any_line_end_and_mark)
{
        static const Span texts[] = { SPAN("a;b 5\na;b;c 1\na;b;c 4\n"),
                                      SPAN("a;b 5\r\na;b;c 1\r\na;b;c 4"),
                                      SPAN("\xef\xbb\xbf"
                                           "a;b 5\na;b;c 1\n\n  a;b;c  4\n") };

        for (size_t i = 0; i < COUNT(texts); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                ProfileSet set = read_set(texts[i], arena);

                assert_int_equal(set.items.len, 1);
                assert_int_equal(set.warnings.len, 0);
                assert_span(written(set.items.items[0].profile, arena), "a;b 5\na;b;c 5\n");
        }
}

TEST(collapsed_lines_without_a_count_are_named_and_left_out)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(SPAN("# info\n// info\na;b 5\ninvalid line\na;c 1\n"), arena);

        assert_int_equal(set.items.items[0].profile->total_weight, 6);
        assert_int_equal(set.warnings.len, 1);
        assert_span(set.warnings.items[0], "line 4: no count at the end: invalid line");
}

TEST(collapsed_second_counts_on_every_line_are_another_side)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(SPAN("a;b 5 7\na;c 0 2\na;d 3 0\n"), arena);

        assert_int_equal(set.kind, PROFILES_SIDES);
        assert_int_equal(set.shown, 1);
        assert_span(written(set.items.items[0].profile, arena), "a;b 5\na;d 3\n");
        assert_span(written(set.items.items[1].profile, arena), "a;b 7\na;c 2\n");
}

TEST(collapsed_names_may_end_in_numbers_when_not_every_line_does)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(SPAN("a;worker 5 7\na;c 2\n"), arena);

        assert_int_equal(set.kind, PROFILES_VALUES);
        assert_span(written(set.items.items[0].profile, arena), "a;c 2\na;worker 5 7\n");
}

TEST(collapsed_fractions_are_kept_and_said)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(SPAN("a;b 0.25\na;c 1.5\na;d 2.\n"), arena);

        assert_span(written(set.items.items[0].profile, arena), "a;b 250\na;c 1500\na;d 2000\n");
        assert_int_equal(set.warnings.len, 1);
}

TEST(collapsed_kinds_come_from_annotations)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(SPAN("sh;read_[k];x_[j];y_[i];[unknown] 1\n"), arena);
        static const FrameKind kinds[] = { FRAME_NATIVE, FRAME_KERNEL, FRAME_JIT, FRAME_INLINED,
                                           FRAME_UNKNOWN };
        const Profile *p = set.items.items[0].profile;

        assert_int_equal(p->frames.len, COUNT(kinds));
        for (size_t i = 0; i < COUNT(kinds); i++)
                assert_int_equal(p->frames.items[i].kind, kinds[i]);
}

TEST(collapsed_text_without_a_stack_is_an_error_with_the_line)
{
        refused(SPAN("\n\nhello\n"), "x.txt:3: expected 'frame;frame COUNT'");
        refused(SPAN("# only comments\n"), "x.txt: no stacks in it");
        refused(SPAN("a;b 0\n"), "x.txt: no stacks in it");
        refused(SPAN("a;b -5\n"), "x.txt:1: expected 'frame;frame COUNT'");
        refused(SPAN("a;b 1e9\n"), "x.txt:1: expected 'frame;frame COUNT'");
        refused(SPAN("12\n"), "x.txt:1: expected 'frame;frame COUNT'");
}

TEST(collapsed_stacks_past_the_ceiling_are_an_error)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileImportPlan plan = { .name = SPAN("x.txt"), .max_nodes = 4 };
        ProfileSet set;
        Error err = { 0 };

        assert_fails(profile_import(SPAN("a;b;c 1\na;b;d 1\n"), &plan, arena, &set, &err), err,
                     ERR_LIMIT);
        assert_span(span_of(err.message), "x.txt:2: more different stacks than fit");
}

TEST(collapsed_lines_may_stand_for_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileImportPlan plan = { .name = SPAN("x"), .max_samples = 2, .lines_in_time = true };
        const ProfileSample *samples;
        ProfileSet set;
        Error err = { 0 };

        assert_ok(profile_import(SPAN("a;b 3\na;c 4\na;b 1\n"), &plan, arena, &set, &err), err);
        samples = set.items.items[0].profile->samples.items;
        assert_int_equal(set.items.items[0].profile->samples.len, 2);
        assert_int_equal(samples[0].time_ns, 0);
        assert_int_equal(samples[0].weight, 3);
        assert_int_equal(samples[1].time_ns, 3);
        assert_int_equal(samples[1].weight, 4);
}
