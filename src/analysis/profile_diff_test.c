#include "harness.h"

#include <math.h>

#include "analysis/planted_diff.h"
#include "analysis/profile_diff.h"

enum { MOST = 8 };

typedef struct Made {
        Run *a[MOST], *b[MOST];
        DiffSide side_a, side_b;
} Made;

static Made *made(Arena *arena, Rng *rng, size_t n, DrawPlan a, DrawPlan b)
{
        Made *m = new (arena, Made, 1);

        for (size_t i = 0; i < n; i++) {
                m->a[i] = draw_run(&a, rng, arena);
                m->b[i] = draw_run(&b, rng, arena);
                m->a[i]->id = i + 1;
                m->b[i]->id = n + i + 1;
        }
        m->side_a = (DiffSide){ .runs = m->a, .len = n };
        m->side_b = (DiffSide){ .runs = m->b, .len = n };
        return m;
}

static ProfileDiff diffed(const Made *m, DiffPlan plan, Arena *arena)
{
        Error err = { 0 };
        ProfileDiff d;

        assert_ok(profile_diff(&m->side_a, &m->side_b, &plan, arena, &d, &err), err);
        return d;
}

static const DiffRow *row_of(const ProfileDiff *d, const char *function, DiffMeasure measure)
{
        vec_each (const DiffRow, row, &d->rows)
                if (row->measure == measure && row->function != DIFF_NONE &&
                    span_is(d->functions.items[row->function].symbol, function))
                        return row;
        fail_msg("no row of %s", function);
        return NULL;
}

static const DrawPlan steady = { .samples = 2000, .wander = 0.05 };

static DrawPlan changed(void)
{
        DrawPlan plan = steady;

        plan.grown = 0.04;
        plan.with_new = true;
        plan.without_third = true;
        return plan;
}

TEST(profile_diff_finds_what_grew_is_new_and_vanished_each_in_its_class)
{
        static const size_t sizes[] = { 5, 8 };

        for (size_t i = 0; i < COUNT(sizes); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
                Rng rng = rng_from_seed(3);
                Made *m = made(arena, &rng, sizes[i], steady, changed());
                ProfileDiff d = diffed(m, (DiffPlan){ 0 }, arena);
                const DiffRow *grown = row_of(&d, "work_4", DIFF_SELF);

                assert_int_equal(grown->class, DIFF_IS_GREW);
                assert_true(grown->interval.low > 0 && grown->interval.high > grown->change);
                assert_near(grown->change, 0.045, 0.02);
                assert_near(grown->a, drawn_share(4), 0.01);
                assert_true(grown->a_interval.low < grown->a && grown->a < grown->a_interval.high);
                assert_int_equal(row_of(&d, "arrived_60", DIFF_SELF)->class, DIFF_IS_NEW);
                assert_int_equal(row_of(&d, "arrived_60", DIFF_PATH)->class, DIFF_IS_NEW);
                assert_int_equal(row_of(&d, "work_3", DIFF_TOTAL)->class, DIFF_IS_VANISHED);
                assert_true(row_of(&d, "work_3", DIFF_TOTAL)->b == 0);
                assert_int_equal(row_of(&d, "work_20", DIFF_SELF)->class, DIFF_IS_SAME);
                assert_int_equal(d.verdict, GATE_FAIL);
                assert_true(d.by_runs && d.exact);
                assert_int_equal(d.caveat.len, 0);
                assert_string_equal(diff_class_answer(DIFF_IS_NEW), "GREW");
        }
}

/* 40 diffs at alpha 0.05: two are expected, 9 or more have a chance below 10^-3. */
TEST(profile_diff_of_one_program_with_itself_seldom_calls_anything_changed)
{
        static const size_t sizes[] = { 1, 2, 4, 6 };
        static const DiffBasis bases[] = { DIFF_SHARE, DIFF_TIME };

        for (size_t i = 0; i < COUNT(sizes) * 2; i++) {
                Rng rng = rng_from_seed(17);
                size_t wrong = 0;

                for (size_t trial = 0; trial < 40; trial++) {
                        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
                        DrawPlan draw = { .samples = 500, .wander = 0.05 };
                        Made *m = made(arena, &rng, sizes[i / 2], draw, draw);
                        ProfileDiff d = diffed(m, (DiffPlan){ .basis = bases[i % 2] }, arena);

                        wrong += d.counts[DIFF_IS_SAME] + d.counts[DIFF_IS_UNKNOWN] < d.rows.len;
                }
                assert_true(wrong < 9);
        }
}

