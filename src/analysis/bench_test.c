#include "analysis/bench.h"

#include <math.h>

#include "harness.h"
#include "stats/rng.h"

#define BLOCKS 30

typedef struct Fixture {
        Arena *arena;
        Recording *rec;
        Rng rng;
        Error err;
} Fixture;

static void fixture_begin(Fixture *f)
{
        *f = (Fixture){ .arena = arena_new(MiB(64)), .rng = rng_from_seed(3) };
        f->rec = recording_new(f->arena, "bench");
}

static void fixture_end(Fixture *f)
{
        f->arena = arena_free(f->arena);
}

/* Samples around `centre`, one a block unless they are `apart`. */
static void add(Fixture *f, MetricId metric, const char *subject, double centre, double spread,
                bool apart)
{
        double values[BLOCKS];
        uint32_t blocks[BLOCKS];

        for (uint32_t i = 0; i < BLOCKS; i++) {
                values[i] = centre * (1 + spread * rng_normal(&f->rng));
                blocks[i] = i;
        }
        recording_samples(f->rec, metric, span_of(subject), values, apart ? NULL : blocks, BLOCKS);
}

static BenchReport report_of(Fixture *f, BenchQuestion question)
{
        BenchReport report;

        assert_ok(bench_report(f->rec, &question, f->arena, &report, &f->err), f->err);
        return report;
}

static ChangeVerdict verdict_of(const BenchReport *report, const char *subject)
{
        const BenchRow *row = bench_row(report, span_of(subject));
        const MetricChange *change = row ? bench_change(report, row) : NULL;

        if (!change)
                fail_msg("'%s' was not compared", subject);
        return change ? change->verdict : CHANGE_UNKNOWN;
}

TEST(bench_name_takes_parameters_off_the_end)
{
        static const struct {
                const char *subject, *base, *parameters;
        } cases[] = {
                { "sort/n=10/kind=random", "sort", "/n=10/kind=random" },
                { "sort", "sort", "" },
                { "cat /etc/passwd", "cat /etc/passwd", "" },
                { "a/b/n=1", "a/b", "/n=1" },
                { "x/=1", "x/=1", "" },
                { "x/a b=1", "x/a b=1", "" },
                { "/n=1", "/n=1", "" },
                { "", "", "" },
                { "x/n=", "x", "/n=" },
                { "x/n=a=b", "x", "/n=a=b" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                BenchName name = bench_name(span_of(cases[i].subject));

                assert_span(name.base, cases[i].base);
                assert_span(name.parameters, cases[i].parameters);
        }
}

TEST(bench_parameters_come_one_by_one)
{
        Span rest = SPAN("/n=10/kind=a=b"), key, value;

        assert_true(bench_next_parameter(&rest, &key, &value));
        assert_span(key, "n");
        assert_span(value, "10");
        assert_true(bench_next_parameter(&rest, &key, &value));
        assert_span(key, "kind");
        assert_span(value, "a=b");
        assert_false(bench_next_parameter(&rest, &key, &value));
}

TEST(bench_title_fills_parameters_in)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));

        assert_span(bench_title(SPAN("sleep {d}/d=0.1"), arena), "sleep 0.1");
        assert_span(bench_title(SPAN("cc -O{o} {f}.c {f}.h/o=2/f=x"), arena), "cc -O2 x.c x.h");
        assert_span(bench_title(SPAN("sort/n=10"), arena), "sort/n=10");
        assert_span(bench_title(SPAN("run {a}/b=2/a=1"), arena), "run 1/b=2");
}

TEST(bench_report_describes_each_benchmark_by_its_time)
{
        AUTO(fixture_end) Fixture f;
        const double values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 100 };
        BenchReport report;

        fixture_begin(&f);
        recording_samples(f.rec, METRIC_MEMORY, SPAN("a"), values, NULL, 3);
        recording_samples(f.rec, METRIC_TIME, SPAN("a"), values, NULL, COUNT(values));
        recording_samples(f.rec, METRIC_OPS, SPAN("b"), values, NULL, 2);
        recording_samples(f.rec, METRIC_TIME, SPAN("none"), values, NULL, 0);
        report = report_of(&f, (BenchQuestion){ 0 });
        assert_int_equal(report.len, 2);
        assert_span(report.rows[0].subject, "a");
        assert_int_equal(report.rows[0].metric, METRIC_TIME);
        assert_near(report.rows[0].median, 5.5, 0);
        assert_near(report.rows[0].mean, 14.5, 1e-12);
        assert_near(report.rows[0].min, 1, 0);
        assert_near(report.rows[0].max, 100, 0);
        assert_near(report.rows[0].interval.low, 2, 0);
        assert_near(report.rows[0].interval.high, 9, 0);
        assert_int_equal(report.rows[0].outliers.severe_high, 1);
        assert_int_equal(report.rows[1].metric, METRIC_OPS);
        assert_true(isnan(report.rows[1].interval.low));
        assert_int_equal(report.comparison.len, 0); /* a time and a rate have nothing in common */
}

