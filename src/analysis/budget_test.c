#include "harness.h"

#include "analysis/budget.h"
#include "base/fs.h"

#include <math.h>
#include <unistd.h>

/* The two shapes as people have them, letter by letter. */
static const char groups_yaml[] = "budgets:\n"
                                  "  api_endpoints:\n"
                                  "    p95_latency_ms: 100\n"
                                  "    p99_latency_ms: 250\n"
                                  "    throughput_rps: 500\n"
                                  "    \n"
                                  "  data_pipelines:\n"
                                  "    processing_time_seconds: 60\n"
                                  "    memory_usage_mb: 512\n"
                                  "    \n"
                                  "  frontend:\n"
                                  "    first_contentful_paint_ms: 1500\n"
                                  "    time_to_interactive_ms: 3500\n"
                                  "    total_bundle_size_kb: 250\n";
static const char metrics_json[] = "// performance-budget.json\n"
                                   "{\n"
                                   "  \"metrics\": {\n"
                                   "    \"p95_latency_ms\": { \"max\": 200 },\n"
                                   "    \"p99_latency_ms\": { \"max\": 500 },\n"
                                   "    \"error_rate\": { \"max\": 0.01 },\n"
                                   "    \"memory_mb\": { \"max\": 512 }\n"
                                   "  }\n"
                                   "}\n";

typedef struct Expected {
        const char *group, *key;
        MetricId metric;
        double min, max; /* NaN: none */
        uint32_t line;
} Expected;

static void check_rows(const Budget *budget, const Expected *expected, size_t n)
{
        assert_int_equal(budget->len, n);
        for (size_t i = 0; i < n; i++) {
                const BudgetRow *row = &budget->rows[i];

                assert_span(row->group, expected[i].group);
                assert_span(row->key, expected[i].key);
                assert_non_null(row->metric);
                assert_int_equal(row->metric->id, expected[i].metric);
                assert_int_equal(isnan(row->min), isnan(expected[i].min));
                assert_int_equal(isnan(row->max), isnan(expected[i].max));
                if (!isnan(row->min))
                        assert_near(row->min, expected[i].min, 0);
                if (!isnan(row->max))
                        assert_near(row->max, expected[i].max, 0);
                assert_int_equal(row->line, expected[i].line);
        }
}