/* A third of the work goes away. By share all the rest grows; by time nothing does. */
TEST(profile_diff_by_time_blames_nobody_for_what_others_saved)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Rng rng = rng_from_seed(9);
        DrawPlan less = { .samples = 4000, .without_third = true };
        DrawPlan all = { .samples = 4000 };
        Made *m;
        ProfileDiff share, time;

        less.load = 1 - drawn_share(3);
        m = made(arena, &rng, 6, all, less);
        share = diffed(m, (DiffPlan){ 0 }, arena);
        time = diffed(m, (DiffPlan){ .basis = DIFF_TIME }, arena);
        assert_int_equal(row_of(&time, "work_3", DIFF_SELF)->class, DIFF_IS_VANISHED);
        assert_int_equal(time.counts[DIFF_IS_GREW], 0);
        assert_int_equal(time.verdict, GATE_PASS);
        assert_true(row_of(&share, "work_0", DIFF_SELF)->change > 0.005);
        assert_near(row_of(&time, "work_0", DIFF_SELF)->change, 0, 0.01);
        assert_int_equal(time.absolute, UNIT_CORES);
        assert_near(time.a.total, 4000e-3, 1e-9); /* 10 ms a sample in 10 s */
}

TEST(profile_diff_by_request_needs_requests_and_sees_the_work_of_each)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Rng rng = rng_from_seed(10);
        DrawPlan half = { .samples = 4000, .load = 0.5 };
        Made *m = made(arena, &rng, 5, (DrawPlan){ .samples = 4000 }, half);
        const double many[] = { 100, 100, 100, 100, 100 }, few[] = { 50, 50, 50, 50, 50 };
        DiffPlan plan = { .basis = DIFF_REQUEST };
        Error err = { 0 };
        ProfileDiff d;

        assert_fails(profile_diff(&m->side_a, &m->side_b, &plan, arena, &d, &err), err, ERR_USAGE);
        m->side_a.requests_per_s = many;
        m->side_b.requests_per_s = few;
        d = diffed(m, plan, arena);
        assert_int_equal(d.verdict, GATE_PASS);
        assert_int_equal(d.absolute, UNIT_NS);
        assert_near(d.a.total / (4000 * 1e7 / 1000), 1, 1e-9);
        plan.basis = DIFF_TIME;
        d = diffed(m, plan, arena);
        assert_int_equal(row_of(&d, "main0", DIFF_TOTAL)->class, DIFF_IS_SHRANK);
}

TEST(profile_diff_of_single_runs_says_what_it_cannot_see_and_finds_only_the_large)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Rng rng = rng_from_seed(4);
        DrawPlan large = steady, small = steady;
        ProfileDiff d;

        large.grown = 0.15;
        d = diffed(made(arena, &rng, 1, steady, large), (DiffPlan){ 0 }, arena);
        assert_int_equal(row_of(&d, "work_4", DIFF_SELF)->class, DIFF_IS_GREW);
        assert_int_equal(d.verdict, GATE_FAIL);
        assert_true(span_contains(d.caveat, "Fewer than 4 profiles a side"));
        assert_false(d.by_runs);
        small.grown = 0.005;
        d = diffed(made(arena, &rng, 1, steady, small), (DiffPlan){ 0 }, arena);
        assert_true(row_of(&d, "work_4", DIFF_SELF)->class == DIFF_IS_SAME ||
                    row_of(&d, "work_4", DIFF_SELF)->class == DIFF_IS_UNKNOWN);
        assert_true(row_of(&d, "work_4", DIFF_SELF)->mde > 0.005);
}

