#include "present/export_bench.h"

#include <string.h>

#include "harness.h"
#include "present/view.h"

/* Two commands over six blocks; the second takes twice as long. */
static BenchReport report_of(Arena *arena)
{
        const double a[] = { 100, 102, 98, 101, 99, 100 }, b[] = { 200, 204, 196, 202, 198, 200 };
        const uint32_t blocks[] = { 0, 1, 2, 3, 4, 5 };
        Recording *rec = recording_new(arena, "bench");
        BenchReport report;
        Error err = { 0 };

        recording_samples(rec, METRIC_TIME, SPAN("run {n}/n=1"), a, blocks, 6);
        recording_samples(rec, METRIC_TIME, SPAN("run {n}/n=2"), b, blocks, 6);
        recording_value(rec, METRIC_TIME, SPAN("run {n}/n=1"), 100, 6)->low = 98;
        recording_value(rec, METRIC_TIME, SPAN("run {n}/n=2"), 200, 6);
        recording_value(rec, METRIC_TIME_USER, SPAN("run {n}/n=1"), 50, 6);
        recording_value(rec, METRIC_MEMORY, SPAN("run {n}/n=1"), 4096, 6);
        rec->values.items[0].high = 102;
        assert_ok(bench_report(rec, &(BenchQuestion){ 0 }, arena, &report, &err), err);
        return report;
}

static Span export_as(Arena *arena, const char *format)
{
        const BenchExport *export = bench_export_find(span_of(format));
        BenchReport report = report_of(arena);
        Buf out = buf_in(arena, MiB(1));

        assert_non_null(export);
        export->write(&report, &out);
        return buf_span(&out);
}

TEST(export_csv_has_hyperfines_columns_and_ours)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

        assert_span(export_as(arena, "csv"),
                    "command,mean,stddev,median,user,system,min,max,median_low,median_high,runs,"
                    "peak_rss_bytes,instructions,parameter_n\n"
                    "\"run 1\",1e-07,1.414213562e-09,1e-07,5e-08,,9.8e-08,1.02e-07,9.8e-08,"
                    "1.02e-07,6,4096,,\"1\"\n"
                    "\"run 2\",2e-07,2.828427125e-09,2e-07,,,1.96e-07,2.04e-07,1.96e-07,"
                    "2.04e-07,6,,,\"2\"\n");
}

TEST(export_markdown_is_a_table_with_the_relation)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span text = export_as(arena, "markdown");

        assert_true(span_contains(text, "| `run 1` | 100 ns | 98.0 ns .. 102 ns | 98.0 ns | "
                                        "102 ns | 6 | 1.00 |\n"));
        assert_true(span_contains(text, "| 2.00 [2.00, 2.00] SLOWER |\n"));
}

TEST(export_benchfmt_has_a_line_a_run)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span text = export_as(arena, "benchfmt"), line;
        size_t n = 0;

        assert_true(span_contains(text, "\nBenchmarkRun_1 1 102 ns/op\n"));
        while (span_next_line(&text, &line))
                n += span_starts(line, "BenchmarkRun_");
        assert_int_equal(n, 12);
}

TEST(export_bmf_is_json_with_values_and_bounds)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span text = export_as(arena, "bmf");
        const Value *latency;
        Document doc;
        Error err = { 0 };

        assert_ok(json_parse_strict(text, "bmf", arena, &doc, &err), err);
        latency = value_get(value_get(doc.root, "run 1"), "latency");
        assert_near(value_get(latency, "value")->number, 100, 0);
        assert_near(value_get(latency, "lower_value")->number, 98, 0);
        assert_null(value_get(value_get(value_get(doc.root, "run 2"), "latency"), "lower_value"));
        assert_null(bench_export_find(SPAN("xml")));
}

static Span view_as(Arena *arena, DocFormat format)
{
        BenchReport report = report_of(arena);
        Doc *doc = doc_new(arena, "bench");
        Buf out = buf_in(arena, MiB(1));
        Error err = { 0 };

        view_bench(doc, &report);
        assert_ok(doc_print(doc, format, &(DocStyle){ .width = 80 }, &out, &err), err);
        return buf_span(&out);
}

TEST(view_bench_fits_a_terminal_and_says_the_factor)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span text = view_as(arena, DOC_TEXT);

        assert_true(span_contains(text, "run 2 is 2.00x slower than run 1 [2.00, 2.00]"));
        assert_true(span_contains(text, "starting a process is much"));
        assert_true(span_contains(text, "4.00 KiB"));
        assert_false(span_contains(text, "Instructions")); /* nobody has any */
}

TEST(view_bench_is_json_for_programs)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Document doc;
        Error err = { 0 };
        const Value *bench;

        assert_ok(json_parse_strict(view_as(arena, DOC_JSON), "json", arena, &doc, &err), err);
        bench = value_get(doc.root, "bench");
        assert_int_equal(value_get(bench, "benchmarks")->count, 2);
        assert_int_equal(value_get(bench, "changes")->count, 1);
        assert_true(value_get(bench, "paired")->boolean);
}
