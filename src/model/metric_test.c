#include "model/metric.h"

#include "harness.h"

static size_t times_named(Span name)
{
        size_t n = 0;

        for (MetricId id = 0; id < METRIC_COUNT_; id++) {
                Span rest = span_of(metric_def(id)->aliases), alias;

                n += span_is(name, metric_def(id)->name);
                while (span_next_word(&rest, &alias))
                        n += span_eq(name, alias);
        }
        return n;
}

TEST(every_metric_has_its_own_name_and_aliases)
{
        for (MetricId id = 0; id < METRIC_COUNT_; id++) {
                const MetricDef *def = metric_def(id);
                Span rest = span_of(def->aliases), alias;

                assert_int_equal(def->id, id);
                assert_true(def->name[0] && def->help[0]);
                assert_int_equal(times_named(span_of(def->name)), 1);
                while (span_next_word(&rest, &alias)) {
                        if (times_named(alias) != 1)
                                fail_msg("alias '%.*s' is not unique", SPAN_ARG(alias));
                        assert_ptr_equal(metric_find(alias), def);
                }
        }
}

TEST(every_metric_is_found_by_its_name_also_as_a_budget_key)
{
        for (MetricId id = 0; id < METRIC_COUNT_; id++) {
                const MetricDef *def = metric_def(id);
                double scale = 0;

                assert_ptr_equal(metric_find(span_of(def->name)), def);
                assert_ptr_equal(metric_from_key(span_of(def->name), &scale), def);
                assert_near(scale, 1, 0);
                assert_true(direction_name(def->direction)[0]);
                assert_true(metric_layer_name(def->layer)[0]);
        }
}

TEST(budget_keys_resolve_to_metric_and_scale)
{
        static const struct {
                const char *key;
                MetricId metric;
                double scale;
        } rows[] = {
                { "p50_latency_ms", METRIC_LATENCY_P50, 1e6 },
                { "p95_latency_ms", METRIC_LATENCY_P95, 1e6 },
                { "p99_latency_ms", METRIC_LATENCY_P99, 1e6 },
                { "p99_us", METRIC_LATENCY_P99, 1e3 },
                { "latency_p999_ns", METRIC_LATENCY_P999, 1 },
                { "throughput_rps", METRIC_THROUGHPUT, 1 },
                { "rps", METRIC_THROUGHPUT, 1 },
                { "requests_per_second", METRIC_THROUGHPUT, 1 },
                { "error_rate", METRIC_ERROR_RATE, 1 },
                { "error_rate_percent", METRIC_ERROR_RATE, 0.01 },
                { "memory_mb", METRIC_MEMORY, 1048576 },
                { "memory_usage_mb", METRIC_MEMORY, 1048576 },
                { "memory_peak_gb", METRIC_MEMORY, 1073741824 },
                { "processing_time_seconds", METRIC_PROCESSING_TIME, 1e9 },
                { "processing_time_s", METRIC_PROCESSING_TIME, 1e9 },
                { "first_contentful_paint_ms", METRIC_FCP, 1e6 },
                { "time_to_interactive_ms", METRIC_TTI, 1e6 },
                { "total_bundle_size_kb", METRIC_BUNDLE_SIZE, 1024 },
                { "cpu_percent", METRIC_CPU, 0.01 },
                { "cpu_cores", METRIC_CPU, 1 },
                { "host_cpu_percent", METRIC_HOST_CPU, 0.01 },
                { "disk_write_mb_per_s", METRIC_DISK_WRITE, 1048576 },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                double scale = 0;
                const MetricDef *def = metric_from_key(span_of(rows[i].key), &scale);

                if (!def || def->id != rows[i].metric)
                        fail_msg("%s is %s", rows[i].key, def ? def->name : "unknown");
                assert_near(scale, rows[i].scale, 0);
        }
}

TEST(budget_keys_with_a_unit_that_cannot_be_are_unknown)
{
        static const char *const keys[] = {
                "memory_ms", "latency_p99_mb", "throughput_ms", "p95_latencyms", "_ms",
                "",          "latency_p96_ms", "error_rate_rps"
        };

        for (size_t i = 0; i < COUNT(keys); i++) {
                double scale = 42;

                assert_null(metric_from_key(span_of(keys[i]), &scale));
                assert_near(scale, 42, 0);
        }
        assert_null(metric_find(SPAN("p95_latency_ms")));
}

TEST(metric_nearest_takes_a_typing_error_not_a_guess)
{
        assert_int_equal(metric_nearest(SPAN("latncy_p99"))->id, METRIC_LATENCY_P99);
        assert_int_equal(metric_nearest(SPAN("thrughput"))->id, METRIC_THROUGHPUT);
        assert_int_equal(metric_nearest(SPAN("tme"))->id, METRIC_TIME);
        assert_null(metric_nearest(SPAN("zzzzzzzz")));
        assert_null(metric_nearest((Span){ 0 }));
}