TEST(profile_diff_learns_from_their_order_how_much_samples_of_a_run_repeat)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Rng rng = rng_from_seed(6);
        DrawPlan clumped = { .samples = 8000, .clump = 6, .timed = true };
        DrawPlan single = { .samples = 8000, .timed = true };
        DrawPlan untimed = { .samples = 8000 };
        ProfileDiff d = diffed(made(arena, &rng, 1, clumped, clumped), (DiffPlan){ 0 }, arena);

        assert_true(d.a.clumps > 5 && d.a.clumps < 12);
        d = diffed(made(arena, &rng, 1, single, single), (DiffPlan){ 0 }, arena);
        assert_true(d.a.clumps >= 1 && d.a.clumps < 2);
        d = diffed(made(arena, &rng, 1, untimed, untimed), (DiffPlan){ 0 }, arena);
        assert_near(d.a.clumps, DIFF_CLUMPING, 1e-9);
        d = diffed(made(arena, &rng, 1, single, untimed), (DiffPlan){ 0 }, arena);
        assert_true(d.a.clumps >= DIFF_CLUMPING);
}

TEST(profile_diff_of_few_samples_is_inconclusive_and_of_many_passes)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Rng rng = rng_from_seed(8);
        DrawPlan few = { .samples = 40 }, many = { .samples = 30000 };

        assert_int_equal(diffed(made(arena, &rng, 5, few, few), (DiffPlan){ 0 }, arena).verdict,
                         GATE_INCONCLUSIVE);
        assert_int_equal(diffed(made(arena, &rng, 5, many, many), (DiffPlan){ 0 }, arena).verdict,
                         GATE_PASS);
}

TEST(profile_diff_at_an_alpha_that_so_few_runs_cannot_reach_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Rng rng = rng_from_seed(8);
        ProfileDiff d =
                diffed(made(arena, &rng, 4, steady, changed()), (DiffPlan){ .alpha = 0.01 }, arena);

        assert_int_equal(d.counts[DIFF_IS_NEW] + d.counts[DIFF_IS_GREW], 0);
        assert_true(isinf(row_of(&d, "work_4", DIFF_SELF)->mde));
        assert_true(span_contains(d.caveat, "never reach this alpha"));
}

TEST(profile_diff_refuses_what_cannot_be_compared)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Rng rng = rng_from_seed(1);
        Made *m = made(arena, &rng, 1, steady, steady);
        DiffSide none = { 0 };
        Error err = { 0 };
        ProfileDiff d;

        assert_fails(profile_diff(&m->side_a, &none, &(DiffPlan){ 0 }, arena, &d, &err), err,
                     ERR_USAGE);
        m->b[0]->recording->profile->event = "off-cpu";
        assert_fails(profile_diff(&m->side_a, &m->side_b, &(DiffPlan){ 0 }, arena, &d, &err), err,
                     ERR_USAGE);
        m->b[0]->recording->profile = profile_new(arena, 10);
        assert_fails(profile_diff(&m->side_a, &m->side_b, &(DiffPlan){ 0 }, arena, &d, &err), err,
                     ERR_UNAVAILABLE);
        m->b[0]->recording->profile = NULL;
        assert_fails(profile_diff(&m->side_a, &m->side_b, &(DiffPlan){ 0 }, arena, &d, &err), err,
                     ERR_UNAVAILABLE);
        m = made(arena, &rng, 1, steady, steady);
        m->b[0]->recording->profile->duration_ns = 0;
        assert_fails(profile_diff(&m->side_a, &m->side_b, &(DiffPlan){ .basis = DIFF_TIME }, arena,
                                  &d, &err),
                     err, ERR_USAGE);
}

/* thread t1; f calls itself; module tells same names apart. */
static Run *recursive(Arena *arena, const char *thread, uint64_t weight)
{
        Run *run = new (arena, Run, 1);
        Profile *p = profile_new(arena, 100);
        uint32_t chain[] = {
                profile_frame(p, &(FrameDesc){ .symbol = span_of(thread), .kind = FRAME_THREAD }),
                profile_frame(p,
                              &(FrameDesc){ .symbol = SPAN("f"), .module = SPAN("/lib/x.so.1") }),
                profile_frame(p,
                              &(FrameDesc){ .symbol = SPAN("g"), .module = SPAN("/lib/x.so.1") }),
                profile_frame(p, &(FrameDesc){ .symbol = SPAN("f"),
                                               .module = SPAN("/lib/x.so.1"),
                                               .line = 9 }),
                profile_frame(p,
                              &(FrameDesc){ .symbol = SPAN("f"), .module = SPAN("/lib/y.so.1") }),
        };

        profile_add(p, chain, 4, 60, 60 * weight);
        profile_add(p, chain, 5, 40, 40 * weight);
        p->event = "cpu";
        run->recording = recording_new(arena, "profile");
        run->recording->profile = p;
        return run;
}

