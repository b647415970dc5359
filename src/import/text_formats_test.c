/* Every format of text over its examples, which are seeds of the fuzz target too. */

#include "text_fixture.h"

#include "base/fs.h"

#include <math.h>
#include <stdlib.h>

enum {
        TABLE = 1,   /* may end without a line end, and gets a warning; has no colours */
        AHEAD = 2,   /* what comes later gives subjects their full names */
        MACHINE = 4, /* not for a terminal: has no colours */
};

static const struct {
        const char *file, *format;
        size_t n_benchmarks;
        uint64_t n_unknown;
        /* one of them, in full */
        MetricId metric;
        const char *subject;
        double value;
        uint64_t n;
        unsigned flags;
} examples[] = {
        { "ab.txt", "ab", 18, 0, METRIC_LATENCY_P99, "", 2e6, 2000 },
        { "ab_percentiles.csv", "ab-percentiles", 4, 0, METRIC_LATENCY_P99, "", 1.867e6, 0, TABLE },
        { "ab_requests.tsv", "requests", 10, 0, METRIC_TIME_TTFB, "", 2e6, 3, TABLE },
        { "asv.txt", "asv-text", 10, 2, METRIC_TIME,
          "cart.Suite.time_grid(40, 0.4 / True) (virtualenv-py3.9)", 1.21e9, 0, AHEAD },
        { "autocannon.txt", "autocannon-text", 21, 0, METRIC_THROUGHPUT, "", 22824, 46000 },
        { "autocannon_terminal.txt", "autocannon-text", 10, 0, METRIC_LATENCY_MEAN, "", 80e3,
          46000 },
        { "benchmark_js.txt", "benchmark-js", 2, 1, METRIC_OPS, "String#indexOf x 3", 782311046,
          68 },
        { "catch2.txt", "catch2", 2, 1, METRIC_TIME,
          "Fib/a very long name of a benchmark that certainly wraps over the first column", 3252.72,
          20 },
        { "criterion.txt", "criterion-text", 5, 0, METRIC_TIME, "cart/serialise everything/1024",
          1010, 20 },
        { "go.txt", "go", 10, 1, METRIC_CUSTOM_HIGHER, "Alloc-2 [widgets/op]", 3.5, 2, AHEAD },
        { "google.csv", "google-csv", 14, 2, METRIC_BANDWIDTH, "BM_a/8", 1.885425e9, 2, TABLE },
        { "google.txt", "google-text", 14, 3, METRIC_TIME, "BM_a/4096", 103, 3 },
        { "google_tabular.txt", "google-text", 14, 0, METRIC_CUSTOM, "BM_a/8 [foo]", 42, 1 },
        { "h2load.txt", "h2load", 11, 0, METRIC_LATENCY_MAX, "", 5.1e6, 1000 },
        { "h2load_columns.txt", "h2load", 14, 0, METRIC_LATENCY_P99, "", 3.4e6, 2990 },
        { "hdr.hlog", "hdrlog", 16, 0, METRIC_LATENCY_MIN, "pay", 2998272, 100, MACHINE },
        { "hdrplot.txt", "hdrplot", 8, 0, METRIC_LATENCY_P50, "", 513059, 1999 },
        { "hey.txt", "hey", 18, 0, METRIC_LATENCY_P99, "", 3.3e6, 18077 },
        { "hey_errors.txt", "hey", 13, 0, METRIC_ERROR_RATE, "", 0.2, 100 },
        { "hey_requests.csv", "requests", 14, 0, METRIC_ERROR_5XX, "", 1 / 6.0, 6, TABLE },
        { "hyperfine.csv", "hyperfine-csv", 9, 0, METRIC_TIME, "sleep 0.02", 23285444, 0, TABLE },
        { "jmh.txt", "jmh-text", 4, 1, METRIC_TIME, "org.shop.CartBench.add/size=10", 45.1, 3 },
        { "jmh_comma.txt", "jmh-text", 2, 0, METRIC_TIME, "Benchmarks.day5part1Anton", 317e3, 3 },
        { "junit.xml", "junit", 2, 3, METRIC_TIME, "org.shop.CartTest.compares <a> & bc", 1.25e9, 1,
          MACHINE },
        { "libtest.txt", "libtest", 4, 0, METRIC_TIME, "cart::bench_sort", 568364467, 50 },
        { "long.csv", "csv", 2, 0, METRIC_TIME, "Sort; of \"things\"", 13e6, 2, TABLE },
        { "multitime.txt", "multitime", 3, 0, METRIC_TIME, "sleep 0.01", 12e6, 0 },
        { "oha.txt", "oha-text", 18, 0, METRIC_ERROR_RATE, "", 20 / 2430.0, 2430 },
        { "plain.tsv", "csv", 2, 0, METRIC_LATENCY_P99, "", 12e6, 2, TABLE },
        { "siege.txt", "siege", 7, 0, METRIC_THROUGHPUT, "", 8656.67, 2597 },
        { "siege_json.txt", "siege", 7, 0, METRIC_BYTES_IN, "", 0.79 * 0x1p20, 2990 },
        { "time_bash.txt", "time", 3, 0, METRIC_TIME, "", 30154e6, 2 },
        { "time_gnu.txt", "time", 6, 0, METRIC_MEMORY, "", 1632 * 1024.0, 1 },
        { "time_verbose.txt", "time", 10, 0, METRIC_EXEC_FAULTS_MINOR, "sleep 0.1", 98, 1 },
        { "time_zsh.txt", "time", 3, 0, METRIC_TIME_SYSTEM, "sleep 0.1", 10e6, 1 },
        { "vegeta.txt", "vegeta-text", 14, 0, METRIC_LATENCY_MAX, "", 62.062e9, 5000 },
        { "wide.csv", "csv", 10, 1, METRIC_TIME, "gob/decode", 1100e3, 1, TABLE },
        { "wrk.txt", "wrk", 10, 0, METRIC_LATENCY_P50, "", 98e3, 95777 },
        { "wrk2.txt", "wrk", 13, 0, METRIC_LATENCY_P95, "", 3e6, 1200 },
};

