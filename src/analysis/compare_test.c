#include "harness.h"

#include "analysis/compare.h"
#include "stats/rng.h"

#include <math.h>

enum { BLOCKS = 12, RUNS = 6, STEPS = 60 };

/* `n` values around `middle` with a spread of 2 %. */
static double *around(Arena *arena, Rng *rng, double middle, size_t n)
{
        double *values = new (arena, double, n);

        for (size_t i = 0; i < n; i++)
                values[i] = middle * (1 + 0.02 * rng_normal(rng));
        return values;
}

static Comparison compare_two(MetricId metric, double a, double b, Arena *arena)
{
        Rng rng = rng_from_seed(7);
        BlockRow row = { .metric = metric,
                         .a = around(arena, &rng, a, BLOCKS),
                         .b = around(arena, &rng, b, BLOCKS) };
        Error err = { 0 };
        Comparison c;

        assert_ok(compare_blocks(&row, 1, BLOCKS, &(ComparePlan){ 0 }, arena, &c, &err), err);
        assert_int_equal(c.len, 1);
        assert_true(c.paired);
        return c;
}

TEST(compare_calls_blocks_faster_slower_or_the_same_by_the_metrics_direction)
{
        static const struct {
                MetricId metric;
                double a, b;
                ChangeVerdict verdict;
        } cases[] = {
                { METRIC_LATENCY_P50, 10e6, 5e6, CHANGE_FASTER },
                { METRIC_LATENCY_P50, 5e6, 10e6, CHANGE_SLOWER },
                { METRIC_LATENCY_P50, 5e6, 5e6, CHANGE_SAME },
                { METRIC_THROUGHPUT, 100, 200, CHANGE_FASTER },
                { METRIC_THROUGHPUT, 200, 100, CHANGE_SLOWER },
                { METRIC_MEMORY, 1e6, 2e6, CHANGE_SLOWER },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                Comparison c = compare_two(cases[i].metric, cases[i].a, cases[i].b, arena);

                assert_int_equal(c.items[0].verdict, cases[i].verdict);
                assert_int_equal(c.verdict, cases[i].verdict);
                assert_near(c.items[0].effect.change, cases[i].b / cases[i].a - 1, 0.05);
        }
}

TEST(compare_cannot_tell_from_two_blocks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        const double a[] = { 10, 11 }, b[] = { 5, 6 };
        BlockRow row = { .metric = METRIC_LATENCY_P50, .a = a, .b = b };
        Error err = { 0 };
        Comparison c;

        assert_ok(compare_blocks(&row, 1, 2, &(ComparePlan){ 0 }, arena, &c, &err), err);
        assert_int_equal(c.verdict, CHANGE_UNKNOWN);
        assert_true(isinf(c.items[0].effect.mde));
        assert_ok(compare_blocks(&row, 1, 0, &(ComparePlan){ 0 }, arena, &c, &err), err);
        assert_int_equal(c.verdict, CHANGE_UNKNOWN);
        assert_ok(compare_blocks(NULL, 0, 0, &(ComparePlan){ 0 }, arena, &c, &err), err);
        assert_int_equal(c.verdict, CHANGE_UNKNOWN);
}

TEST(compare_asks_more_of_each_metric_when_it_looks_at_many)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(3);
        BlockRow rows[20];
        Error err = { 0 };
        Comparison one, all;
        size_t called = 0;

        for (size_t i = 0; i < COUNT(rows); i++)
                rows[i] = (BlockRow){ .metric = METRIC_LATENCY_P50,
                                      .subject = span_of(arena_printf(arena, "%zu", i)),
                                      .a = around(arena, &rng, 100, BLOCKS),
                                      .b = around(arena, &rng, 100, BLOCKS) };
        rows[0].b = around(arena, &rng, 50, BLOCKS);
        assert_ok(compare_blocks(rows, 1, BLOCKS, &(ComparePlan){ 0 }, arena, &one, &err), err);
        assert_ok(compare_blocks(rows, COUNT(rows), BLOCKS, &(ComparePlan){ 0 }, arena, &all, &err),
                  err);
        assert_near(one.items[0].adjusted_p, one.items[0].effect.p, 1e-15);
        assert_near(all.items[0].adjusted_p, 20 * all.items[0].effect.p, 1e-12);
        assert_int_equal(all.items[0].verdict, CHANGE_FASTER);
        for (size_t i = 1; i < all.len; i++)
                called += all.items[i].verdict == CHANGE_FASTER ||
                          all.items[i].verdict == CHANGE_SLOWER;
        assert_int_equal(called, 0);
}

