#include "harness.h"

#include "analysis/gate.h"
#include "base/vec.h"

#include <math.h>

#define SIDE 8

/* So many runs of a side, with one value each around a centre; the noise is the same for both. */
static Run **side(Arena *arena, const char *instrument, MetricId metric, double centre,
                  uint64_t first_id, size_t n)
{
        static const double noise[] = { 0.0, 0.004, -0.006, 0.009, -0.002, 0.005, -0.008, 0.001 };
        Run **runs = new (arena, Run *, n);

        for (size_t i = 0; i < n; i++) {
                runs[i] = new (arena, Run, 1);
                runs[i]->id = first_id + i;
                runs[i]->recording = recording_new(arena, instrument);
                recording_value(runs[i]->recording, metric, SPAN(""),
                                centre * (1 + noise[i % COUNT(noise)]), 5000);
        }
        return runs;
}

static void add(Run **runs, size_t n, MetricId metric, double value)
{
        for (size_t i = 0; i < n; i++)
                recording_value(runs[i]->recording, metric, SPAN(""), value * (1 + 0.001 * i), 0);
}

static GateResult judge(const char *budget_text, Run **base, size_t n_base, Run **head,
                        size_t n_head, Arena *arena)
{
        GateInput in = { .runs = head, .n_runs = n_head, .base = base, .n_base = n_base };
        Error err = { 0 };
        GateResult result;
        Budget budget;

        if (budget_text) {
                assert_ok(budget_parse(span_of(budget_text), "b.yaml", arena, &budget, &err), err);
                in.budget = &budget;
        }
        assert_ok(gate_judge(&in, arena, &result, &err), err);
        return result;
}

static const GateItem *item_of(const GateResult *result, MetricId metric)
{
        for (size_t i = 0; i < result->len; i++)
                if (result->items[i].source == GATE_SOURCE_BASE && result->items[i].metric &&
                    result->items[i].metric->id == metric)
                        return &result->items[i];
        fail_msg("%s was not compared", metric_def(metric)->name);
        return NULL;
}

TEST(gate_fails_only_what_is_surely_worse_beyond_its_tolerance)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const struct {
                double head; /* of a base of 100 */
                GateVerdict verdict;
                const char *says;
        } cases[] = {
                { 100, GATE_PASS, "surely not worse by more than 5.00 %" },
                { 102, GATE_PASS, "surely not worse" },
                { 80, GATE_PASS, "surely not worse" },
                { 105, GATE_INCONCLUSIVE, "smallest change it could have seen" },
                { 110, GATE_FAIL, "surely worse by more than 5.00 %" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                Run **base = side(arena, "load", METRIC_LATENCY_P50, 100, 1, SIDE);
                Run **head = side(arena, "load", METRIC_LATENCY_P50, cases[i].head, 20, SIDE);
                GateResult result = judge(NULL, base, SIDE, head, SIDE, arena);
                const GateItem *item = item_of(&result, METRIC_LATENCY_P50);

                assert_int_equal(item->verdict, cases[i].verdict);
                assert_int_equal(result.verdict, cases[i].verdict);
                assert_true(span_contains(item->reason, cases[i].says));
                assert_near(item->before, 100, 1);
                assert_near(item->change, cases[i].head / 100 - 1, 0.01);
                assert_true(item->mde > 0 && item->mde < 0.05);
        }
}

TEST(gate_knows_which_way_is_worse)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run **base = side(arena, "load", METRIC_THROUGHPUT, 1000, 1, SIDE);
        Run **less = side(arena, "load", METRIC_THROUGHPUT, 900, 20, SIDE);
        Run **more = side(arena, "load", METRIC_THROUGHPUT, 1200, 40, SIDE);

        assert_int_equal(judge(NULL, base, SIDE, less, SIDE, arena).verdict, GATE_FAIL);
        assert_int_equal(judge(NULL, base, SIDE, more, SIDE, arena).verdict, GATE_PASS);
}

TEST(gate_takes_the_tolerance_of_the_file_at_its_line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run **base = side(arena, "load", METRIC_LATENCY_P50, 100, 1, SIDE);
        Run **head = side(arena, "load", METRIC_LATENCY_P50, 110, 20, SIDE);
        static const struct {
                const char *text;
                GateVerdict verdict;
                uint32_t line;
        } cases[] = {
                { "metrics:\n  p50_latency_ns: {max: 500, tolerance: 20%}\n", GATE_PASS, 2 },
                { "metrics:\n  p50_latency_ns: {max: 500, tolerance: 5%}\n", GATE_FAIL, 2 },
                { "metrics:\n  p50_latency_ns: 500\ntolerances: {default: 20%}\n", GATE_PASS, 2 },
                { "tolerances:\n  default: 5%\n  p50_latency: 20%\n", GATE_PASS, 3 },
                { "tolerances:\n  default: 20%\n", GATE_PASS, 0 },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                GateResult result = judge(cases[i].text, base, SIDE, head, SIDE, arena);
                const GateItem *item = item_of(&result, METRIC_LATENCY_P50);

                assert_int_equal(item->verdict, cases[i].verdict);
                assert_int_equal(item->line, cases[i].line);
        }
}

