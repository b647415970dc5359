/* benchstat's own expected outputs, from the samples that the reader of Go benchmarks makes: the
 * same median, interval and p to every digit that it prints.
 *
 * Source: golang/perf, cmd/benchstat/testdata (BSD-3). Where hone says something else, the test
 * below says what and why:
 *  - "Unit x assume=exact" (zero.txt) makes benchstat print an interval of +-0% from one sample.
 *    hone has no exact units: one sample bounds nothing, and the interval is absent.
 *  - An older Mann-Whitney of theirs (internal/stats/utest_test.go) expects p = 0 for {2,1,3,5}
 *    against {1,1,1,1,1}. Enumerating all 126 ways to deal the nine values gives 6/126: it assumed
 *    that ties leave the distribution symmetric. p_by_enumeration() is that enumeration.
 */

#include "text_fixture.h"

#include "base/fs.h"
#include "stats/rank.h"

#include <math.h>
#include <stdlib.h>

#define CONFIDENCE 0.95

/* --- by enumeration --- */

/* 2 * U of the values whose bit is set, against the others; a tie counts half. */
static unsigned double_u(const double *all, size_t n, unsigned chosen)
{
        unsigned u = 0;

        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++)
                        if ((chosen >> i & 1) && !(chosen >> j & 1))
                                u += all[i] > all[j] ? 2 : !(all[i] < all[j]);
        return u;
}

/* Of all ways to deal the values, how many are as far from the mean of U as the one at hand. */
static double p_by_enumeration(const double *x, size_t nx, const double *y, size_t ny)
{
        double all[20];
        size_t n = nx + ny, ways = 0, far = 0;
        unsigned seen, mean = (unsigned)(nx * ny);

        assert_true(n <= COUNT(all));
        memcpy(all, x, nx * sizeof(*x));
        memcpy(all + nx, y, ny * sizeof(*y));
        seen = double_u(all, n, (1u << nx) - 1);
        for (unsigned chosen = 0; chosen < 1u << n; chosen++) {
                unsigned u;

                if ((size_t)__builtin_popcount(chosen) != nx)
                        continue;
                u = double_u(all, n, chosen);
                ways++;
                far += abs((int)u - (int)mean) >= abs((int)seen - (int)mean);
        }
        return (double)far / (double)ways;
}

/* --- from samples to what benchstat prints --- */

typedef struct Side {
        double *sorted; /* nanoseconds */
        size_t n;
        double median;
        Interval interval;
} Side;

static Side side_of(Arena *arena, const Imported *got, MetricId metric, const char *subject)
{
        const Samples *s = recording_find_samples(got->recording, metric, span_of(subject));
        Side side;

        if (!s)
                fail_msg("no samples of '%s'", subject);
        side = (Side){ .sorted = new (arena, double, s->len), .n = s->len };
        memcpy(side.sorted, s->values, s->len * sizeof(double));
        sort_doubles(side.sorted, side.n);
        side.median = median_sorted(side.sorted, side.n);
        side.interval = quantile_interval(side.sorted, side.n, 0.5, CONFIDENCE);
        return side;
}

/* The farther end of the interval, in per cent of the median. */
static const char *spread(Arena *arena, const Side *side)
{
        double far = fmax(side->interval.high - side->median, side->median - side->interval.low);

        if (isnan(far))
                return "\u221e";
        return arena_printf(arena, "%.0f%%", far / side->median * 100);
}

/* "p=0.446 n=10" */
static const char *test_text(Arena *arena, const Side *a, const Side *b)
{
        RankTest test = mann_whitney(a->sorted, a->n, b->sorted, b->n, arena);

        return arena_printf(arena, "p=%.3f n=%zu", test.p, a->n);
}

/* Four significant digits: "100.0n", "1.150Gi". */
static const char *scaled(Arena *arena, double value, const char *prefix, double one)
{
        double shown = value / one;
        int digits = shown >= 1000 ? 4 : shown >= 100 ? 3 : shown >= 10 ? 2 : 1;

        return arena_printf(arena, "%.*f%s", 4 - digits, shown, prefix);
}

/* --- the corpus --- */

static Span read_golden(Arena *arena, const char *file)
{
        const char *dir = getenv("HONE_CORPORA");
        const char *path = path_join(arena, dir ? dir : "../shared/corpora", "benchstat");
        Error err = { 0 };
        Span text;

        path = path_join(arena, path, file);
        if (!path_exists(path))
                skip_because("no benchstat corpus; set HONE_CORPORA");
        assert_ok(file_read(path, MiB(1), arena, &text, &err), err);
        return text;
}