TEST(compare_adjusted_by_holm_can_take_an_answer_back)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(11);
        const double a[] = { 10, 10.1, 10.2, 9.9, 10.3, 9.8 };
        const double b[] = { 9.4, 9.5, 9.6, 9.3, 9.7, 9.2 }; /* p = 2/64 */
        BlockRow rows[5] = { { .metric = METRIC_LATENCY_P50, .a = a, .b = b } };
        Error err = { 0 };
        Comparison one, all;

        for (size_t i = 1; i < COUNT(rows); i++)
                rows[i] = (BlockRow){ .metric = METRIC_CPU,
                                      .a = around(arena, &rng, 1, COUNT(a)),
                                      .b = around(arena, &rng, 1, COUNT(a)) };
        assert_ok(compare_blocks(rows, 1, COUNT(a), &(ComparePlan){ 0 }, arena, &one, &err), err);
        assert_ok(
                compare_blocks(rows, COUNT(rows), COUNT(a), &(ComparePlan){ 0 }, arena, &all, &err),
                err);
        assert_int_equal(one.items[0].verdict, CHANGE_FASTER);
        assert_int_equal(all.items[0].verdict, CHANGE_UNKNOWN);
}

TEST(compare_sees_errors_that_appear_where_there_were_none)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Rng rng = rng_from_seed(5);
        double *zeros = new (arena, double, BLOCKS);
        BlockRow rows[] = {
                { .metric = METRIC_ERROR_RATE, .a = zeros, .b = around(arena, &rng, 0.05, BLOCKS) },
                { .metric = METRIC_ERROR_4XX, .a = zeros, .b = zeros }
        };
        Error err = { 0 };
        Comparison c;

        assert_ok(compare_blocks(rows, COUNT(rows), BLOCKS, &(ComparePlan){ 0 }, arena, &c, &err),
                  err);
        assert_int_equal(c.items[0].verdict, CHANGE_SLOWER);
        assert_near(c.items[0].a, 0, 0); /* what was measured is shown as it was */
        assert_int_equal(c.items[1].verdict, CHANGE_SAME);
        assert_int_equal(c.verdict, CHANGE_SLOWER);
}

TEST(compare_makes_nothing_of_values_that_are_no_numbers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        double a[BLOCKS], b[BLOCKS];
        BlockRow row = { .metric = METRIC_CPU, .a = a, .b = b };
        Error err = { 0 };
        Comparison c;

        for (size_t i = 0; i < BLOCKS; i++) {
                a[i] = i == 3 ? NAN : 1;
                b[i] = i == 5 ? INFINITY : -1;
        }
        assert_ok(compare_blocks(&row, 1, BLOCKS, &(ComparePlan){ 0 }, arena, &c, &err), err);
        assert_int_equal(c.verdict, CHANGE_UNKNOWN);
}

TEST(comparison_verdict_of_several_is_the_worst_then_the_best)
{
        static const struct {
                ChangeVerdict a, b, whole;
        } cases[] = {
                { CHANGE_SLOWER, CHANGE_FASTER, CHANGE_SLOWER },
                { CHANGE_FASTER, CHANGE_UNKNOWN, CHANGE_FASTER },
                { CHANGE_SAME, CHANGE_UNKNOWN, CHANGE_UNKNOWN },
                { CHANGE_SAME, CHANGE_SAME, CHANGE_SAME },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                MetricChange items[] = { { .verdict = cases[i].a }, { .verdict = cases[i].b } };

                assert_int_equal(comparison_verdict(items, 2), cases[i].whole);
        }
        assert_int_equal(comparison_verdict(NULL, 0), CHANGE_UNKNOWN);
}

/* --- runs --- */

typedef struct Fixture {
        Arena *arena;
        Rng rng;
} Fixture;