TEST(gate_compares_only_what_a_file_without_a_default_lists)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run **base = side(arena, "load", METRIC_LATENCY_P50, 100, 1, SIDE);
        Run **head = side(arena, "load", METRIC_LATENCY_P50, 100, 20, SIDE);
        GateResult result;

        add(base, SIDE, METRIC_MEMORY, 100e6);
        add(head, SIDE, METRIC_MEMORY, 200e6);
        add(base, SIDE, METRIC_FDS, 10);
        add(head, SIDE, METRIC_FDS, 10);
        result = judge("tolerances: {p50_latency: 5%}", base, SIDE, head, SIDE, arena);
        assert_int_equal(result.len, 1);
        assert_int_equal(result.verdict, GATE_PASS);
        result = judge("tolerances: {fds_peak: 5%, default: 5%}", base, SIDE, head, SIDE, arena);
        assert_int_equal(result.len, 3);
        assert_int_equal(item_of(&result, METRIC_MEMORY)->verdict, GATE_FAIL);
        assert_int_equal(item_of(&result, METRIC_FDS)->verdict, GATE_PASS);
}

TEST(gate_tells_a_tolerance_that_nothing_can_be_held_against)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run **base = side(arena, "load", METRIC_LATENCY_P50, 100, 1, SIDE);
        Run **head = side(arena, "load", METRIC_LATENCY_P50, 100, 20, SIDE);
        GateResult result;

        add(head, SIDE, METRIC_MEMORY, 1e6);
        result = judge("tolerances: {time: 5%, memory_peak: 5%, memry: 5%}", base, SIDE, head, SIDE,
                       arena);
        assert_int_equal(result.len, 3);
        assert_int_equal(item_of(&result, METRIC_TIME)->verdict, GATE_FAIL);
        assert_true(span_contains(item_of(&result, METRIC_TIME)->reason, "no run has measured"));
        assert_int_equal(item_of(&result, METRIC_MEMORY)->verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(item_of(&result, METRIC_MEMORY)->reason, "the base has not"));
        for (size_t i = 0; i < result.len; i++)
                if (!result.items[i].metric)
                        assert_int_equal(result.items[i].verdict, GATE_FAIL);
}

TEST(gate_cannot_tell_from_two_runs_and_says_how_many_would)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run **base = side(arena, "load", METRIC_LATENCY_P50, 100, 1, 4);
        Run **head = side(arena, "load", METRIC_LATENCY_P50, 104, 20, 4);
        GateResult result;

        add(base, 4, METRIC_THROUGHPUT, 100);
        add(head, 4, METRIC_THROUGHPUT, 100);
        for (size_t i = 0; i < 4; i++) /* wide: 60 .. 150 */
                head[i]->recording->values.items[0].value = 60 + 30 * (double)i;
        result = judge(NULL, base, 4, head, 4, arena);
        assert_int_equal(item_of(&result, METRIC_LATENCY_P50)->verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(item_of(&result, METRIC_LATENCY_P50)->reason, "would tell"));
        assert_int_equal(item_of(&result, METRIC_THROUGHPUT)->verdict, GATE_PASS);
        assert_int_equal(result.verdict, GATE_INCONCLUSIVE);
        /* Two runs hold neither samples nor steps here: there is nothing to compare. */
        result = judge("tolerances: {p50_latency: 5%}", base, 2, head, 2, arena);
        assert_int_equal(result.items[0].verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(result.items[0].reason, "too few runs"));
}

