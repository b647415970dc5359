#include "process/blocks.h"

#include <signal.h>
#include <string.h>

#include "base/interrupt.h"
#include "harness.h"

#define MOST 64
#define MOST_SIDES 4

/* What a plan of the test has done so far. */
typedef struct Trace {
        Arena *arena;
        FakeClock clock;
        Os os;
        size_t sides[MOST * MOST_SIDES * 4], n; /* in the order of measuring */
        size_t blocks[MOST * MOST_SIDES * 4];
        size_t enough_at, n_asked, n_progress;
        size_t fail_at, interrupt_at; /* 1-based call of measure; 0: never */
        NoiseVerdict verdicts[MOST];  /* of the attempts, in their order */
        size_t n_attempts, n_begun;
} Trace;

static int measure_one(void *context, size_t side, size_t block, Error *err)
{
        Trace *t = context;

        t->sides[t->n] = side;
        t->blocks[t->n++] = block;
        t->clock.now_ns += 10 * NS_PER_MS;
        if (t->n == t->interrupt_at)
                raise(SIGINT);
        if (t->n == t->fail_at)
                return fail(err, ERR_FAILED, "it broke");
        return interrupted() ? fail_interrupted(err) : 0;
}

static bool is_enough(void *context, size_t n_blocks)
{
        Trace *t = context;

        t->n_asked++;
        return t->enough_at && n_blocks >= t->enough_at;
}

static void note_progress(void *context, size_t block, uint64_t elapsed_ns)
{
        Trace *t = context;

        t->n_progress++;
        assert_int_equal(block, t->n_progress);
        assert_true(elapsed_ns > 0);
}

static void note_begin(void *context)
{
        ((Trace *)context)->n_begun++;
}

static NoiseVerdict note_end(void *context)
{
        Trace *t = context;

        return t->verdicts[t->n_attempts++];
}

static void trace_begin(Trace *t)
{
        memset(t, 0, sizeof(*t));
        t->arena = arena_new(MiB(1));
        t->os = os_fake(&t->clock);
        interrupt_install();
        interrupt_clear();
}

static void trace_end(Trace *t)
{
        interrupt_clear();
        t->arena = arena_free(t->arena);
}

static BlockPlan plan_of(Trace *t, size_t n_sides, size_t min_blocks, size_t max_blocks)
{
        return (BlockPlan){ .n_sides = n_sides,
                            .min_blocks = min_blocks,
                            .max_blocks = max_blocks,
                            .seed = 7,
                            .os = &t->os,
                            .measure = measure_one,
                            .context = t };
}

static BlockResult run(Trace *t, BlockPlan plan)
{
        BlockResult result;
        Error err = { 0 };

        assert_ok(blocks_run(&plan, t->arena, &result, &err), err);
        return result;
}

TEST(blocks_measure_every_side_once_and_pairs_mirror_each_other)
{
        AUTO(trace_end) Trace t;
        bool reordered = false;
        BlockResult result;

        trace_begin(&t);
        result = run(&t, plan_of(&t, 4, 2, 20));
        assert_int_equal(result.n_blocks, 20);
        assert_int_equal(result.stop, BLOCKS_MAX_BLOCKS);
        assert_int_equal(t.n, 80);
        for (size_t pair = 0; pair < 10; pair++) {
                const size_t *order = t.sides + pair * 8;
                unsigned seen = 0;

                for (size_t i = 0; i < 4; i++) {
                        seen |= 1u << order[i];
                        assert_int_equal(order[i], order[7 - i]);
                        assert_int_equal(t.blocks[pair * 8 + i], pair * 2);
                        assert_int_equal(t.blocks[pair * 8 + 4 + i], pair * 2 + 1);
                        reordered |= order[i] != i;
                }
                assert_int_equal(seen, 0xf);
        }
        assert_true(reordered);
}

TEST(blocks_of_one_seed_have_one_order_and_of_another_another)
{
        AUTO(trace_end) Trace a;
        AUTO(trace_end) Trace b;
        BlockPlan plan;

        trace_begin(&a);
        trace_begin(&b);
        run(&a, plan_of(&a, 3, 2, 20));
        plan = plan_of(&b, 3, 2, 20);
        run(&b, plan);
        assert_memory_equal(a.sides, b.sides, a.n * sizeof(*a.sides));
        b.n = 0;
        plan.seed = 8;
        run(&b, plan);
        assert_int_equal(a.n, b.n);
        assert_true(memcmp(a.sides, b.sides, a.n * sizeof(*a.sides)) != 0);
}