TEST(text_formats_read_their_examples)
{
        for (size_t i = 0; i < COUNT(examples); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                Imported got = read_as(arena, NULL, read_seed(arena, examples[i].file));
                const MetricValue *value;

                print_message("# %s\n", examples[i].file);
                assert_string_equal(got.format->name, examples[i].format);
                assert_int_equal(got.n_benchmarks, examples[i].n_benchmarks);
                assert_int_equal(got.n_unknown, examples[i].n_unknown);
                assert_value(&got, examples[i].metric, examples[i].subject, examples[i].value);
                value = recording_find(got.recording, examples[i].metric,
                                       span_of(examples[i].subject));
                assert_int_equal(value->n, examples[i].n);
        }
}

TEST(text_formats_never_take_a_torn_number)
{
        for (size_t i = 0; i < COUNT(examples); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

                print_message("# %s\n", examples[i].file);
                assert_torn_safely(examples[i].format, read_seed(arena, examples[i].file),
                                   examples[i].flags & TABLE, !(examples[i].flags & AHEAD));
        }
}

TEST(text_formats_read_crlf_and_colours_alike)
{
        for (size_t i = 0; i < COUNT(examples); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

                print_message("# %s\n", examples[i].file);
                assert_same_in_any_dress(examples[i].format, read_seed(arena, examples[i].file),
                                         !(examples[i].flags & (TABLE | MACHINE)));
        }
}

/* Twice the same report are two samples of each of its numbers. */
TEST(text_formats_take_repeated_reports_as_samples)
{
        static const struct {
                const char *file;
                MetricId metric;
                const char *subject;
        } repeated[] = {
                { "ab.txt", METRIC_THROUGHPUT, "" },
                { "hey.txt", METRIC_LATENCY_P99, "" },
                { "oha.txt", METRIC_LATENCY_P99, "" },
                { "wrk.txt", METRIC_LATENCY_P99, "" },
                { "wrk2.txt", METRIC_LATENCY_P99, "" },
                { "vegeta.txt", METRIC_LATENCY_P50, "" },
                { "siege.txt", METRIC_THROUGHPUT, "" },
                { "h2load.txt", METRIC_LATENCY_MEAN, "" },
                { "hdrplot.txt", METRIC_LATENCY_P50, "" },
                { "autocannon.txt", METRIC_THROUGHPUT, "" },
                { "libtest.txt", METRIC_TIME, "cart::bench_add" },
                { "criterion.txt", METRIC_TIME, "cart/add" },
                { "multitime.txt", METRIC_TIME, "sleep 0.01" },
        };

        for (size_t i = 0; i < COUNT(repeated); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                const char *once = read_seed(arena, repeated[i].file);
                Imported one = read_as(arena, NULL, once);
                Imported two = read_as(arena, NULL, arena_printf(arena, "%s\n%s", once, once));
                double value = recording_get(one.recording, repeated[i].metric,
                                             span_of(repeated[i].subject));

                print_message("# %s\n", repeated[i].file);
                assert_samples(&two, repeated[i].metric, repeated[i].subject,
                               (double[]){ value, value }, 2);
        }
}

