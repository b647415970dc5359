#include "harness.h"

#include "analysis/evidence.h"
#include "analysis/gate.h"

#include <math.h>

static Run *run_of(Arena *arena, uint64_t id, MetricId metric, double value, uint64_t n)
{
        Run *run = new (arena, Run, 1);

        run->id = id;
        run->label = SPAN("head");
        run->recording = recording_new(arena, "load");
        recording_value(run->recording, metric, SPAN(""), value, n);
        return run;
}

static GateItem judge_one(const char *text, Run *const *runs, size_t n, Arena *arena)
{
        Error err = { 0 };
        GateResult result;
        Budget budget;

        assert_ok(budget_parse(span_of(text), "budget", arena, &budget, &err), err);
        assert_ok(gate_judge(&(GateInput){ .budget = &budget, .runs = runs, .n_runs = n }, arena,
                             &result, &err),
                  err);
        assert_int_equal(result.len, 1);
        return result.items[0];
}

static Run *with_interval(Arena *arena, double low, double value, double high)
{
        Run *run = run_of(arena, 1, METRIC_LATENCY_P99, value, 5000);

        run->recording->values.items[0].low = low;
        run->recording->values.items[0].high = high;
        return run;
}

TEST(gate_judges_the_whole_interval_against_a_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        static const struct {
                double low, value, high;
                GateVerdict verdict;
                const char *says;
        } cases[] = {
                { 80e6, 90e6, 100e6, GATE_PASS, "is within 100 ms" },
                { 80e6, 90e6, 100.1e6, GATE_INCONCLUSIVE, "reaches across" },
                { 99e6, 110e6, 120e6, GATE_INCONCLUSIVE, "is above the budget of" },
                { 100e6, 110e6, 120e6, GATE_INCONCLUSIVE, "" }, /* the bound itself is within */
                { 100.1e6, 110e6, 120e6, GATE_FAIL, "is above the budget of 100 ms" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                Run *run = with_interval(arena, cases[i].low, cases[i].value, cases[i].high);
                GateItem item = judge_one("metrics: {p99_latency_ms: 100}", &run, 1, arena);

                assert_int_equal(item.verdict, cases[i].verdict);
                assert_true(span_contains(item.reason, cases[i].says));
        }
}

TEST(gate_judges_the_whole_interval_against_a_floor)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        static const struct {
                double low, high;
                GateVerdict verdict;
        } cases[] = { { 500, 600, GATE_PASS },
                      { 499, 600, GATE_INCONCLUSIVE },
                      { 400, 499, GATE_FAIL },
                      { 950, 1100, GATE_INCONCLUSIVE },
                      { 1001, 1100, GATE_FAIL } };

        for (size_t i = 0; i < COUNT(cases); i++) {
                Run *run = run_of(arena, 1, METRIC_THROUGHPUT, (cases[i].low + cases[i].high) / 2,
                                  5000);
                MetricValue *v = &run->recording->values.items[0];

                v->low = cases[i].low;
                v->high = cases[i].high;
                assert_int_equal(judge_one("metrics: {throughput_rps: {min: 500, max: 1000}}", &run,
                                           1, arena)
                                         .verdict,
                                 cases[i].verdict);
        }
}

TEST(gate_says_how_many_samples_would_settle_it)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Run *run = with_interval(arena, 70e6, 90e6, 110e6); /* twice too wide: four times as many */
        GateItem item = judge_one("metrics: {p99_latency_ms: 100}", &run, 1, arena);

        assert_true(span_contains(item.reason, "about 20000 samples would tell"));
        run = with_interval(arena, 70e6, 99.9e6, 130e6);
        item = judge_one("metrics: {p99_latency_ms: 100}", &run, 1, arena);
        assert_true(span_contains(item.reason, "too near to the bound"));
        run = with_interval(arena, 70e6, 100e6, 130e6);
        item = judge_one("metrics: {p99_latency_ms: 100}", &run, 1, arena);
        assert_int_equal(item.verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(item.reason, "too near to the bound"));
}

TEST(gate_says_when_it_judges_a_value_without_an_interval)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Run *run = run_of(arena, 1, METRIC_MEMORY, 600e6, 0);
        GateItem item = judge_one("metrics: {memory_mb: 512}", &run, 1, arena);

        assert_int_equal(item.verdict, GATE_FAIL);
        assert_true(span_contains(item.reason, "no interval: the value is judged"));
}

