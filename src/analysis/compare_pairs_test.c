#include "analysis/compare_pairs.h"

#include "analysis/compare.h"
#include "harness.h"
#include "stats/rng.h"

enum { BLOCKS = 20 };

/* Samples around `middle` times what the machine did in the block, which may double the time. */
static Run *run_of(Arena *arena, double middle, uint64_t seed, bool with_blocks)
{
        Rng rng = rng_from_seed(seed), machine = rng_from_seed(99);
        Run *run = new (arena, Run, 1);
        double values[BLOCKS];
        uint32_t blocks[BLOCKS];

        for (size_t i = 0; i < BLOCKS; i++) {
                blocks[i] = (uint32_t)i;
                values[i] = middle * (1 + rng_unit(&machine)) * (1 + 0.01 * rng_normal(&rng));
        }
        run->group = SPAN("ab-1");
        run->fingerprint.machine_id = SPAN("here");
        run->recording = recording_new(arena, "bench");
        recording_value(run->recording, METRIC_TIME, SPAN("sort"), middle, BLOCKS);
        recording_samples(run->recording, METRIC_TIME, SPAN("sort"), values,
                          with_blocks ? blocks : NULL, BLOCKS);
        return run;
}

static Comparison compare(Run *a, Run *b, const ComparePlan *plan, Arena *arena)
{
        Error err = { 0 };
        Comparison c;

        assert_ok(compare_runs(&a, 1, &b, 1, plan, arena, &c, &err), err);
        assert_int_equal(c.len, 1);
        return c;
}

TEST(compare_of_interleaved_runs_pairs_their_blocks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Comparison c = compare(run_of(arena, 1e6, 1, true), run_of(arena, 1.05e6, 2, true),
                               &(ComparePlan){ 0 }, arena);

        assert_true(c.paired);
        assert_int_equal(c.n_a, BLOCKS);
        assert_int_equal(c.verdict, CHANGE_SLOWER);
        assert_near(c.items[0].effect.change, 0.05, 0.02);
        assert_int_equal(c.caveat.len, 0);
}

TEST(compare_of_runs_of_other_commands_does_not_pair_them)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *a = run_of(arena, 1e6, 1, true), *b = run_of(arena, 1.05e6, 2, true);
        Comparison c;

        b->group = SPAN("ab-2");
        c = compare(a, b, &(ComparePlan){ 0 }, arena);
        assert_false(c.paired);
        assert_int_equal(c.verdict, CHANGE_UNKNOWN);
        assert_true(span_contains(c.caveat, "Fewer than 4 runs a side"));
        c = compare(run_of(arena, 1e6, 1, false), run_of(arena, 1.05e6, 2, false),
                    &(ComparePlan){ 0 }, arena);
        assert_false(c.paired);
}

TEST(compare_takes_samples_as_they_are_when_told)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *a = run_of(arena, 1e6, 1, false), *b = run_of(arena, 4e6, 2, false);
        ComparePlan trusting = { .single_run_floor = -1 }, strict = { .single_run_floor = 5 };
        Comparison c = compare(a, b, &trusting, arena);

        assert_int_equal(c.items[0].effect.n_a, BLOCKS);
        assert_int_equal(c.verdict, CHANGE_SLOWER);
        assert_true(span_contains(c.caveat, "counts as a change"));
        assert_int_equal(compare(a, b, &strict, arena).verdict, CHANGE_UNKNOWN);
}

TEST(compare_tells_of_results_that_one_side_lacks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *a = run_of(arena, 1e6, 1, true), *b = run_of(arena, 1e6, 2, true);

        recording_value(a->recording, METRIC_TIME, SPAN("gone"), 1, 1);
        recording_value(b->recording, METRIC_TIME, SPAN("new"), 1, 1);
        assert_true(span_contains(compare(a, b, &(ComparePlan){ 0 }, arena).caveat,
                                  "2 results of one side are not in the other"));
}

TEST(pairs_are_the_blocks_that_both_have_with_the_median_of_each)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        static const double va[] = { 30, 10, 12, 11, 50 }, vb[] = { 100, 300, 500 };
        static const uint32_t ba[] = { 3, 1, 1, 1, 5 }, bb[] = { 1, 3, 4 };
        Run a = { .recording = recording_new(arena, "bench") };
        Run b = { .recording = recording_new(arena, "bench") };
        Pairs pairs = { 0 };
        Error err = { 0 };

        recording_samples(a.recording, METRIC_TIME, SPAN(""), va, ba, COUNT(va));
        recording_samples(b.recording, METRIC_TIME, SPAN(""), vb, bb, COUNT(vb));
        assert_ok(pairs_read(&a, &b, METRIC_TIME, SPAN(""), arena, &pairs, &err), err);
        assert_int_equal(pairs.len, 2);
        assert_near(pairs.a[0], 11, 0);
        assert_near(pairs.b[0], 100, 0);
        assert_near(pairs.a[1], 30, 0);
        assert_near(pairs.b[1], 300, 0);
}