TEST(blocks_end_with_half_a_pair_when_the_number_is_odd)
{
        AUTO(trace_end) Trace t;
        BlockPlan plan;

        trace_begin(&t);
        plan = plan_of(&t, 2, 7, 7);
        plan.progress = note_progress;
        assert_int_equal(run(&t, plan).n_blocks, 7);
        assert_int_equal(t.n, 14);
        assert_int_equal(t.n_progress, 7);
}

TEST(blocks_stop_when_enough_is_known_but_not_before_the_least)
{
        AUTO(trace_end) Trace t;
        BlockResult result;
        BlockPlan plan;

        trace_begin(&t);
        plan = plan_of(&t, 2, 6, 60);
        plan.enough = is_enough;
        t.enough_at = 9;
        result = run(&t, plan);
        assert_int_equal(result.n_blocks, 10); /* asked after whole pairs: 6, 8, 10 */
        assert_int_equal(result.stop, BLOCKS_ENOUGH);
        assert_int_equal(t.n_asked, 3);
}

TEST(blocks_finish_the_pair_they_began_when_time_is_up)
{
        AUTO(trace_end) Trace t;
        BlockResult result;
        BlockPlan plan;

        trace_begin(&t);
        plan = plan_of(&t, 2, 10, 60);
        plan.max_time_ns = 50 * NS_PER_MS; /* a block takes 20 ms: up in the third */
        result = run(&t, plan);
        assert_int_equal(result.n_blocks, 4);
        assert_int_equal(result.stop, BLOCKS_MAX_TIME);
        assert_int_equal(result.elapsed_ns, 80 * NS_PER_MS);
}

TEST(blocks_of_a_busy_machine_are_measured_again_up_to_the_ceiling)
{
        static const NoiseVerdict verdicts[] = {
                NOISE_QUIET,      NOISE_NOISY, NOISE_QUIET, /* the second, again */
                NOISE_UNRELIABLE, NOISE_NOISY, NOISE_NOISY, /* the third: the ceiling is reached */
                NOISE_NOISY,                                /* the fourth stays as it is */
        };
        AUTO(trace_end) Trace t;
        BlockResult result;
        BlockPlan plan;

        trace_begin(&t);
        memcpy(t.verdicts, verdicts, sizeof(verdicts));
        plan = plan_of(&t, 2, 4, 4);
        plan.max_repeats = 3;
        plan.noise_begin = note_begin;
        plan.noise_end = note_end;
        result = run(&t, plan);
        assert_int_equal(result.n_blocks, 4);
        assert_int_equal(result.n_repeats, 3);
        assert_int_equal(result.n_noisy, 2);
        assert_int_equal(result.noise[0], NOISE_QUIET);
        assert_int_equal(result.noise[1], NOISE_QUIET);
        assert_int_equal(result.noise[2], NOISE_NOISY);
        assert_int_equal(result.noise[3], NOISE_NOISY);
        assert_int_equal(t.n_begun, COUNT(verdicts));
        assert_int_equal(t.n, 2 * COUNT(verdicts));
        assert_int_equal(t.blocks[2], 1); /* the second block, twice */
        assert_int_equal(t.blocks[4], 1);
        assert_int_equal(t.sides[2], t.sides[4]);
}

TEST(blocks_too_short_for_a_verdict_are_judged_and_repeated_together)
{
        static const NoiseVerdict verdicts[] = {
                NOISE_UNKNOWN, NOISE_UNKNOWN, NOISE_NOISY, /* the first three, to be repeated */
                NOISE_UNKNOWN, NOISE_UNKNOWN, NOISE_QUIET, NOISE_UNKNOWN,
        };
        AUTO(trace_end) Trace t;
        BlockResult result;
        BlockPlan plan;

        trace_begin(&t);
        memcpy(t.verdicts, verdicts, sizeof(verdicts));
        plan = plan_of(&t, 2, 4, 4);
        plan.max_repeats = 5;
        plan.noise_begin = note_begin;
        plan.noise_end = note_end;
        result = run(&t, plan);
        assert_int_equal(result.n_blocks, 4);
        assert_int_equal(result.n_repeats, 3);
        assert_int_equal(result.n_noisy, 0);
        assert_int_equal(result.noise[0], NOISE_QUIET);
        assert_int_equal(result.noise[2], NOISE_QUIET);
        assert_int_equal(result.noise[3], NOISE_UNKNOWN);
        assert_int_equal(t.n_begun, 3);
        assert_memory_equal(t.sides, t.sides + 6, 6 * sizeof(*t.sides)); /* in the same orders */
        assert_memory_equal(t.blocks, t.blocks + 6, 6 * sizeof(*t.blocks));
}