TEST(gate_bounds_an_error_rate_by_the_requests_it_counts)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        static const struct {
                double rate;
                uint64_t n;
                GateVerdict verdict;
        } cases[] = {
                { 0, 367, GATE_INCONCLUSIVE }, /* 368 without an error are surely below 1 % */
                { 0, 368, GATE_PASS },
                { 0.02, 100, GATE_INCONCLUSIVE },
                { 0.02, 2000, GATE_FAIL },
                { 0, 0, GATE_PASS }, /* of a tool that did not say how many: the value */
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                Run *run = run_of(arena, 1, METRIC_ERROR_RATE, cases[i].rate, cases[i].n);

                assert_int_equal(judge_one("metrics: {error_rate: 0.01}", &run, 1, arena).verdict,
                                 cases[i].verdict);
        }
}

TEST(gate_bounds_an_error_rate_by_the_requests_of_its_run)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Run *run = run_of(arena, 1, METRIC_ERROR_RATE, 0, 0);
        GateItem item;

        recording_value(run->recording, METRIC_REQUESTS, SPAN(""), 100, 0);
        item = judge_one("metrics: {error_rate: 0.01}", &run, 1, arena);
        assert_int_equal(item.verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(item.reason, "368 requests without an error would tell"));
}

TEST(gate_takes_the_median_of_six_runs_with_its_interval)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        static const double quick[] = { 90e6, 95e6, 80e6, 85e6, 99e6, 91e6 };
        Run *runs[7];
        GateItem item;

        for (size_t i = 0; i < 6; i++)
                runs[i] = run_of(arena, i + 1, METRIC_LATENCY_P99, quick[i], 5000);
        item = judge_one("metrics: {p99_latency_ms: 100}", runs, 6, arena);
        assert_int_equal(item.verdict, GATE_PASS);
        assert_true(item.over_runs);
        assert_int_equal(item.n, 6);
        assert_int_equal(item.run_id, 6);
        assert_near(item.value, 90.5e6, 1);
        assert_near(item.interval.low, 80e6, 1);
        assert_near(item.interval.high, 99e6, 1);
        /* One run of another target does not belong to them, nor one that was interrupted. */
        runs[6] = run_of(arena, 7, METRIC_LATENCY_P99, 500e6, 5000);
        runs[6]->recording->partial = true;
        item = judge_one("metrics: {p99_latency_ms: 100}", runs, 7, arena);
        assert_int_equal(item.verdict, GATE_PASS);
        runs[0]->target.text = SPAN("http://elsewhere/");
        item = judge_one("metrics: {p99_latency_ms: 100}", runs, 6, arena);
        assert_false(item.over_runs);
        assert_near(item.value, 91e6, 1);
}

TEST(gate_counts_the_errors_of_all_runs_together)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Run *runs[6];
        GateItem item;

        for (size_t i = 0; i < 6; i++)
                runs[i] = run_of(arena, i + 1, METRIC_ERROR_RATE, i == 2 ? 0.5 : 0, 1000);
        item = judge_one("metrics: {error_rate: 0.01}", runs, 6, arena);
        assert_int_equal(item.verdict, GATE_FAIL);
        assert_near(item.value, 500.0 / 6000, 1e-12);
        assert_int_equal(item.n, 6000);
}

TEST(gate_does_not_blame_a_change_for_a_busy_machine)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Run *slow = run_of(arena, 1, METRIC_LATENCY_P99, 500e6, 5000);
        Run *large = run_of(arena, 1, METRIC_MEMORY, 600e6, 0);
        GateItem item;

        slow->noise = large->noise =
                (Noise){ .verdict = NOISE_UNRELIABLE, .reason = SPAN("others used 1.5 cores") };
        item = judge_one("metrics: {p99_latency_ms: 100}", &slow, 1, arena);
        assert_int_equal(item.verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(item.reason, "too busy to trust (others used 1.5 cores)"));
        /* What is fast enough even so passes; memory is not made larger by it. */
        assert_int_equal(judge_one("metrics: {p99_latency_ms: 1000}", &slow, 1, arena).verdict,
                         GATE_PASS);
        assert_int_equal(judge_one("metrics: {memory_mb: 512}", &large, 1, arena).verdict,
                         GATE_FAIL);
}

TEST(gate_takes_the_only_subject_where_none_stands_for_the_whole)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Run *run = new (arena, Run, 1);

        run->recording = recording_new(arena, "load");
        recording_value(run->recording, METRIC_LATENCY_P95, SPAN("http_req_duration"), 90e6, 500);
        assert_int_equal(judge_one("metrics: {p95_latency_ms: 100}", &run, 1, arena).verdict,
                         GATE_PASS);
        recording_value(run->recording, METRIC_LATENCY_P95, SPAN("another"), 90e6, 500);
        assert_int_equal(judge_one("metrics: {p95_latency_ms: 100}", &run, 1, arena).verdict,
                         GATE_FAIL);
}
