#include "harness.h"

#include "analysis/gate.h"

#include <math.h>

static Run *run_with(Arena *arena, uint64_t id)
{
        Run *run = new (arena, Run, 1);

        run->id = id;
        run->recording = recording_new(arena, "load");
        return run;
}

static void put(Run *run, MetricId metric, double value, uint64_t n)
{
        recording_value(run->recording, metric, (Span){ 0 }, value, n);
}

static Budget budget_of(const char *text, Arena *arena)
{
        Error err = { 0 };
        Budget budget;

        assert_ok(budget_parse(span_of(text), "budget", arena, &budget, &err), err);
        return budget;
}

static GateResult judge(const Budget *budget, Run *const *runs, size_t n, Arena *arena)
{
        GateInput in = { .budget = budget, .runs = runs, .n_runs = n };
        Error err = { 0 };
        GateResult result;

        assert_ok(gate_judge(&in, arena, &result, &err), err);
        return result;
}

static const char latency[] = "metrics: {p99_latency_ms: 100}";

TEST(gate_passes_what_is_within_and_fails_what_is_above)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of(latency, arena);
        Run *run = run_with(arena, 7);
        GateResult result;

        put(run, METRIC_LATENCY_P99, 100e6, 5000); /* the limit itself is within */
        result = judge(&budget, &run, 1, arena);
        assert_int_equal(result.verdict, GATE_PASS);
        assert_int_equal(result.items[0].run_id, 7);
        assert_int_equal(result.items[0].n, 5000);
        run = run_with(arena, 8);
        put(run, METRIC_LATENCY_P99, 100.1e6, 5000);
        result = judge(&budget, &run, 1, arena);
        assert_int_equal(result.verdict, GATE_FAIL);
        assert_true(span_contains(result.items[0].reason, "above the budget"));
}

TEST(gate_fails_below_a_floor)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of("budgets: {api_endpoints: {throughput_rps: 500}}", arena);
        Run *run = run_with(arena, 1);

        put(run, METRIC_THROUGHPUT, 499, 0);
        assert_int_equal(judge(&budget, &run, 1, arena).verdict, GATE_FAIL);
        run = run_with(arena, 2);
        put(run, METRIC_THROUGHPUT, 500, 0);
        assert_int_equal(judge(&budget, &run, 1, arena).verdict, GATE_PASS);
}

TEST(gate_fails_a_metric_that_no_run_has)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of("metrics: {first_contentful_paint_ms: 1500}", arena);
        Run *run = run_with(arena, 1);
        GateResult result;

        put(run, METRIC_LATENCY_P99, 1, 5000);
        result = judge(&budget, &run, 1, arena);
        assert_int_equal(result.verdict, GATE_FAIL);
        assert_true(isnan(result.items[0].value));
        assert_true(span_contains(result.items[0].reason, "no run has measured"));
        assert_int_equal(judge(&budget, NULL, 0, arena).verdict, GATE_FAIL);
}

TEST(gate_fails_a_value_that_is_no_number_or_of_a_part_only)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of(latency, arena);
        Run *run = run_with(arena, 1);

        put(run, METRIC_LATENCY_P99, NAN, 5000);
        recording_value(run->recording, METRIC_LATENCY_P99, SPAN("GET /x"), 1e6, 5000);
        assert_int_equal(judge(&budget, &run, 1, arena).verdict, GATE_FAIL);
}

TEST(gate_fails_a_name_it_does_not_know_at_its_line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of("metrics:\n  p99_latency_ms: 100\n  p99_latncy_ms: 100\n", arena);
        Run *run = run_with(arena, 1);
        GateResult result;

        put(run, METRIC_LATENCY_P99, 1e6, 5000);
        result = judge(&budget, &run, 1, arena);
        assert_int_equal(result.items[0].verdict, GATE_PASS);
        assert_int_equal(result.items[1].verdict, GATE_FAIL);
        assert_int_equal(result.items[1].row->line, 3);
        assert_int_equal(result.verdict, GATE_FAIL);
}