static Fixture fixture(uint64_t seed)
{
        return (Fixture){ arena_new(MiB(256)), rng_from_seed(seed) };
}

static void fixture_done(Fixture *f)
{
        f->arena = arena_free(f->arena);
}

/* A run whose seconds lie around `latency_ns`, going up by `trend` over the run. */
static Run *run_at(Fixture *f, double latency_ns, double trend)
{
        Run *run = new (f->arena, Run, 1);
        double *steps = around(f->arena, &f->rng, latency_ns, STEPS);

        for (size_t i = 0; i < STEPS; i++)
                steps[i] *= 1 + trend * (double)i / STEPS;
        run->fingerprint.machine_id = SPAN("here");
        run->recording = recording_new(f->arena, "load");
        recording_value(run->recording, METRIC_LATENCY_P50, SPAN(""),
                        latency_ns * (1 + 0.01 * rng_normal(&f->rng)), 1000);
        recording_series(run->recording, METRIC_LATENCY_P50, SPAN(""), 0, NS_PER_S, steps, STEPS);
        return run;
}

static void runs_at(Fixture *f, double latency_ns, Run **runs, size_t n)
{
        for (size_t i = 0; i < n; i++)
                runs[i] = run_at(f, latency_ns, 0);
}

static Comparison compare(Fixture *f, Run **a, size_t n_a, Run **b, size_t n_b)
{
        Error err = { 0 };
        Comparison c;

        assert_ok(compare_runs(a, n_a, b, n_b, &(ComparePlan){ 0 }, f->arena, &c, &err), err);
        return c;
}

TEST(compare_takes_four_runs_a_side_as_samples)
{
        AUTO(fixture_done) Fixture f = fixture(1);
        Run *a[RUNS], *b[RUNS];
        Comparison c;

        runs_at(&f, 10e6, a, RUNS);
        runs_at(&f, 8e6, b, RUNS);
        c = compare(&f, a, RUNS, b, RUNS);
        assert_int_equal(c.verdict, CHANGE_FASTER);
        assert_int_equal(c.items[0].effect.n_a, RUNS);
        assert_false(c.paired);
        assert_int_equal(c.caveat.len, 0);
        assert_int_equal(compare(&f, b, RUNS, a, RUNS).verdict, CHANGE_SLOWER);
        runs_at(&f, 10e6, b, RUNS);
        assert_int_equal(compare(&f, a, RUNS, b, RUNS).verdict, CHANGE_SAME);
}

TEST(compare_of_few_runs_says_what_it_cannot_see)
{
        AUTO(fixture_done) Fixture f = fixture(2);
        Run *a[1], *b[1], *near[1];
        Comparison c;

        runs_at(&f, 10e6, a, 1);
        runs_at(&f, 5e6, b, 1);
        runs_at(&f, 9.4e6, near, 1);
        c = compare(&f, a, 1, b, 1);
        assert_int_equal(c.verdict, CHANGE_FASTER);
        assert_true(span_contains(c.caveat, "Fewer than 4 runs a side"));
        assert_true(c.items[0].effect.n_a > 1); /* the seconds in the runs */
        /* 6 % is sure by the seconds, but not beyond how runs may differ */
        assert_int_equal(compare(&f, a, 1, near, 1).verdict, CHANGE_UNKNOWN);
}

TEST(compare_of_few_runs_lets_no_drift_count_as_a_change)
{
        AUTO(fixture_done) Fixture f = fixture(3);
        Run *a[] = { run_at(&f, 10e6, 1.0) }, *b[] = { run_at(&f, 12.5e6, 1.0) };

        assert_int_equal(compare(&f, a, 1, b, 1).verdict, CHANGE_UNKNOWN);
}

TEST(compare_of_few_runs_calls_nothing_real_on_a_machine_too_busy)
{
        AUTO(fixture_done) Fixture f = fixture(3);
        Run *a[] = { run_at(&f, 10e6, 0.0) }, *b[] = { run_at(&f, 40e6, 0.0) };

        assert_int_equal(compare(&f, a, 1, b, 1).verdict, CHANGE_SLOWER);
        b[0]->noise.verdict = NOISE_UNRELIABLE;
        assert_int_equal(compare(&f, a, 1, b, 1).verdict, CHANGE_UNKNOWN);
}