TEST(gate_corrects_for_the_metrics_of_all_instruments)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *base[10], *head[10];
        Run **load_base = side(arena, "load", METRIC_LATENCY_P50, 100, 1, 5);
        Run **load_head = side(arena, "load", METRIC_LATENCY_P50, 110, 11, 5);
        Run **system_base = side(arena, "system", METRIC_CPU, 1, 21, 5);
        Run **system_head = side(arena, "system", METRIC_CPU, 1, 31, 5);
        GateResult result;

        for (size_t i = 0; i < 5; i++) {
                base[i] = load_base[i];
                base[5 + i] = system_base[i];
                head[i] = load_head[i];
                head[5 + i] = system_head[i];
        }
        /* 5 and 5 that do not overlap: p = 0.0079, twice that is below 0.05. */
        assert_int_equal(judge(NULL, base, 10, head, 10, arena).verdict, GATE_FAIL);
        for (size_t m = 0; m < 8; m++) { /* eight more looks: 0.0079 * 10 is above */
                static const MetricId more[] = { METRIC_OPS,       METRIC_BANDWIDTH,
                                                 METRIC_TIME,      METRIC_INSTRUCTIONS,
                                                 METRIC_ALLOCATED, METRIC_ALLOCATIONS,
                                                 METRIC_MEMORY,    METRIC_LATENCY_P95 };

                add(system_base, 5, more[m], 7);
                add(system_head, 5, more[m], 7);
        }
        result = judge(NULL, base, 10, head, 10, arena);
        assert_int_equal(result.len, 10);
        assert_int_equal(item_of(&result, METRIC_LATENCY_P50)->verdict, GATE_INCONCLUSIVE);
}

TEST(gate_without_a_base_says_that_tolerances_are_not_judged)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run **head = side(arena, "load", METRIC_LATENCY_P50, 100, 1, 1);
        GateInput in = { .runs = head, .n_runs = 1 };
        GateResult result = judge("metrics: {p50_latency_ns: {max: 200, tolerance: 5%}}", NULL, 0,
                                  head, 1, arena);
        Error err = { 0 };
        Budget budget;

        assert_int_equal(result.len, 1);
        assert_int_equal(result.n_notes, 1);
        assert_true(span_contains(result.notes[0], "not judged without a base"));
        assert_ok(budget_parse(SPAN("tolerances: {default: 5%}"), "b", arena, &budget, &err), err);
        in.budget = &budget;
        assert_fails(gate_judge(&in, arena, &result, &err), err, ERR_USAGE);
        assert_true(span_contains(span_of(err.hint), "--base"));
        in.budget = NULL;
        assert_fails(gate_judge(&in, arena, &result, &err), err, ERR_USAGE);
}

TEST(gate_cannot_tell_from_runs_that_were_interrupted)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

        for (int which = 0; which < 2; which++) {
                Run **base = side(arena, "load", METRIC_LATENCY_P50, 100, 1, SIDE);
                Run **head = side(arena, "load", METRIC_LATENCY_P50, 200, 20, SIDE);
                GateResult result;

                (which ? base : head)[3]->recording->partial = true;
                result = judge(NULL, base, SIDE, head, SIDE, arena);
                assert_int_equal(result.verdict, GATE_INCONCLUSIVE);
                assert_true(span_contains(result.items[0].reason, "a run was interrupted"));
        }
}

/* One run a side, measured in blocks side by side. */
static Run *run_in_blocks(Arena *arena, uint64_t id)
{
        static const double values[] = { 100, 101, 102, 103 };
        static const uint32_t blocks[] = { 0, 1, 2, 3 };
        Run *run = new (arena, Run, 1);

        run->id = id;
        run->group = SPAN("g");
        run->recording = recording_new(arena, "bench");
        recording_value(run->recording, METRIC_TIME, SPAN(""), 101, 4);
        recording_samples(run->recording, METRIC_TIME, SPAN(""), values, blocks, COUNT(values));
        return run;
}

TEST(gate_of_blocks_without_a_metric_of_the_file_does_not_crash)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *base = run_in_blocks(arena, 1), *head = run_in_blocks(arena, 2);
        GateResult result =
                judge("metrics:\n  p99_latency_ms: {tolerance: 5%}\n", &base, 1, &head, 1, arena);

        assert_int_equal(result.verdict, GATE_FAIL);
        assert_true(span_contains(result.items[0].reason, "no run has measured it"));
}

TEST(gate_says_when_a_change_beyond_the_tolerance_may_be_chance)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run **base = side(arena, "load", METRIC_LATENCY_P50, 100, 1, 4);
        Run **head = side(arena, "load", METRIC_LATENCY_P50, 200, 20, 4);
        GateResult result;

        add(base, 4, METRIC_MEMORY, 100);
        add(head, 4, METRIC_MEMORY, 100);
        result = judge(NULL, base, 4, head, 4, arena); /* 2 / C(8, 4) = 0.029 for each of two */
        assert_int_equal(item_of(&result, METRIC_LATENCY_P50)->verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(item_of(&result, METRIC_LATENCY_P50)->reason,
                                  "with p = 0.057 over all metrics it may be chance"));
}