TEST(profile_diff_counts_recursion_once_and_leaves_threads_out_of_paths)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Run *a[] = { recursive(arena, "t1", 1) }, *b[] = { recursive(arena, "t2", 7) };
        DiffSide side_a = { .runs = a, .len = 1 }, side_b = { .runs = b, .len = 1 };
        Error err = { 0 };
        ProfileDiff d;
        uint32_t path;

        assert_ok(profile_diff(&side_a, &side_b, &(DiffPlan){ 0 }, arena, &d, &err), err);
        assert_int_equal(d.functions.len, 3);
        assert_int_equal(d.paths.len, 5); /* the root, f, f > g, f > g > f, f > g > f > f of /y */
        assert_near(row_of(&d, "f", DIFF_TOTAL)->a, 1, 1e-12);
        assert_near(row_of(&d, "g", DIFF_TOTAL)->b, 1, 1e-12);
        path = profile_diff_child(&d, 0, SPAN("f"), SPAN("/lib/x.so.1"));
        assert_true(path != DIFF_NONE && path != 0);
        assert_int_equal(profile_diff_child(&d, path, SPAN("f"), SPAN("/lib/y.so.1")), DIFF_NONE);
        assert_int_equal(profile_diff_child(&d, DIFF_NONE, SPAN("f"), SPAN("/lib/x.so.1")),
                         DIFF_NONE);
        path = profile_diff_child(&d, path, SPAN("g"), SPAN("/lib/x.so.1"));
        assert_true(path != DIFF_NONE);
}

/* Weights that sum to the whole but for rounding: what is all of every profile never differs. */
TEST(profile_diff_takes_no_rounding_for_a_change)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        Rng rng = rng_from_seed(21);
        ProfileDiff d = diffed(made(arena, &rng, 6, steady, changed()), (DiffPlan){ 0 }, arena);
        const DiffRow *whole = row_of(&d, "main0", DIFF_TOTAL);

        assert_true(isfinite(row_of(&d, "work_4", DIFF_SELF)->mde));
        assert_near(whole->p, 1, 1e-12);
        assert_int_equal(whole->class, DIFF_IS_SAME);
        assert_true(whole->interval.low == 0 && whole->interval.high == 0);
}

TEST(profile_diff_merge_gives_each_run_the_same_weight)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Run *runs[] = { recursive(arena, "t", 1), recursive(arena, "t", 1000) };
        DiffSide side = { .runs = runs, .len = 2 };
        Error err = { 0 };
        Profile *merged;

        assert_ok(profile_diff_merge(&side, arena, &merged, &err), err);
        assert_int_equal(merged->total_weight, 2000000000);
        assert_int_equal(merged->quality.samples, 200);
        assert_int_equal(merged->nodes.len, 6);
}

TEST(profile_diff_takes_the_executables_of_two_versions_for_one)
{
        static const char *const programs[] = { "/old/app", "/new/app-2" };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run runs[2] = { 0 };
        Run *sides[2][1] = { { &runs[0] }, { &runs[1] } };
        DiffSide a = { sides[0], 1 }, b = { sides[1], 1 };
        ProfileDiff d;
        Error err = { 0 };

        for (size_t i = 0; i < 2; i++) {
                Profile *p = profile_new(arena, 100);
                uint32_t f = profile_frame(
                        p, &(FrameDesc){ .symbol = SPAN("work"), .module = span_of(programs[i]) });

                profile_add(p, &f, 1, 1000, 1000);
                runs[i].recording = recording_new(arena, "profile");
                runs[i].recording->profile = p;
        }
        assert_ok(profile_diff(&a, &b, &(DiffPlan){ 0 }, arena, &d, &err), err);
        vec_each (const DiffRow, row, &d.rows)
                assert_true(row->class != DIFF_IS_NEW && row->class != DIFF_IS_VANISHED);
}