TEST(compare_says_when_the_runs_are_not_of_one_kind)
{
        AUTO(fixture_done) Fixture f = fixture(4);
        Run *a[RUNS], *b[RUNS];
        Comparison c;

        runs_at(&f, 10e6, a, RUNS);
        runs_at(&f, 10e6, b, RUNS);
        b[RUNS - 1]->fingerprint.machine_id = SPAN("there");
        a[2]->noise.verdict = NOISE_UNRELIABLE;
        b[1]->recording->partial = true;
        c = compare(&f, a, RUNS, b, RUNS);
        assert_true(span_contains(c.caveat, "different machines"));
        assert_true(span_contains(c.caveat, "too busy"));
        assert_true(span_contains(c.caveat, "interrupted"));
}

TEST(compare_looks_at_each_subject_by_itself)
{
        AUTO(fixture_done) Fixture f = fixture(5);
        Run *a[RUNS], *b[RUNS];
        Comparison c;

        runs_at(&f, 10e6, a, RUNS);
        runs_at(&f, 10e6, b, RUNS);
        for (size_t i = 0; i < RUNS; i++) {
                double noise = 1 + 0.01 * rng_normal(&f.rng);

                recording_value(a[i]->recording, METRIC_LATENCY_P50, SPAN("GET /x"), 5e6, 100);
                recording_value(b[i]->recording, METRIC_LATENCY_P50, SPAN("GET /x"), 9e6 * noise,
                                100);
                recording_value(a[i]->recording, METRIC_LATENCY_P50, SPAN("GET /gone"), 5e6, 100);
        }
        c = compare(&f, a, RUNS, b, RUNS);
        assert_int_equal(c.len, 2); /* what one side lacks is not compared */
        assert_span(c.items[1].subject, "GET /x");
        assert_int_equal(c.items[0].verdict, CHANGE_SAME);
        assert_int_equal(c.items[1].verdict, CHANGE_SLOWER);
        assert_int_equal(c.verdict, CHANGE_SLOWER);
}

TEST(compare_refuses_sides_that_cannot_be_compared)
{
        AUTO(fixture_done) Fixture f = fixture(6);
        Run *a[2], *empty = new (f.arena, Run, 1);
        Error err = { 0 };
        Comparison c;

        runs_at(&f, 10e6, a, 2);
        empty->recording = recording_new(f.arena, "load");
        assert_fails(compare_runs(a, 0, a, 1, &(ComparePlan){ 0 }, f.arena, &c, &err), err,
                     ERR_USAGE);
        assert_fails(compare_runs(a, 2, a, 1, &(ComparePlan){ .paired = true }, f.arena, &c, &err),
                     err, ERR_USAGE);
        assert_fails(compare_runs(a, 1, &empty, 1, &(ComparePlan){ 0 }, f.arena, &c, &err), err,
                     ERR_USAGE);
        assert_fails(compare_runs(&empty, 1, a, 1, &(ComparePlan){ 0 }, f.arena, &c, &err), err,
                     ERR_USAGE);
        assert_true(err.hint[0]);
}

TEST(compare_of_too_much_for_its_memory_is_an_error)
{
        AUTO(fixture_done) Fixture f = fixture(7);
        AUTO(arena_freep) Arena *small = arena_new(KiB(64));
        enum { LONG = 200000 };
        double *steps = around(f.arena, &f.rng, 1e6, LONG);
        Run *run = run_at(&f, 1e6, 0);
        Error err = { 0 };
        Comparison c;

        recording_value(run->recording, METRIC_LATENCY_P99, SPAN(""), 1e6, 1000);
        recording_series(run->recording, METRIC_LATENCY_P99, SPAN(""), 0, NS_PER_MS, steps, LONG);
        assert_fails(compare_runs(&run, 1, &run, 1,
                                  &(ComparePlan){ .metrics = (MetricId[]){ METRIC_LATENCY_P99 },
                                                  .n_metrics = 1 },
                                  small, &c, &err),
                     err, ERR_LIMIT);
}
