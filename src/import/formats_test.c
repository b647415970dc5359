/* Every format over its examples, which are the seeds of its fuzz target too. */

#include "harness.h"

#include "base/fs.h"
#include "base/units.h"
#include "import/import.h"

#include <stdlib.h>

/* The folder of the source: tests run in it or in a build folder within. */
static const char *seeds_folder(Arena *arena)
{
        const char *root = getenv("HONE_SOURCE_ROOT");
        const char *roots[] = { root ? root : ".", ".", ".." };

        for (size_t i = 0; i < COUNT(roots); i++) {
                const char *folder = path_join(arena, roots[i], "fuzz/seeds/import");

                if (path_exists(folder))
                        return folder;
        }
        fail_msg("no examples; run this in the source's folder");
        return NULL;
}

static Span read_example(Arena *arena, const char *file)
{
        const char *path = path_join(arena, seeds_folder(arena), file);
        Error err = { 0 };
        Span text = { 0 };

        assert_ok(file_read(path, MiB(1), arena, &text, &err), err);
        return text;
}

static const struct {
        const char *file, *format;
        size_t n_benchmarks;
        uint64_t n_unknown;
        /* one of them, in full */
        MetricId metric;
        const char *subject;
        double value;
        uint64_t n;
} examples[] = {
        { "hyperfine.json", "hyperfine", 7, 0, METRIC_MEMORY, "sort a.txt/threads=4", 4194304, 7 },
        { "google.json", "google-benchmark", 6, 1, METRIC_TIME, "BM_only", 2e6, 10 },
        { "jmh.json", "jmh", 5, 1, METRIC_OPS, "org.shop.Cart.add/size=10/kind=list", 2.5e6, 6 },
        { "pytest.json", "pytest-benchmark", 3, 1, METRIC_TIME, "test_cart.py::test_add[8]", 2000,
          3 },
        { "dotnet.json", "benchmarkdotnet", 4, 1, METRIC_TIME, "Shop.Cart.Pay", 50.5, 2 },
        { "criterion.json", "criterion", 1, 0, METRIC_TIME, "cart/add/8", 100, 3 },
        { "criterion_estimates.json", "criterion", 1, 0, METRIC_TIME, "cart/add/8", 100, 0 },
        { "criterion_sample.json", "criterion", 1, 0, METRIC_TIME, "cart/add/8", 100.5, 4 },
        { "asv.json", "asv", 5, 3, METRIC_TIME, "cart.Suite.time_add(1, 'map')", 2e6, 5 },
        { "k6.json", "k6", 64, 1, METRIC_LATENCY_P50, "", 15.5e6, 4 },
        { "k6_summary.json", "k6-summary", 21, 0, METRIC_LATENCY_P95, "", 30e6, 1000 },
        { "k6_export.json", "k6-summary", 10, 0, METRIC_ERROR_RATE, "", 0, 0 },
        { "vegeta.json", "vegeta", 11, 0, METRIC_LATENCY_P99, "", 3530000, 100 },
        { "vegeta_results.json", "vegeta-results", 44, 0, METRIC_ERROR_NETWORK, "", 1 / 3.0, 3 },
        { "oha.json", "oha", 15, 0, METRIC_LATENCY_P999, "", 45e6, 1000 },
        { "autocannon.json", "autocannon", 11, 0, METRIC_THROUGHPUT, "", 1000, 0 },
        { "lighthouse.json", "lighthouse", 7, 0, METRIC_LCP, "http://shop/home", 2.5e9, 1 },
        { "hone_bench.txt", "hone_bench", 3, 1, METRIC_CUSTOM_LOWER, "sort/n=1000 [misses]", 3, 1 },
        { "hone.json", "hone", 3, 0, METRIC_TIME, "sort b.txt", 22e6, 3 },
        { "bmf.json", "bmf", 3, 0, METRIC_CUSTOM, "cart/size [file-size]", 4096, 0 },
};

static void check_value(const Recording *rec, size_t i)
{
        const MetricValue *value =
                recording_find(rec, examples[i].metric, span_of(examples[i].subject));

        if (!value)
                fail_msg("%s: no %s of '%s'", examples[i].file,
                         metric_def(examples[i].metric)->name, examples[i].subject);
        assert_near(value->value, examples[i].value, examples[i].value * 1e-3);
        assert_int_equal(value->n, examples[i].n);
}

