#include "model/profile.h"

#include "harness.h"

static uint32_t function(Profile *p, const char *symbol)
{
        return profile_frame(p,
                             &(FrameDesc){ .symbol = span_of(symbol), .module = SPAN("/bin/x") });
}

/* "a b c" */
static void add(Profile *p, const char *stack, uint64_t samples)
{
        Span rest = span_of(stack), word;
        uint32_t frames[64];
        size_t n = 0;

        while (span_next_word(&rest, &word)) {
                char *name = span_text(p->arena, word);

                frames[n++] = function(p, name);
        }
        profile_add(p, frames, n, samples, samples * 10);
}

TEST(profile_stores_strings_frames_and_chains_once)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Profile *p = profile_new(arena, 1000);

        add(p, "main work parse", 1);
        add(p, "main work parse", 2);
        add(p, "main work", 4);
        assert_int_equal(p->nodes.len, 4);
        assert_int_equal(p->frames.len, 3);
        assert_int_equal(p->strings.len, 5);
        assert_int_equal(p->total_weight, 70);
        assert_int_equal(p->quality.samples, 7);
        assert_int_equal(p->quality.frames, 3 + 6 + 8);
        assert_int_equal(p->quality.dropped, 0);
        assert_span(profile_symbol(p, 2), "parse");
        assert_span(profile_module(p, 2), "/bin/x");
        assert_span(profile_symbol(p, UINT32_MAX), "");
        for (size_t i = 1; i < p->nodes.len; i++)
                assert_true(p->nodes.items[i].parent < i);
}

TEST(profile_tells_frames_apart_by_every_field)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Profile *p = profile_new(arena, 1000);
        FrameDesc d = { .symbol = SPAN("f"), .module = SPAN("m"), .file = SPAN("c"), .line = 1 };
        uint32_t same = profile_frame(p, &d);

        assert_int_equal(profile_frame(p, &d), same);
        d.line = 2;
        assert_int_not_equal(profile_frame(p, &d), same);
        d.line = 1;
        d.kind = FRAME_INLINED;
        assert_int_not_equal(profile_frame(p, &d), same);
        d.kind = FRAME_NATIVE;
        d.module = SPAN("");
        assert_int_not_equal(profile_frame(p, &d), same);
        assert_int_equal(p->frames.len, 4);
}

TEST(profile_totals_add_up_from_the_leaves)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Profile *p = profile_new(arena, 1000);
        uint64_t *totals;

        add(p, "main a b", 1);
        add(p, "main a", 2);
        add(p, "main c", 3);
        add(p, "", 5);
        totals = profile_totals(p, arena);
        assert_int_equal(totals[0], 110);
        assert_int_equal(totals[1], 60);
        assert_int_equal(totals[2], 30);
        assert_int_equal(totals[3], 10);
        assert_int_equal(totals[4], 30);
}

static FunctionCost cost_of(const Profile *p, const FunctionCost *costs, size_t n,
                            const char *symbol)
{
        for (size_t i = 0; i < n; i++)
                if (span_is(profile_symbol(p, costs[i].frame), symbol))
                        return costs[i];
        fail_msg("no function '%s'", symbol);
        return (FunctionCost){ 0 };
}

TEST(profile_functions_count_recursion_once)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Profile *p = profile_new(arena, 1000);
        FunctionCost *costs;
        size_t n;

        add(p, "main fib fib fib", 4);
        add(p, "main fib add", 1);
        add(p, "main add fib", 2);
        n = profile_functions(p, arena, &costs);
        assert_int_equal(n, 3);
        assert_span(profile_symbol(p, costs[0].frame), "fib");
        assert_int_equal(costs[0].self_weight, 60);
        assert_int_equal(costs[0].total_weight, 70);
        assert_int_equal(costs[0].samples, 7);
        assert_int_equal(cost_of(p, costs, n, "main").total_weight, 70);
        assert_int_equal(cost_of(p, costs, n, "add").total_weight, 30);
        assert_int_equal(cost_of(p, costs, n, "add").self_weight, 10);
}

TEST(profile_functions_leave_thread_names_out_and_join_lines)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Profile *p = profile_new(arena, 1000);
        uint32_t chain[2] = { profile_frame(
                p, &(FrameDesc){ .symbol = SPAN("worker"), .kind = FRAME_THREAD }) };
        FunctionCost *costs;

        for (uint32_t line = 1; line <= 3; line++) {
                chain[1] = profile_frame(p, &(FrameDesc){ .symbol = SPAN("f"), .line = line });
                profile_add(p, chain, 2, 1, 5);
        }
        assert_int_equal(profile_functions(p, arena, &costs), 1);
        assert_int_equal(costs[0].self_weight, 15);
}

TEST(profile_functions_of_an_empty_profile_are_none)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        FunctionCost *costs;

        assert_int_equal(profile_functions(profile_new(arena, 10), arena, &costs), 0);
}

TEST(profile_functions_of_a_very_deep_chain_are_linear)
{
        enum { DEPTH = 200000 };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Profile *p = profile_new(arena, DEPTH + 10);
        uint32_t *chain = new (arena, uint32_t, DEPTH);
        FunctionCost *costs;

        for (size_t i = 0; i < DEPTH; i++)
                chain[i] = function(p, i % 2 ? "odd" : "even");
        profile_add(p, chain, DEPTH, 1, 1);
        assert_int_equal(profile_functions(p, arena, &costs), 2);
        assert_int_equal(costs[0].total_weight, 1);
        assert_int_equal(costs[1].total_weight, 1);
}

TEST(profile_stops_at_its_ceiling_and_counts_what_was_dropped)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Profile *p = profile_new(arena, 4);

        add(p, "a b c", 1);
        assert_int_equal(p->nodes.len, 4);
        add(p, "a b d", 7);
        add(p, "a b e f g", 2);
        assert_int_equal(p->quality.dropped, 9);
        assert_int_equal(p->quality.samples, 10);
        assert_int_equal(p->total_weight, 10);
        add(p, "a b", 1);
        assert_int_equal(p->quality.dropped, 9);
        assert_int_equal(p->total_weight, 20);
        assert_int_equal(function(p, "one too many"), UINT32_MAX);
}

TEST(profile_survives_a_full_arena)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Profile *p = profile_new(arena, 1 << 20);

        for (uint32_t i = 0; i < 10000; i++) {
                char name[32];
                uint32_t frame;

                snprintf(name, sizeof(name), "function_%u", i);
                frame = function(p, name);
                profile_add(p, &frame, 1, 1, 1);
        }
        assert_int_equal(p->quality.samples, 10000);
        assert_true(p->quality.dropped > 0);
        assert_int_equal(p->total_weight + p->quality.dropped, 10000);
}