static Imported import_golden(Arena *arena, const char *file)
{
        return read_as(arena, "go", span_text(arena, read_golden(arena, file)));
}

static void assert_golden(Span golden, const char *part)
{
        if (!span_contains(golden, part))
                fail_msg("benchstat does not print '%s'", part);
}

/* "Encode/format=json-48,1.718e-06,1%,1.4225e-06,1%,-17.20%,p=0.000 n=10" */
static void check_row(Arena *arena, const Imported *before, const Imported *after, Span row)
{
        const char *name = span_text(arena, span_cut(&row, ','));
        Side a = side_of(arena, before, METRIC_TIME, name);
        Side b = side_of(arena, after, METRIC_TIME, name);
        Error err = { 0 };
        double median;

        assert_ok(span_to_double(span_cut(&row, ','), &median, &err), err);
        assert_near(a.median * 1e-9, median, 1e-20);
        assert_span(span_cut(&row, ','), spread(arena, &a));
        assert_ok(span_to_double(span_cut(&row, ','), &median, &err), err);
        assert_near(b.median * 1e-9, median, 1e-20);
        assert_span(span_cut(&row, ','), spread(arena, &b));
        if (!span_starts(row, "~"))
                assert_span(span_first(row, (size_t)span_find_byte(row, ',')),
                            arena_printf(arena, "%+.2f%%", (b.median / a.median - 1) * 100));
        (void)span_cut(&row, ',');
        assert_span(row, test_text(arena, &a, &b));
}

TEST(benchstat_agrees_on_old_and_new)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span golden = read_golden(arena, "csvOldNew.stdout"), line;
        Imported before = import_golden(arena, "old.txt");
        Imported after = import_golden(arena, "new.txt");
        int rows = 0;

        while (span_next_line(&golden, &line))
                if (span_starts(line, "Encode/")) {
                        check_row(arena, &before, &after, line);
                        rows++;
                }
        assert_int_equal(rows, 2);
}

/* The same by hand: 184 756 ways to deal twenty values. */
TEST(benchstat_p_of_gob_is_what_enumeration_gives)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported before = import_golden(arena, "old.txt");
        Imported after = import_golden(arena, "new.txt");
        Side a = side_of(arena, &before, METRIC_TIME, "Encode/format=gob-48");
        Side b = side_of(arena, &after, METRIC_TIME, "Encode/format=gob-48");

        assert_near(mann_whitney(a.sorted, a.n, b.sorted, b.n, arena).p,
                    p_by_enumeration(a.sorted, a.n, b.sorted, b.n), 1e-12);
}

TEST(benchstat_agrees_when_all_samples_are_equal)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span golden = read_golden(arena, "issue19565.stdout");
        Imported got = import_golden(arena, "issue19565.txt");
        Side before = side_of(arena, &got, METRIC_TIME, "A note=before");
        Side after = side_of(arena, &got, METRIC_TIME, "A note=after");
        Side c = side_of(arena, &got, METRIC_TIME, "C note=after");

        assert_absent(&got, METRIC_TIME, "C note=before");
        assert_golden(golden,
                      arena_printf(arena, "A         %s \u00b1 %s   %s \u00b1 %s       ~ (%s)",
                                   scaled(arena, before.median, "n", 1), spread(arena, &before),
                                   scaled(arena, after.median, "n", 1), spread(arena, &after),
                                   test_text(arena, &before, &after)));
        assert_golden(golden,
                      arena_printf(arena, "C                       %s \u00b1 %s",
                                   scaled(arena, c.median, "\u00b5", 1e3), spread(arena, &c)));
}

TEST(benchstat_agrees_that_one_sample_bounds_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span golden = read_golden(arena, "smallSample.stdout");
        Imported got = import_golden(arena, "smallSample.txt");
        Side before = side_of(arena, &got, METRIC_TIME, "X note=before");
        Side after = side_of(arena, &got, METRIC_TIME, "X note=after");

        assert_golden(golden,
                      arena_printf(arena, "X   %s \u00b1 %s \u00b9   %s \u00b1 %s \u00b9  ~ (%s)",
                                   scaled(arena, before.median, "n", 1), spread(arena, &before),
                                   scaled(arena, after.median, "n", 1), spread(arena, &after),
                                   test_text(arena, &before, &after)));
        assert_golden(golden, arena_printf(arena, "need >= %zu samples for confidence interval",
                                           quantile_min_n(0.5, CONFIDENCE)));
        assert_golden(golden, "need >= 4 samples to detect a difference");
        assert_true(mann_whitney((double[]){ 1, 2, 3 }, 3, (double[]){ 4, 5, 6 }, 3, arena).min_p >
                    0.05);
        assert_true(mann_whitney((double[]){ 1, 2, 3, 4 }, 4, (double[]){ 5, 6, 7, 8 }, 4, arena)
                            .min_p < 0.05);
}