TEST(budget_reads_the_founding_groups)
{
        static const Expected expected[] = {
                { "api_endpoints", "p95_latency_ms", METRIC_LATENCY_P95, NAN, 100e6, 3 },
                { "api_endpoints", "p99_latency_ms", METRIC_LATENCY_P99, NAN, 250e6, 4 },
                { "api_endpoints", "throughput_rps", METRIC_THROUGHPUT, 500, NAN, 5 },
                { "data_pipelines", "processing_time_seconds", METRIC_PROCESSING_TIME, NAN, 60e9,
                  8 },
                { "data_pipelines", "memory_usage_mb", METRIC_MEMORY, NAN, 512 * 1048576.0, 9 },
                { "frontend", "first_contentful_paint_ms", METRIC_FCP, NAN, 1500e6, 12 },
                { "frontend", "time_to_interactive_ms", METRIC_TTI, NAN, 3500e6, 13 },
                { "frontend", "total_bundle_size_kb", METRIC_BUNDLE_SIZE, NAN, 250 * 1024.0, 14 },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Error err = { 0 };
        Budget budget;

        assert_ok(budget_parse(span_of(groups_yaml), "b.yaml", arena, &budget, &err), err);
        check_rows(&budget, expected, COUNT(expected));
        assert_string_equal(budget.file, "b.yaml");
}

TEST(budget_reads_the_founding_metrics_with_their_comment)
{
        static const Expected expected[] = {
                { "", "p95_latency_ms", METRIC_LATENCY_P95, NAN, 200e6, 4 },
                { "", "p99_latency_ms", METRIC_LATENCY_P99, NAN, 500e6, 5 },
                { "", "error_rate", METRIC_ERROR_RATE, NAN, 0.01, 6 },
                { "", "memory_mb", METRIC_MEMORY, NAN, 512 * 1048576.0, 7 },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Error err = { 0 };
        Budget budget;

        assert_ok(budget_parse(span_of(metrics_json), "b.json", arena, &budget, &err), err);
        check_rows(&budget, expected, COUNT(expected));
}

TEST(budget_reads_either_shape_in_either_language)
{
        static const Expected as_group[] = { { "api", "throughput_rps", METRIC_THROUGHPUT, 5, NAN,
                                               1 } };
        static const Expected as_metric[] = { { "", "throughput", METRIC_THROUGHPUT, 5, 9, 3 } };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Error err = { 0 };
        Budget budget;

        assert_ok(budget_parse(SPAN("{\"budgets\": {\"api\": {\"throughput_rps\": 5}}}"), "b",
                               arena, &budget, &err),
                  err);
        check_rows(&budget, as_group, 1);
        assert_ok(budget_parse(SPAN("# ours\nmetrics:\n  throughput: {min: 5, max: 9}\n"), "b",
                               arena, &budget, &err),
                  err);
        check_rows(&budget, as_metric, 1);
        assert_ok(budget_parse(SPAN("/* ours */ {\"version\": 1, \"metrics\": "
                                    "{\"throughput\": {\"min\": 5},}}"),
                               "b", arena, &budget, &err),
                  err);
        assert_int_equal(budget.len, 1);
}

TEST(budget_keeps_a_name_that_is_no_metric_with_its_line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Error err = { 0 };
        Budget budget;

        assert_ok(budget_parse(SPAN("metrics:\n  p95_latency_ms: 1\n  p95_laency_ms: 2\n"), "b",
                               arena, &budget, &err),
                  err);
        assert_int_equal(budget.len, 2);
        assert_null(budget.rows[1].metric);
        assert_int_equal(budget.rows[1].line, 3);
}

TEST(budget_refuses_what_it_cannot_judge)
{
        static const struct {
                const char *text, *message;
        } cases[] = {
                { "", "" },
                { "{}", "neither 'budgets' nor 'metrics' nor 'tolerances'" },
                { "[]", "" },
                { "metrics: {}", "no budget is set" },
                { "budgets: {api: {}}", "no budget is set" },
                { "budgets: {p95_latency_ms: 100}", "must be a map" },
                { "metrics: [1]", "must be a map" },
                { "metrics: {p95_latency_ms: fast}", "number" },
                { "metrics: {p95_latency_ms: {}}", "needs 'max', 'min' or 'tolerance'" },
                { "metrics: {p95_latency_ms: {maximum: 5}}", "unknown key 'maximum'" },
                { "metrics: {p95_latency_ms: {max: -5}}", "below 0" },
                { "metrics: {p95_latency_ms: {max: 1e308}}", "that large" },
                { "metrics: {p95_latency_ms: {min: 3, max: 2}}", "'min' is above 'max'" },
                { "metrics: {p95_latency_ms: 1}\nmetrcs: {p99_latency_ms: 1}", "unknown key" },
                { "metrics: {p95_latency_ms: 1, p95_latency_ms: 2}", "" },
                { "{\"metrics\": {\"p95_latency_ms\": 1}", "" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
                Error err = { 0 };
                Budget budget;

                assert_fails(budget_parse(span_of(cases[i].text), "b", arena, &budget, &err), err,
                             ERR_INPUT);
                if (!span_contains(span_of(err.message), cases[i].message))
                        fail_msg("%s: %s", cases[i].text, err.message);
        }
}

TEST(budget_has_a_ceiling_on_its_rows)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Buf text = buf_in(arena, MiB(1));
        Error err = { 0 };
        Budget budget;

        buf_text(&text, "metrics:\n");
        for (int i = 0; i <= 10000; i++)
                buf_printf(&text, "  key%d: 1\n", i);
        assert_fails(budget_parse(buf_span(&text), "b", arena, &budget, &err), err, ERR_INPUT);
        assert_true(span_contains(span_of(err.message), "b:10002:"));
}

TEST(budget_find_takes_the_first_of_the_known_places)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        char dir[] = "/tmp/hone-test-XXXXXX", *path;
        Error err = { 0 };

        assert_non_null(mkdtemp(dir));
        assert_fails(budget_find(dir, arena, &path, &err), err, ERR_NOT_FOUND);
        assert_true(err.hint[0]);
        assert_ok(dir_make(path_join(arena, dir, ".github"), &err), err);
        assert_ok(file_write(path_join(arena, dir, ".github/performance-budgets.yml"),
                             span_of(groups_yaml), &err),
                  err);
        assert_ok(budget_find(dir, arena, &path, &err), err);
        assert_true(span_ends(span_of(path), "performance-budgets.yml"));
        assert_ok(file_write(path_join(arena, dir, "performance-budget.json"),
                             span_of(metrics_json), &err),
                  err);
        assert_ok(budget_find(dir, arena, &path, &err), err);
        assert_true(span_ends(span_of(path), "performance-budget.json"));
        assert_ok(tree_remove(dir, &err), err);
}