TEST(gate_cannot_tell_p99_from_a_hundred_samples)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of(latency, arena);
        static const struct {
                uint64_t n;
                GateVerdict verdict;
        } cases[] = { { 100, GATE_INCONCLUSIVE },
                      { 298, GATE_INCONCLUSIVE },
                      { 299, GATE_PASS },
                      { 0, GATE_INCONCLUSIVE } };

        for (size_t i = 0; i < COUNT(cases); i++) {
                Run *run = run_with(arena, 1);
                GateResult result;

                put(run, METRIC_LATENCY_P99, 50e6, cases[i].n);
                result = judge(&budget, &run, 1, arena);
                assert_int_equal(result.verdict, cases[i].verdict);
                if (cases[i].n == 100)
                        assert_true(span_contains(result.items[0].reason, "299 are needed"));
        }
}

TEST(gate_judges_a_mean_by_any_number_of_samples)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of("metrics: {memory_mb: 64, avg_latency_ms: 5}", arena);
        Run *run = run_with(arena, 1);

        put(run, METRIC_MEMORY, 1048576.0 * 63, 3);
        put(run, METRIC_LATENCY_MEAN, 4e6, 1);
        assert_int_equal(judge(&budget, &run, 1, arena).verdict, GATE_PASS);
}

TEST(gate_cannot_tell_from_a_run_that_was_interrupted)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of(latency, arena);
        Run *run = run_with(arena, 1);

        put(run, METRIC_LATENCY_P99, 500e6, 5000);
        run->recording->partial = true;
        assert_int_equal(judge(&budget, &run, 1, arena).verdict, GATE_INCONCLUSIVE);
}

TEST(gate_takes_the_newest_run_that_has_the_metric)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of("metrics: {p99_latency_ms: 100, cpu_cores: 1}", arena);
        Run *runs[3] = { run_with(arena, 1), run_with(arena, 2), run_with(arena, 3) };
        GateResult result;

        put(runs[0], METRIC_LATENCY_P99, 900e6, 5000);
        put(runs[0], METRIC_CPU, 0.5, 0);
        put(runs[1], METRIC_LATENCY_P99, 50e6, 5000);
        put(runs[2], METRIC_LATENCY_P99, 900e6, 5000);
        runs[2]->label = SPAN("alone"); /* before the load: not what the budget is about */
        result = judge(&budget, runs, COUNT(runs), arena);
        assert_int_equal(result.items[0].run_id, 2);
        assert_int_equal(result.items[1].run_id, 1);
        assert_int_equal(result.verdict, GATE_PASS);
}

TEST(gate_judges_only_the_groups_asked_for)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of("budgets:\n"
                                  "  api: {p99_latency_ms: 100}\n"
                                  "  web: {first_contentful_paint_ms: 1500}\n",
                                  arena);
        Run *run = run_with(arena, 1);
        const char *api[] = { "api" }, *none[] = { "jobs" };
        TextList groups = { api, 1 };
        GateInput in = { .budget = &budget, .groups = &groups, .runs = &run, .n_runs = 1 };
        GateResult result;
        Error err = { 0 };

        put(run, METRIC_LATENCY_P99, 1e6, 5000);
        assert_ok(gate_judge(&in, arena, &result, &err), err);
        assert_int_equal(result.len, 1);
        assert_int_equal(result.verdict, GATE_PASS);
        groups.items = none;
        assert_fails(gate_judge(&in, arena, &result, &err), err, ERR_USAGE);
}

TEST(gate_verdict_is_that_of_the_worst_row)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Budget budget = budget_of("metrics: {p99_latency_ms: 100, p50_latency_ms: 10}", arena);
        Run *run = run_with(arena, 1);
        GateResult result;

        put(run, METRIC_LATENCY_P99, 1e6, 100);
        put(run, METRIC_LATENCY_P50, 1e6, 100);
        assert_int_equal(judge(&budget, &run, 1, arena).verdict, GATE_INCONCLUSIVE);
        run = run_with(arena, 2);
        put(run, METRIC_LATENCY_P99, 1e6, 100);
        put(run, METRIC_LATENCY_P50, 11e6, 100);
        result = judge(&budget, &run, 1, arena);
        assert_int_equal(result.items[0].verdict, GATE_INCONCLUSIVE);
        assert_int_equal(result.verdict, GATE_FAIL);
}