/* Exact units: the medians agree; an interval of one sample is what hone does not give. */
TEST(benchstat_agrees_on_the_medians_of_exact_units)
{
        static const struct {
                const char *name, *unit, *prefix;
                double one;
        } rows[] = {
                { "Imperceptible", "a-bytes", "Gi", 0x1p30 },
                { "Imperceptible2", "b-bytes", "Gi", 0x1p30 },
                { "Imperceptible", "c-bytes", "Mi", 0x1p20 },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span golden = read_golden(arena, "zero.stdout");
        Imported got = import_golden(arena, "zero.txt");

        for (size_t i = 0; i < COUNT(rows); i++) {
                const char *subject =
                        arena_printf(arena, "%s note=before [%s]", rows[i].name, rows[i].unit);
                Side before = side_of(arena, &got, METRIC_CUSTOM, subject);
                Side after = side_of(
                        arena, &got, METRIC_CUSTOM,
                        arena_printf(arena, "%s note=after [%s]", rows[i].name, rows[i].unit));

                assert_golden(
                        golden,
                        arena_printf(arena, "%s \u00b1 0%%   %s \u00b1 0%%",
                                     scaled(arena, before.median, rows[i].prefix, rows[i].one),
                                     scaled(arena, after.median, rows[i].prefix, rows[i].one)));
                assert_true(isnan(before.interval.low) && isnan(before.interval.high));
        }
        assert_value(&got, METRIC_CUSTOM, "ZeroOverZero note=after [x]", 0);
        assert_value(&got, METRIC_CUSTOM, "NonZeroOverZero note=after [y]", 100);
}

/* --- the same, without the corpus --- */

TEST(go_bench_samples_have_the_intervals_of_order_statistics)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Buf text = buf_in(arena, KiB(4));
        Imported got;
        Side six, ten;

        for (int i = 1; i <= 10; i++) {
                if (i <= 6)
                        buf_printf(&text, "BenchmarkSix 1 %d ns/op\n", 70 - 10 * i);
                buf_printf(&text, "BenchmarkTen 1 %d ns/op\n", 10 * i);
        }
        got = read_as(arena, "go", text.ptr);
        six = side_of(arena, &got, METRIC_TIME, "Six");
        ten = side_of(arena, &got, METRIC_TIME, "Ten");
        assert_near(six.median, 35, 0);
        assert_near(six.interval.low, 10, 0); /* 1 - 2/64 = 96.9 % between the first and the last */
        assert_near(six.interval.high, 60, 0);
        assert_near(six.interval.confidence, 1 - 2 / 64.0, 1e-12);
        assert_near(ten.median, 55, 0);
        assert_near(ten.interval.low, 20, 0); /* 1 - 2 * 11/1024 = 97.9 % from the second on */
        assert_near(ten.interval.high, 90, 0);
        assert_near(ten.interval.confidence, 1 - 22 / 1024.0, 1e-12);
}

TEST(go_bench_samples_with_ties_have_the_p_of_an_enumeration)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got =
                read_as(arena, "go",
                        "note: a\nBenchmarkX 1 2 ns/op\nBenchmarkX 1 1 ns/op\n"
                        "BenchmarkX 1 3 ns/op\nBenchmarkX 1 5 ns/op\n"
                        "note: b\nBenchmarkX 1 1 ns/op\nBenchmarkX 1 1 ns/op\n"
                        "BenchmarkX 1 1 ns/op\nBenchmarkX 1 1 ns/op\nBenchmarkX 1 1 ns/op\n");
        Side a = side_of(arena, &got, METRIC_TIME, "X note=a");
        Side b = side_of(arena, &got, METRIC_TIME, "X note=b");
        double p = mann_whitney(a.sorted, a.n, b.sorted, b.n, arena).p;

        assert_near(p, 6 / 126.0, 1e-12);
        assert_near(p, p_by_enumeration(a.sorted, a.n, b.sorted, b.n), 1e-12);
}