TEST(text_formats_know_no_other_format_by_mistake)
{
        for (size_t i = 0; i < COUNT(examples); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Span text = span_of(read_seed(arena, examples[i].file));

                for (const ImportFormat *const *f = import_formats; *f; f++) {
                        int sure = (*f)->detect(text, true);

                        if (sure > 50 && !span_is(span_of(examples[i].format), (*f)->name))
                                fail_msg("%s: %s is sure by %d", examples[i].file, (*f)->name,
                                         sure);
                }
        }
}

/* --- files that the tools themselves wrote --- */

static const struct {
        const char *file, *format;
        size_t n_benchmarks;
        uint64_t n_unknown;
        MetricId metric;
        const char *subject;
        double value;
} corpus[] = {
        { "bench-outputs/cpp/catch2/two.txt", "catch2", 2, 0, METRIC_TIME, "Fibonacci/Fibonacci 20",
          1 },
        { "bench-outputs/go/bench/five.txt", "go", 5, 0, METRIC_TIME,
          "Fib/my/tabled/benchmark_-_20", 40537.456 },
        { "bench-outputs/js/benchmark/four.txt", "benchmark-js", 4, 1, METRIC_OPS,
          "benchmark with x 2 many things", 50 },
        { "bench-outputs/python/asv/six.txt", "asv-text", 8, 2, METRIC_TIME,
          "benchmarks.TimeSuite.time_keys3 (virtualenv-py3.6)", 9070 },
        { "bench-outputs/rust/criterion/many.txt", "criterion-text", 5, 0, METRIC_TIME,
          "benchmark: name with spaces", 20.93 },
        { "hdrhistogram/jHiccup-2.0.7S.logV2.hlog", "hdrlog", 8, 0, METRIC_LATENCY_P999, "",
          1745879039 },
};

static Imported read_corpus(Arena *arena, const char *file)
{
        const char *dir = getenv("HONE_CORPORA");
        const char *path = path_join(arena, dir ? dir : "../shared/corpora", file);
        Error err = { 0 };
        Imported got;

        if (!path_exists(path))
                skip_because("no %s; set HONE_CORPORA", file);
        assert_ok(import_file(path, NULL, NULL, arena, &got, &err), err);
        return got;
}

TEST(text_formats_read_what_tools_wrote)
{
        for (size_t i = 0; i < COUNT(corpus); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                Imported got = read_corpus(arena, corpus[i].file);

                print_message("# %s\n", corpus[i].file);
                assert_string_equal(got.format->name, corpus[i].format);
                assert_int_equal(got.n_benchmarks, corpus[i].n_benchmarks);
                assert_int_equal(got.n_unknown, corpus[i].n_unknown);
                assert_value(&got, corpus[i].metric, corpus[i].subject, corpus[i].value);
        }
}

/* What HdrHistogram's own tests assert of this file. */
TEST(hdr_log_adds_jhiccup_up_as_hdrhistogram_does)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Imported got = read_corpus(arena, "hdrhistogram/jHiccup-2.0.7S.logV2.hlog");
        const Distribution *d = recording_find_distribution(got.recording, "latency", span_of(""));

        assert_non_null(d);
        assert_int_equal(d->hist->total, 48761);
        assert_value(&got, METRIC_LATENCY_P999, "", 1745879039);
        assert_value(&got, METRIC_LATENCY_MAX, "", 1796210687);
        assert_near((double)got.recording->wall_ns / 1e9, 1441812279.474, 1e-6);
}