TEST(formats_read_their_examples_by_detection)
{
        for (size_t i = 0; i < COUNT(examples); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                ImportPlan plan = { .name = "target/criterion/cart/add/8/new/x.json",
                                    .text = read_example(arena, examples[i].file) };
                Error err = { 0 };
                Imported got;

                if (import_text(&plan, arena, &got, &err) < 0)
                        fail_msg("%s: %s", examples[i].file, err.message);
                assert_string_equal(got.format->name, examples[i].format);
                if (got.n_benchmarks != examples[i].n_benchmarks ||
                    got.n_unknown != examples[i].n_unknown)
                        fail_msg("%s: %zu benchmarks, %zu not understood", examples[i].file,
                                 got.n_benchmarks, (size_t)got.n_unknown);
                check_value(got.recording, i);
        }
}

/* At the end of a line a file of lines may be whole. */
static bool may_be_whole(Span text, size_t n)
{
        return span_trim(span_from(text, n)).len == 0 || text.ptr[n] == '\n' ||
               (n && text.ptr[n - 1] == '\n');
}

TEST(formats_refuse_what_was_cut_off_anywhere)
{
        for (size_t i = 0; i < COUNT(examples); i++) {
                AUTO(arena_freep) Arena *whole = arena_new(MiB(1));
                Span text = read_example(whole, examples[i].file);

                for (size_t n = 0; n < text.len; n++) {
                        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                        ImportPlan plan = { .name = "x",
                                            .text = span_first(text, n),
                                            .format = import_format_find(
                                                    span_of(examples[i].format)) };
                        Imported got = { 0 };
                        Error err = { 0 };

                        if (import_text(&plan, arena, &got, &err) == 0 && !may_be_whole(text, n))
                                fail_msg("%s: %zu bytes of %zu were taken for all of it",
                                         examples[i].file, n, text.len);
                        assert_true(got.recording || err.message[0]);
                }
        }
}

TEST(formats_never_mistake_one_another)
{
        for (size_t i = 0; i < COUNT(examples); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Span text = read_example(arena, examples[i].file);

                for (const ImportFormat *const *f = import_formats; *f; f++) {
                        int sure = (*f)->detect(text, true);

                        if (sure > 50 && !span_is(span_of(examples[i].format), (*f)->name))
                                fail_msg("%s: %s is sure by %d", examples[i].file, (*f)->name,
                                         sure);
                }
        }
}

TEST(formats_have_names_of_their_own_and_say_what_they_read)
{
        for (const ImportFormat *const *f = import_formats; *f; f++) {
                assert_ptr_equal(import_format_find(span_of((*f)->name)), *f);
                assert_non_null((*f)->detect);
                assert_non_null((*f)->read);
                assert_true((*f)->says[0] && (*f)->files[0]);
        }
        assert_null(import_format_find(SPAN("no such format")));
}

/* Texts that are damaged in a way of their own, and what is said of it. */
static const struct {
        const char *format, *text, *says;
} damaged[] = {
        { "hyperfine", "{\"results\":[{\"command\":\"x\",\"times\":[NaN]}]}",
          "x:1:37: expected a value, found 'N'" },
        { "hyperfine", "{\"results\":[{\"command\":\"x\",\"times\":[1e999]}]}", NULL },
        { "hyperfine", "{\"results\":[{\"command\":\"x\",\"times\":[\"1\"]}]}", NULL },
        { "hyperfine", "{\"results\":[{\"times\":[1]}]}", NULL },
        { "hyperfine", "{\"results\":[{\"command\":\"\xff\",\"times\":[1]}]}",
          "x:1:25: the byte 0xff is not UTF-8" },
        { "hyperfine", "{\"results\":[{\"command\":\"x\",\"times\":[1]}]}\nBenchmarkX 1 2 ns/op\n",
          "x:2:1: expected the end, found 'B'" },
        { "hyperfine", "{\"results\":[]}",
          "'x' holds no result that hyperfine --export-json would write" },
        { "google-benchmark",
          "{\"benchmarks\":[{\"name\":\"a\",\"real_time\":-1,\"cpu_time\":1,\"time_unit\":\"ns\"}]"
          "}",
          "x:1: time of 'a' is below zero: -1" },
        { "google-benchmark",
          "{\"benchmarks\":[{\"name\":\"a\",\"real_time\":1,\"cpu_time\":1,\"time_unit\":\"ell\"}]"
          "}",
          "x:1:16: 'ell' is no unit of time" },
        { "jmh", "[{\"benchmark\":\"a\",\"mode\":\"thrpt\"}]", NULL },
        { "k6", "{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{}}\n", NULL },
        { "k6",
          "{\"type\":\"Metric\",\"data\":{\"type\":\"trend\",\"contains\":\"time\"},\"metric\":"
          "\"http_req_duration\"}\n\n{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":"
          "{\"time\":\"2026-01-02T03:04:05Z\",\"value\":-1,\"tags\":null}}\n",
          "x:3: a latency of -1e+06 ns" },
        { "k6",
          "{\"type\":\"Metric\",\"data\":{\"type\":\"trend\",\"contains\":\"time\"},\"metric\":"
          "\"http_req_duration\"}\n{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":"
          "{\"time\":\"noon\",\"value\":1,\"tags\":null}}\n",
          "x:2: 'noon' is no time" },
        { "k6", "{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1}} x\n",
          "x:1:50: expected the end, found 'x'" },
        { "vegeta-results",
          "{\"latency\":1,\"code\":200,\"timestamp\":\"2026-01-02T03:04:05Z\"}\n"
          "{\"latency\":1,\"code\":200,\"timestamp\":\"x\"}\n",
          "x:2:1: 'timestamp' is no time" },
        { "hone_bench",
          "ok\n{\"hone_bench\":1,\"name\":\"a\",\"metric\":\"time\",\"unit\":\"ns\","
          "\"values\":[-5]}\n",
          "x:2: time of 'a' is below zero: -5" },
        { "hone_bench", "{\"hone_bench\":1,\"name\":\"a\",\"metric\":\"time\",\"values\":[]}\n",
          "x:1:53: 'values' is empty" },
        { "hone_bench", "{\"hone_bench\":1,\"name\":\"a\",\"failed\":\"wrong sum\"}\n",
          "x:1:1: 'a' failed: wrong sum" },
};

