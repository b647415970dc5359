#include "harness.h"

#include "analysis/series_csv.h"
#include "base/fs.h"

#include <math.h>

static void parse(Arena *arena, const char *text, SeriesCsv *ret)
{
        Error err = { 0 };

        assert_ok(series_csv_parse(span_of(text), "t.csv", arena, ret, &err), err);
}

TEST(series_csv_reads_times_commits_and_numbers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        MetricPoint *points;
        SeriesCsv csv;
        Error err = { 0 };
        size_t n;

        parse(arena,
              "time;commit;metric1;note;metric2\n"
              "2021.01.01 3:00:00 +0100;aaa0;154023;first;10.43\n"
              "2021.01.02 3:00:00 +0100;aaa1;;-;-1e3\n",
              &csv);
        assert_int_equal(csv.rows, 2);
        assert_int_equal(csv.len, 2);
        assert_int_equal(csv.n_ignored, 1);
        assert_span(csv.ignored[0], "note");
        assert_span(csv.columns[1].name, "metric2");
        assert_true(csv.has_time);
        assert_int_equal(csv.wall_ns[0], UINT64_C(1609466400) * NS_PER_S);
        assert_ok(series_csv_points(&csv, 0, 2, arena, &points, &n, &err), err);
        assert_int_equal(n, 2);
        assert_near(points[0].value, 308046, 0);
        assert_true(isnan(points[1].value)); /* nothing is filled in */
        assert_span(*points[1].git_revision, "aaa1");
        assert_int_equal(points[1].run_id, 2);
        assert_ok(series_csv_points(&csv, 1, 1, arena, &points, &n, &err), err);
        assert_near(points[1].value, -1000, 0);
}

TEST(series_csv_tells_unix_times_by_their_size)
{
        static const struct {
                const char *text;
                uint64_t ns;
        } rows[] = {
                { "1609466400", UINT64_C(1609466400000000000) },
                { "1609466400.5", UINT64_C(1609466400500000000) },
                { "1609466400500", UINT64_C(1609466400500000000) },
                { "1609466400500001", UINT64_C(1609466400500001000) },
                { "1609466400500001002", UINT64_C(1609466400500001002) },
                { "2021-01-01T02:00:00Z", UINT64_C(1609466400000000000) },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        for (size_t i = 0; i < COUNT(rows); i++) {
                SeriesCsv csv;

                parse(arena, arena_printf(arena, "timestamp,x\n%s,1\n", rows[i].text), &csv);
                assert_true(csv.has_time);
                assert_int_equal(csv.wall_ns[0], rows[i].ns);
        }
}

TEST(series_csv_without_times_keeps_the_order_of_its_rows)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        SeriesCsv csv;

        parse(arena, "time,x\n0.5,1\n0.25,2\n", &csv); /* durations, not times */
        assert_false(csv.has_time);
        assert_int_equal(csv.len, 2);
        assert_int_equal(csv.wall_ns[1], 1);
        assert_null(csv.revisions);
}

TEST(series_csv_reads_words_for_missing_values)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        SeriesCsv csv;

        parse(arena, "sha,x\na,NaN\nb,NA\nc,null\nd,-\ne,\nf,5\n", &csv);
        assert_int_equal(csv.rows, 6);
        for (size_t i = 0; i < 5; i++)
                assert_true(isnan(csv.columns[0].values[i]));
        assert_near(csv.columns[0].values[5], 5, 0);
}

TEST(series_csv_names_the_line_that_is_wrong)
{
        static const struct {
                const char *text, *message;
        } rows[] = {
                { "", "t.csv: no row" },
                { "a,b\n", "t.csv: no row" },
                { "a,b\n1,2\n3\n", "t.csv:3: fewer fields than the 2 columns" },
                { "a,b\n1,2\n3,4,5\n", "t.csv:3: more fields than the 2 columns" },
                { "a,\n1,2\n", "t.csv:1: column 2 has no name" },
                { "a,a\n1,2\n", "t.csv:1: two columns are called 'a'" },
                { "a,b\n1,2\n3,x\n", "t.csv:3: 'x' in column 'b' is no number" },
                { "a,b\n1,2\n3,inf\n", "t.csv:3: 'inf' in column 'b' is no number" },
                { "time,b\n2021-01-01,2\n2021-13-01,3\n",
                  "t.csv:3: '2021-13-01' in column 'time'" },
                { "time,b\n2021-01-01,2\n,3\n", "t.csv:3: '' in column 'time' is no time" },
                { "a,b\nx,y\n", "t.csv: no column holds numbers" },
                { "a,b\n1,\"2\n", "t.csv:2: a quote is never closed" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        for (size_t i = 0; i < COUNT(rows); i++) {
                SeriesCsv csv = { .rows = 77 };
                Error err = { 0 };

                assert_fails(series_csv_parse(span_of(rows[i].text), "t.csv", arena, &csv, &err),
                             err, ERR_INPUT);
                if (!span_starts(span_of(err.message), rows[i].message))
                        fail_msg("'%s' is not '%s'", err.message, rows[i].message);
                assert_int_equal(csv.rows, 77);
        }
}

TEST(series_csv_suggests_the_nearest_column)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        SeriesCsv csv;
        Error err = { 0 };
        size_t at;

        parse(arena, "time,throughput,p99\n2021-01-01,1,2\n", &csv);
        assert_ok(series_csv_find(&csv, SPAN("p99"), &at, &err), err);
        assert_int_equal(at, 1);
        assert_fails(series_csv_find(&csv, SPAN("troughput"), &at, &err), err, ERR_NOT_FOUND);
        assert_string_equal(err.hint, "did you mean 'throughput'?");
        assert_fails(series_csv_find(&csv, SPAN("something else"), &at, &err), err, ERR_NOT_FOUND);
        assert_string_equal(err.hint, "there are: throughput, p99");
}

/* The samples of a peer, which people have. */
TEST(series_csv_reads_the_samples_of_otava)
{
        static const char *const files[] = { "sample.csv", "sample-semicolons.csv",
                                             "sample-unix-time.csv" };
        const char *corpora = getenv("HONE_CORPORA");
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        if (!corpora)
                skip_because("HONE_CORPORA is not set");
        for (size_t i = 0; i < COUNT(files); i++) {
                SeriesCsv csv;
                Error err = { 0 };
                Span text;

                assert_ok(file_read(arena_printf(arena, "%s/otava/%s", corpora, files[i]), MiB(1),
                                    arena, &text, &err),
                          err);
                assert_ok(series_csv_parse(text, files[i], arena, &csv, &err), err);
                assert_int_equal(csv.len, 2);
                assert_int_equal(csv.rows, 10);
                assert_true(csv.has_time);
                assert_near(csv.columns[0].values[0], 154023, 0);
                assert_near(csv.columns[1].values[1], 10.23, 0);
        }
}