TEST(blocks_are_watched_through_proc_when_nothing_else_is_given)
{
        AUTO(trace_end) Trace t;
        BlockResult result;
        BlockPlan plan;

        trace_begin(&t);
        plan = plan_of(&t, 2, 60, 60); /* 1.2 s by the test's clock */
        result = run(&t, plan);
        assert_int_equal(result.n_blocks, 60);
        assert_int_equal(result.n_repeats, 0);
}

TEST(blocks_are_not_repeated_for_noise_when_half_the_time_is_up)
{
        AUTO(trace_end) Trace t;
        BlockResult result;
        BlockPlan plan;

        trace_begin(&t);
        for (size_t i = 0; i < MOST; i++)
                t.verdicts[i] = NOISE_NOISY;
        plan = plan_of(&t, 2, 2, 2);
        plan.max_repeats = 1000;
        plan.max_time_ns = 100 * NS_PER_MS;
        plan.noise_begin = note_begin;
        plan.noise_end = note_end;
        result = run(&t, plan);
        assert_int_equal(result.n_blocks, 2);
        assert_int_equal(result.n_repeats, 2); /* of the first: three attempts of 20 ms */
        assert_int_equal(result.n_noisy, 2);
}

TEST(blocks_that_were_interrupted_keep_the_whole_ones)
{
        AUTO(trace_end) Trace t;
        BlockResult result;

        trace_begin(&t);
        t.interrupt_at = 8; /* the second side of the fourth block */
        result = run(&t, plan_of(&t, 2, 10, 10));
        assert_int_equal(result.n_blocks, 3);
        assert_int_equal(result.stop, BLOCKS_INTERRUPTED);
        assert_int_equal(t.n, 8);
}

TEST(blocks_interrupted_at_once_are_none)
{
        AUTO(trace_end) Trace t;
        BlockResult result;

        trace_begin(&t);
        t.interrupt_at = 1;
        result = run(&t, plan_of(&t, 3, 10, 10));
        assert_int_equal(result.n_blocks, 0);
        assert_int_equal(result.stop, BLOCKS_INTERRUPTED);
        assert_int_equal(t.n, 1);
}

TEST(blocks_end_with_the_error_of_a_side_and_name_the_block)
{
        AUTO(trace_end) Trace t;
        BlockResult result = { .n_blocks = 77 };
        Error err = { 0 };
        BlockPlan plan;

        trace_begin(&t);
        t.fail_at = 5;
        plan = plan_of(&t, 2, 10, 10);
        assert_fails(blocks_run(&plan, t.arena, &result, &err), err, ERR_FAILED);
        assert_string_equal(err.message, "it broke");
        assert_non_null(strstr(err.during, "measuring block 3"));
        assert_int_equal(result.n_blocks, 77);
        assert_int_equal(t.n, 5);
}

TEST(blocks_refuse_more_sides_than_their_ceiling)
{
        AUTO(trace_end) Trace t;
        BlockResult result;
        Error err = { 0 };
        BlockPlan plan;

        trace_begin(&t);
        plan = plan_of(&t, 1001, 1, 1);
        assert_fails(blocks_run(&plan, t.arena, &result, &err), err, ERR_LIMIT);
        assert_int_equal(t.n, 0);
}

TEST(block_stops_have_names)
{
        assert_string_equal(block_stop_name(BLOCKS_ENOUGH), "enough is known");
        assert_string_equal(block_stop_name(BLOCKS_INTERRUPTED), "interrupted");
        assert_string_equal(block_stop_name((BlockStop)99), "unknown");
}