TEST(formats_tell_of_a_benchmark_that_was_skipped)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        ImportPlan plan = { .name = "x",
                            .text = SPAN(
                                    "{\"hone_bench\":1,\"name\":\"a\",\"skipped\":\"no AVX2\"}\n"
                                    "{\"hone_bench\":1,\"name\":\"b\",\"metric\":\"time\","
                                    "\"unit\":\"ns\",\"values\":[3]}\n") };
        Imported got;
        Error err = { 0 };

        assert_ok(import_text(&plan, arena, &got, &err), err);
        assert_int_equal(got.n_benchmarks, 1);
        assert_span(got.recording->notes.items[0].text, "a was skipped: no AVX2");
}

TEST(formats_name_the_place_of_what_is_damaged)
{
        for (size_t i = 0; i < COUNT(damaged); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
                ImportPlan plan = { .name = "x",
                                    .text = span_of(damaged[i].text),
                                    .format = import_format_find(span_of(damaged[i].format)) };
                Imported got = { 0 };
                Error err = { 0 };

                if (import_text(&plan, arena, &got, &err) == 0)
                        fail_msg("'%s' was read", damaged[i].text);
                assert_null(got.recording);
                assert_true(span_contains(span_of(err.message), "x"));
                if (damaged[i].says)
                        assert_string_equal(err.message, damaged[i].says);
        }
}

TEST(formats_bound_the_nesting_of_what_they_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char *deep = new (arena, char, MiB(1));
        Imported got;

        memset(deep, '[', MiB(1));
        for (const ImportFormat *const *f = import_formats; *f; f++) {
                ImportPlan plan = { .name = "x", .text = { deep, MiB(1) }, .format = *f };
                Error err = { 0 };

                (void)import_text(&plan, arena, &got, &err);
        }
}

TEST(formats_keep_the_blocks_of_hones_own_samples)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        ImportPlan plan = { .name = "x", .text = read_example(arena, "hone.json") };
        const Samples *a, *misses;
        Error err = { 0 };
        Imported got;

        assert_ok(import_text(&plan, arena, &got, &err), err);
        a = recording_find_samples(got.recording, METRIC_TIME, SPAN("sort a.txt"));
        assert_non_null(a->blocks);
        assert_int_equal(a->blocks[2], 2);
        misses = recording_find_samples(got.recording, METRIC_CUSTOM_LOWER, SPAN("parse [misses]"));
        assert_null(misses->blocks);
        assert_int_equal(got.recording->wall_ns / NS_PER_S, 1767323045);
        assert_span(got.revision, "0123456789ab");
}

/* The lines of packages that are tested side by side are mixed; needs the reader of their text. */
TEST(formats_put_the_output_of_go_test_together)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        ImportPlan plan = { .name = "x", .text = read_example(arena, "go.json") };
        Error err = { 0 };
        Imported got;

        if (!import_format_find(SPAN("go")))
                skip_because("no reader of what go test prints");
        assert_ok(import_text(&plan, arena, &got, &err), err);
        assert_string_equal(got.format->name, "go-json");
        assert_int_equal(got.recording->samples.len, 4);
        assert_near(got.recording->samples.items[0].values[0], 105.5, 0);
        assert_near(got.recording->samples.items[1].values[0], 2000, 0);
}
