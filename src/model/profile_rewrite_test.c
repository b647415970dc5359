#include "model/profile_rewrite.h"

#include "harness.h"

static Profile *sample(Arena *arena)
{
        Profile *p = profile_new(arena, 100);
        uint32_t sh = profile_frame(p, &(FrameDesc){ .symbol = SPAN("sh"), .kind = FRAME_THREAD });
        uint32_t a = profile_frame(p, &(FrameDesc){ .symbol = SPAN("a") });
        uint32_t k = profile_frame(p, &(FrameDesc){ .symbol = SPAN("k"), .kind = FRAME_KERNEL });
        uint32_t j = profile_frame(p, &(FrameDesc){ .symbol = SPAN("j"), .kind = FRAME_JIT });
        uint32_t thread = profile_thread(p, SPAN("sh"), 1, 2);

        profile_keep_samples(p, 10);
        profile_add(p, (uint32_t[]){ sh, a, k }, 3, 2, 20);
        profile_add(p, (uint32_t[]){ sh, a }, 2, 1, 10);
        profile_add_at(p, (uint32_t[]){ sh, j, k }, 3, thread, 77, 5);
        p->quality.lost = 3;
        return p;
}

static Profile *rewritten(Arena *arena, ProfileRewrite how)
{
        Profile *p = sample(arena), *to = NULL;
        Error err = { 0 };

        assert_ok(profile_rewrite(p, &how, arena, &to, &err), err);
        assert_int_equal(to->quality.samples, p->quality.samples);
        assert_int_equal(to->quality.lost, 3);
        assert_int_equal(to->samples.len, 1);
        assert_int_equal(to->samples.items[0].time_ns, 77);
        return to;
}

static void gives(ProfileRewrite how, const char *want)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(64));

        profile_write_collapsed_weights(rewritten(arena, how), &out);
        assert_span(buf_span(&out), want);
}

TEST(profile_rewrite_changes_what_is_asked_for_only)
{
        gives((ProfileRewrite){ 0 }, "sh;a 10\nsh;a;k 20\nsh;j;k 5\n");
        gives((ProfileRewrite){ .samples = true }, "sh;a 1\nsh;a;k 2\nsh;j;k 1\n");
        gives((ProfileRewrite){ .kernel = true }, "sh;a 10\nsh;a;k_[k] 20\nsh;j;k_[k] 5\n");
        gives((ProfileRewrite){ .jit = true }, "sh;a 10\nsh;a;k 20\nsh;j_[j];k 5\n");
}

TEST(profile_rewrite_reversed_starts_at_the_leaves_below_the_thread)
{
        gives((ProfileRewrite){ .reverse = true }, "sh;a 10\nsh;k;a 20\nsh;k;j 5\n");
}

TEST(profile_rewrite_does_not_annotate_twice)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Profile *p = profile_new(arena, 10), *to;
        uint32_t k =
                profile_frame(p, &(FrameDesc){ .symbol = SPAN("read_[k]"), .kind = FRAME_KERNEL });
        Error err = { 0 };

        profile_add(p, &k, 1, 1, 1);
        assert_ok(profile_rewrite(p, &(ProfileRewrite){ .kernel = true }, arena, &to, &err), err);
        assert_span(profile_symbol(to, 0), "read_[k]");
}

TEST(profile_rewrite_moves_the_samples_to_their_new_nodes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Profile *p = rewritten(arena, (ProfileRewrite){ .reverse = true });
        const ProfileNode *node = &p->nodes.items[p->samples.items[0].node];

        assert_span(profile_symbol(p, node->frame), "j");
        assert_span(profile_symbol(p, p->nodes.items[node->parent].frame), "k");
}

TEST(profile_rewrite_that_does_not_fit_is_an_error)
{
        AUTO(arena_freep) Arena *big = arena_new(MiB(1));
        AUTO(arena_freep) Arena *small = arena_new(KiB(2));
        Profile *p = sample(big), *to;
        Error err = { 0 };

        assert_fails(profile_rewrite(p, &(ProfileRewrite){ 0 }, small, &to, &err), err, ERR_LIMIT);
}
