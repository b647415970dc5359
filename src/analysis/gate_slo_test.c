#include "harness.h"

#include "analysis/gate.h"

#include <math.h>

/* A load of `fast` requests of 10 ms and `slow` ones of 500 ms; `lost` got no answer. */
static Run *load_of(Arena *arena, Span subject, uint64_t fast, uint64_t slow, uint64_t lost)
{
        Run *run = new (arena, Run, 1);
        Hist *h = hist_new(arena, HIST_LATENCY);
        double ended = (double)(fast + slow + lost);

        run->id = 3;
        run->recording = recording_new(arena, "load");
        hist_record_n(h, 10000000, fast);
        hist_record_n(h, 500000000, slow);
        recording_distribution(run->recording, METRIC_LATENCY_P50, "latency", subject, h);
        recording_value(run->recording, METRIC_REQUESTS, subject, (double)(fast + slow), 0);
        recording_value(run->recording, METRIC_ERROR_NETWORK, subject, (double)lost / ended,
                        fast + slow + lost);
        recording_value(run->recording, METRIC_ERROR_RATE, subject, (double)lost / ended,
                        fast + slow + lost);
        return run;
}

static GateItem judge(const char *text, Run *const *runs, size_t n, Arena *arena)
{
        Error err = { 0 };
        GateResult result;
        SloList list;

        assert_ok(slo_parse(span_of(text), "slo.yaml", arena, &list, &err), err);
        assert_ok(gate_judge(&(GateInput){ .slos = &list, .n_slos = 1, .runs = runs, .n_runs = n },
                             arena, &result, &err),
                  err);
        assert_int_equal(result.len, 1);
        return result.items[0];
}

static const char fast[] =
        "slos: [{ name: fast, metric: latency, below: 200ms, objective: 99%, window: 30d }]";

TEST(gate_judges_an_objective_by_the_exact_interval_of_the_share)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const struct {
                uint64_t fast, slow;
                GateVerdict verdict;
                const char *says;
        } cases[] = {
                { 368, 0, GATE_PASS, "error budget left: 100 %" },
                { 367, 0, GATE_INCONCLUSIVE,
                  "about 368 requests would tell" }, /* low end 98.9997 % */
                { 9950, 50, GATE_PASS, "error budget left: 50 %" },
                { 9900, 100, GATE_INCONCLUSIVE, "too near to the objective" },
                { 9700, 300, GATE_FAIL,
                  "spent 3 times over, in this way that of 30.0 d would "
                  "last 10.0 d" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                Run *run = load_of(arena, SPAN(""), cases[i].fast, cases[i].slow, 0);
                GateItem item = judge(fast, &run, 1, arena);

                assert_int_equal(item.verdict, cases[i].verdict);
                assert_near(item.value,
                            (double)cases[i].fast / (double)(cases[i].fast + cases[i].slow), 1e-12);
                if (!span_contains(item.reason, cases[i].says))
                        fail_msg("'%.*s' lacks '%s'", SPAN_ARG(item.reason), cases[i].says);
        }
}

TEST(gate_counts_requests_without_an_answer_as_bad)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *run = load_of(arena, SPAN(""), 9000, 0, 1000);
        GateItem item = judge(fast, &run, 1, arena);

        assert_int_equal(item.verdict, GATE_FAIL);
        assert_near(item.value, 0.9, 1e-12);
        item = judge("slos: [{ metric: error_rate, objective: 99% }]", &run, 1, arena);
        assert_int_equal(item.verdict, GATE_FAIL);
        assert_near(item.value, 0.9, 1e-12);
        item = judge("slos: [{ metric: error_rate, objective: 80% }]", &run, 1, arena);
        assert_int_equal(item.verdict, GATE_PASS);
}

/* What timed out is in the histogram with the time it waited, and was not answered in time. */
TEST(gate_counts_a_timeout_as_bad_even_below_the_threshold)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *run = load_of(arena, SPAN(""), 900, 0, 100);

        hist_record_n(run->recording->distributions.items[0].hist, 100000000, 100);
        assert_near(judge(fast, &run, 1, arena).value, 0.9, 1e-12);
}

/* A bin that holds the threshold: 200 ms is in one of about 131 us. */
TEST(gate_lets_no_bin_decide)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *run = load_of(arena, SPAN(""), 5000, 0, 0);
        Hist *h = run->recording->distributions.items[0].hist;
        GateItem item;

        hist_record_n(h, 200000001, 5000);
        run->recording->values.items[0].value = 10000;
        item = judge(fast, &run, 1, arena);
        assert_int_equal(item.verdict, GATE_INCONCLUSIVE);
        assert_true(item.interval.low < 0.52 && item.interval.high > 0.99);
}

TEST(gate_judges_an_objective_of_one_subject)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *run = load_of(arena, SPAN("GET /x"), 1000, 0, 0);
        static const char of_x[] = "slos: [{ metric: latency, subject: GET /x, below: 200ms, "
                                   "objective: 99% }]";
        static const char of_y[] = "slos: [{ metric: latency, subject: GET /y, below: 200ms, "
                                   "objective: 99% }]";

        assert_int_equal(judge(of_x, &run, 1, arena).verdict, GATE_PASS);
        assert_int_equal(judge(fast, &run, 1, arena).verdict, GATE_PASS); /* the only one */
        assert_int_equal(judge(of_y, &run, 1, arena).verdict, GATE_FAIL);
        assert_true(span_contains(judge(of_y, &run, 1, arena).reason, "no run has measured"));
}

TEST(gate_sums_the_runs_of_one_target)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *runs[] = { load_of(arena, SPAN(""), 200, 0, 0), load_of(arena, SPAN(""), 200, 0, 0),
                        load_of(arena, SPAN(""), 200, 0, 0) };

        runs[0]->target.text = SPAN("http://elsewhere/");
        assert_int_equal(judge(fast, runs, 3, arena).n, 400);
        assert_int_equal(judge(fast, runs, 3, arena).verdict, GATE_PASS);
        runs[1]->label = SPAN("alone"); /* before the load: not what the objective is about */
        assert_int_equal(judge(fast, runs, 3, arena).n, 200);
        assert_int_equal(judge(fast, runs, 3, arena).verdict, GATE_INCONCLUSIVE);
        runs[2]->recording->partial = true;
        assert_true(span_contains(judge(fast, runs, 3, arena).reason, "interrupted"));
}

TEST(gate_judges_an_objective_of_samples)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Run *run = new (arena, Run, 1);
        double values[400];

        for (size_t i = 0; i < COUNT(values); i++)
                values[i] = i < 200 ? 1e6 : 2e6;
        run->recording = recording_new(arena, "bench");
        recording_samples(run->recording, METRIC_TIME, SPAN(""), values, NULL, COUNT(values));
        assert_int_equal(
                judge("slos: [{ metric: time, below: 2ms, objective: 99% }]", &run, 1, arena)
                        .verdict,
                GATE_PASS);
        assert_int_equal(
                judge("slos: [{ metric: time, below: 1500us, objective: 99% }]", &run, 1, arena)
                        .verdict,
                GATE_FAIL);
}

TEST(gate_cannot_tell_an_objective_that_asks_another_system)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        GateItem item = judge("apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: n }\nspec:\n"
                              "  indicator: { spec: { thresholdMetric: { metricSource: { type: "
                              "Datadog } } } }\n  objectives: [{ target: 0.9 }]\n",
                              NULL, 0, arena);

        assert_int_equal(item.verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(item.reason, "another system"));
}