TEST(bench_report_compares_block_by_block_with_the_reference)
{
        AUTO(fixture_end) Fixture f;
        BenchReport report;

        fixture_begin(&f);
        add(&f, METRIC_TIME, "a", 100, 0.01, false);
        add(&f, METRIC_TIME, "b", 103, 0.01, false);
        add(&f, METRIC_TIME, "c", 100, 0.01, false);
        add(&f, METRIC_MEMORY, "a", 1e6, 0.001, false);
        add(&f, METRIC_MEMORY, "b", 2e6, 0.001, false);
        report = report_of(&f, (BenchQuestion){ 0 });
        assert_int_equal(report.comparison.len, 3); /* b's time and memory, c's time */
        assert_true(report.comparison.paired);
        assert_int_equal(verdict_of(&report, "b"), CHANGE_SLOWER);
        assert_int_equal(verdict_of(&report, "c"), CHANGE_SAME);
        assert_int_equal(report.comparison.items[1].metric, METRIC_MEMORY);
        assert_int_equal(report.comparison.items[1].verdict, CHANGE_SLOWER);
        report = report_of(&f, (BenchQuestion){ .reference = SPAN("b") });
        assert_int_equal(verdict_of(&report, "a"), CHANGE_FASTER);
        assert_null(bench_change(&report, bench_row(&report, SPAN("b"))));
}

TEST(bench_report_asks_more_of_what_was_measured_apart)
{
        AUTO(fixture_end) Fixture f;
        BenchReport report;

        fixture_begin(&f);
        add(&f, METRIC_TIME, "a", 100, 0.01, true);
        add(&f, METRIC_TIME, "b", 103, 0.01, true);
        add(&f, METRIC_TIME, "c", 110, 0.01, true);
        report = report_of(&f, (BenchQuestion){ 0 });
        assert_false(report.comparison.paired);
        assert_int_equal(verdict_of(&report, "b"), CHANGE_UNKNOWN);
        assert_int_equal(verdict_of(&report, "c"), CHANGE_SLOWER);
}

TEST(bench_report_of_one_program_compares_only_when_asked)
{
        AUTO(fixture_end) Fixture f;

        fixture_begin(&f);
        add(&f, METRIC_TIME, "quick", 100, 0.01, false);
        add(&f, METRIC_TIME, "merge", 150, 0.01, false);
        assert_int_equal(report_of(&f, (BenchQuestion){ .alone = true }).comparison.len, 0);
        assert_int_equal(report_of(&f, (BenchQuestion){ .alone = true, .reference = SPAN("merge") })
                                 .comparison.len,
                         1);
}

TEST(bench_report_of_programs_compares_benchmarks_of_one_name)
{
        const Span programs[] = { SPAN("./old"), SPAN("./new") };
        AUTO(fixture_end) Fixture f;
        BenchReport report;

        fixture_begin(&f);
        add(&f, METRIC_TIME, "./old: sort", 100, 0.01, false);
        add(&f, METRIC_TIME, "./old: find", 50, 0.01, false);
        add(&f, METRIC_TIME, "./new: sort", 80, 0.01, false);
        add(&f, METRIC_TIME, "./new: find", 50, 0.01, false);
        add(&f, METRIC_TIME, "./new: more", 50, 0.01, false);
        report = report_of(&f, (BenchQuestion){ .programs = programs, .n_programs = 2 });
        assert_int_equal(report.comparison.len, 2);
        assert_int_equal(verdict_of(&report, "./new: sort"), CHANGE_FASTER);
        assert_int_equal(verdict_of(&report, "./new: find"), CHANGE_SAME);
        report = report_of(&f, (BenchQuestion){ .programs = programs,
                                                .n_programs = 2,
                                                .reference = SPAN("./new") });
        assert_int_equal(verdict_of(&report, "./old: sort"), CHANGE_SLOWER);
}

