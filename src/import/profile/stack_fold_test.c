#include "import/profile/stack_fold.h"

#include "harness.h"

#include <inttypes.h>

typedef struct Fixture {
        Arena *arena;
        Profile *p;
        StackFold *fold;
} Fixture;

static Fixture fixture(size_t text_len)
{
        Fixture x = { .arena = arena_new(MiB(256)) };

        x.p = profile_new(x.arena, 1 << 20);
        x.fold = stack_fold_new(x.p, text_len, x.arena);
        assert_non_null(x.fold);
        return x;
}

static uint32_t frame(Fixture *x, const char *name)
{
        return profile_frame(x->p, &(FrameDesc){ .symbol = span_of(name) });
}

static void push(Fixture *x, Span text, const uint32_t *frames, uint32_t n)
{
        FoldKey key = { .head = text };
        const FoldLine *line = stack_fold_line(x->fold, &key);

        if (!line)
                line = stack_fold_learn(x->fold, &key, frames, n);
        assert_non_null(line);
        assert_true(stack_fold_push(x->fold, line));
}

TEST(stack_fold_puts_lines_together_from_the_leaf_to_the_root)
{
        Fixture x = fixture(100);
        uint32_t root = frame(&x, "sh"), leaf = frame(&x, "leaf");
        uint32_t two[] = { frame(&x, "outer"), frame(&x, "inner") };
        Buf out = buf_in(x.arena, KiB(4));

        for (uint64_t i = 1; i <= 3; i++) {
                push(&x, SPAN("leaf"), &leaf, 1);
                push(&x, SPAN("skipped"), NULL, 0);
                push(&x, SPAN("not understood"), NULL, FOLD_NOTHING);
                push(&x, SPAN("outer->inner"), two, 2);
                assert_int_equal(stack_fold_depth(x.fold), 3);
                stack_fold_add(x.fold, root, 10 * i);
        }
        stack_fold_flush(x.fold);
        stack_fold_flush(x.fold); /* once more changes nothing */
        profile_write_collapsed_weights(x.p, &out);
        assert_span(buf_span(&out), "sh;outer;inner;leaf 60\n");
        assert_int_equal(x.p->quality.samples, 3);
        arena_free(x.arena);
}

TEST(stack_fold_keeps_keys_of_other_pieces_and_tags_apart)
{
        static const FoldKey keys[] = {
                { SPAN("key"), SPAN("tail"), 0 }, { SPAN("key"), SPAN("tail"), 1 },
                { SPAN("keyt"), SPAN("ail"), 0 }, { SPAN("key"), SPAN(""), 0 },
                { SPAN("keytail"), SPAN(""), 0 }, { SPAN("k"), SPAN(""), 0 },
        };
        Fixture x = fixture(100);

        for (uint32_t i = 0; i < COUNT(keys); i++) {
                assert_null(stack_fold_line(x.fold, &keys[i]));
                stack_fold_learn(x.fold, &keys[i], &i, 1);
        }
        for (uint32_t i = 0; i < COUNT(keys); i++)
                assert_int_equal(*stack_fold_frames(x.fold, stack_fold_line(x.fold, &keys[i])), i);
        arena_free(x.arena);
}

/* Far more different lines and stacks than the caches hold: sums must not depend on them. */
TEST(stack_fold_sums_are_exact_when_the_caches_overflow)
{
        Fixture x = fixture(1);
        uint32_t root = frame(&x, "sh");
        enum { LINES = 3000 };
        uint64_t seen = 0;

        for (unsigned round = 0; round < 3; round++)
                for (unsigned i = 0; i < LINES; i++) {
                        char *key = arena_printf(x.arena, "line %u", i);
                        uint32_t both[] = { frame(&x, key), frame(&x, "callee") };

                        push(&x, span_of(key), both, 2);
                        push(&x, SPAN("common"), both + 1, 1);
                        stack_fold_add(x.fold, root, i + 1);
                }
        stack_fold_flush(x.fold);
        for (size_t i = 0; i < x.p->nodes.len; i++)
                if (x.p->nodes.items[i].self_samples) {
                        assert_int_equal(x.p->nodes.items[i].self_samples, 3);
                        seen++;
                }
        assert_int_equal(seen, LINES);
        assert_int_equal(x.p->total_weight, 3 * (uint64_t)LINES * (LINES + 1) / 2);
        arena_free(x.arena);
}

TEST(stack_fold_refuses_a_stack_that_is_too_deep)
{
        Fixture x = fixture(100);
        uint32_t one = frame(&x, "f");
        const FoldLine *line = stack_fold_learn(x.fold, &(FoldKey){ SPAN("f") }, &one, 1);

        for (size_t i = 0; i < 65536; i++)
                assert_true(stack_fold_push(x.fold, line));
        assert_false(stack_fold_push(x.fold, line));
        stack_fold_add(x.fold, one, 1);
        stack_fold_flush(x.fold);
        assert_int_equal(x.p->quality.samples, 1);
        assert_int_equal(x.p->quality.frames, 65537);
        arena_free(x.arena);
}