TEST(bench_report_knows_no_reference_that_was_not_measured)
{
        const Span programs[] = { SPAN("./old"), SPAN("./new") };
        AUTO(fixture_end) Fixture f;
        BenchReport report;

        fixture_begin(&f);
        add(&f, METRIC_TIME, "./old: sort", 100, 0.01, false);
        assert_fails(bench_report(f.rec, &(BenchQuestion){ .reference = SPAN("x") }, f.arena,
                                  &report, &f.err),
                     f.err, ERR_NOT_FOUND);
        assert_fails(bench_report(f.rec,
                                  &(BenchQuestion){ .reference = SPAN("x"),
                                                    .programs = programs,
                                                    .n_programs = 2 },
                                  f.arena, &report, &f.err),
                     f.err, ERR_NOT_FOUND);
}

TEST(bench_report_counts_instructions_without_blocks_exactly)
{
        AUTO(fixture_end) Fixture f;
        const double a[] = { 1000, 1000, 1000, 1000, 1000 }, b[] = { 1010, 1010, 1010, 1010, 1010 };
        BenchReport report;

        fixture_begin(&f);
        add(&f, METRIC_TIME, "a", 100, 0.05, false);
        add(&f, METRIC_TIME, "b", 100, 0.05, false);
        recording_samples(f.rec, METRIC_INSTRUCTIONS, SPAN("a"), a, NULL, COUNT(a));
        recording_samples(f.rec, METRIC_INSTRUCTIONS, SPAN("b"), b, NULL, COUNT(b));
        report = report_of(&f, (BenchQuestion){ 0 });
        assert_int_equal(report.comparison.items[1].metric, METRIC_INSTRUCTIONS);
        assert_int_equal(report.comparison.items[1].verdict, CHANGE_SLOWER);
        assert_near(report.comparison.items[1].effect.change, 0.01, 1e-9);
}

TEST(bench_report_hints_at_modes_and_drift)
{
        AUTO(fixture_end) Fixture f;
        double two[100], rising[100];
        BenchReport report;

        fixture_begin(&f);
        for (size_t i = 0; i < 100; i++) {
                two[i] = (i % 2 ? 100 : 150) + rng_normal(&f.rng);
                rising[i] = 100 + (double)i + rng_normal(&f.rng);
        }
        recording_samples(f.rec, METRIC_TIME, SPAN("two"), two, NULL, 100);
        recording_samples(f.rec, METRIC_TIME, SPAN("rising"), rising, NULL, 100);
        report = report_of(&f, (BenchQuestion){ 0 });
        assert_true(report.rows[0].several_modes);
        assert_near(report.rows[0].drift, 0, 0);
        assert_near(report.rows[1].drift, 0.4, 0.05);
}

TEST(bench_report_sees_how_a_cost_grows)
{
        AUTO(fixture_end) Fixture f;
        BenchReport report;

        fixture_begin(&f);
        for (unsigned n = 10; n <= 10000; n *= 10)
                for (unsigned kind = 0; kind < 2; kind++)
                        add(&f, METRIC_TIME,
                            arena_printf(f.arena, "sort/kind=%s/n=%u", kind ? "linear" : "square",
                                         n),
                            kind ? 5.0 * n : 0.5 * n * n, 0.01, false);
        report = report_of(&f, (BenchQuestion){ 0 });
        assert_int_equal(report.n_growth, 2);
        assert_span(report.growth[0].name, "sort/kind=square");
        assert_span(report.growth[0].parameter, "n");
        assert_int_equal(report.growth[0].fit.shape, SCALING_QUADRATIC);
        assert_int_equal(report.growth[1].fit.shape, SCALING_LINEAR);
}

TEST(bench_report_of_nothing_is_empty)
{
        AUTO(fixture_end) Fixture f;
        BenchReport report;

        fixture_begin(&f);
        report = report_of(&f, (BenchQuestion){ 0 });
        assert_int_equal(report.len, 0);
        assert_int_equal(report.comparison.len, 0);
}
