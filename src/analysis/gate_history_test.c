#include "harness.h"

#include "analysis/gate.h"

#include <math.h>

#define POINTS 10

typedef struct Planted {
        History h;
        HistoryPoint points[POINTS];
        HistoryChange change;
} Planted;

/* Ten revisions; with a change at the sixth to `after`, of a level of 100. */
static void make(Planted *s, MetricId metric, double after, ChangeQuality quality,
                 ChangeState state)
{
        static const Span revisions[] = { SPAN("r0"), SPAN("r1"), SPAN("r2"), SPAN("r3"),
                                          SPAN("r4"), SPAN("r5"), SPAN("r6"), SPAN("r7"),
                                          SPAN("r8"), SPAN("r9") };

        *s = (Planted){ .h = { .name = history_name(metric_def(metric), SPAN("GET /x")),
                               .len = POINTS,
                               .plan = { .min_segment = HISTORY_MIN_SEGMENT } } };
        for (size_t i = 0; i < POINTS; i++)
                s->points[i] = (HistoryPoint){ .revision = revisions[i], .run_id = i + 1 };
        s->change = (HistoryChange){ .point = { .at = 6,
                                                .before = 100,
                                                .after = after,
                                                .change = after / 100 - 1,
                                                .interval = { after / 100 - 1.02,
                                                              after / 100 - 0.98, 0.95 } },
                                     .good = 5,
                                     .bad = 6,
                                     .quality = quality,
                                     .state = state };
        s->h.points = s->points;
        s->h.changes = &s->change;
        s->h.n_changes = 1;
}

static GateResult judge(const History *h, Arena *arena)
{
        GateInput in = { .histories = h, .n_histories = 1, .by_history = true };
        Error err = { 0 };
        GateResult result;

        assert_ok(gate_judge(&in, arena, &result, &err), err);
        assert_int_equal(result.len, 1);
        return result;
}

TEST(gate_fails_a_newest_level_that_is_worse)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        GateResult result;
        Planted s;

        make(&s, METRIC_LATENCY_P50, 120, QUALITY_WORSE, STATE_OPEN);
        result = judge(&s.h, arena);
        assert_int_equal(result.verdict, GATE_FAIL);
        assert_near(result.items[0].before, 100, 0);
        assert_near(result.items[0].value, 120, 0);
        assert_int_equal(result.items[0].run_id, POINTS);
        assert_span(result.items[0].subject, "GET /x");
        assert_true(span_contains(result.items[0].reason, "at r6 or before"));
}

TEST(gate_passes_levels_that_are_better_accepted_or_unchanged)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Exception e = { .owner = SPAN("ben"), .reason = SPAN("on purpose") };
        GateResult result;
        Planted s;

        make(&s, METRIC_LATENCY_P50, 80, QUALITY_BETTER, STATE_OPEN);
        assert_int_equal(judge(&s.h, arena).verdict, GATE_PASS);
        make(&s, METRIC_LATENCY_P50, 120, QUALITY_WORSE, STATE_ACCEPTED);
        s.change.exception = &e;
        result = judge(&s.h, arena);
        assert_int_equal(result.verdict, GATE_PASS);
        assert_true(span_contains(result.items[0].reason, "accepted by ben: on purpose"));
        s.h.n_changes = 0;
        result = judge(&s.h, arena);
        assert_int_equal(result.verdict, GATE_PASS);
        assert_true(span_contains(result.items[0].reason, "no change of level in 10"));
}

TEST(gate_cannot_tell_a_change_in_a_short_history)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        GateResult result;
        Planted s;

        make(&s, METRIC_LATENCY_P50, 120, QUALITY_WORSE, STATE_OPEN);
        s.h.n_changes = 0;
        s.h.len = 7;
        result = judge(&s.h, arena);
        assert_int_equal(result.verdict, GATE_INCONCLUSIVE);
        assert_true(span_contains(result.items[0].reason, "7 revisions cannot show a change: 8"));
}

TEST(gate_suppresses_a_level_and_tells_what_the_history_remarks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Exception e = { .action = EXCEPTION_SUPPRESS,
                        .metric = metric_def(METRIC_LATENCY_P50),
                        .owner = SPAN("ana"),
                        .reason = SPAN("rebuilt"),
                        .expires_ns = UINT64_MAX };
        ExceptionList list = { "e.yaml", &e, 1 };
        Span remark = SPAN("3 runs of another machine are left out");
        GateInput in = { .n_histories = 1, .exceptions = &list };
        Error err = { 0 };
        GateResult result;
        Planted s;

        make(&s, METRIC_LATENCY_P50, 120, QUALITY_WORSE, STATE_SUPPRESSED);
        s.h.remarks = &remark;
        s.h.n_remarks = 1;
        in.histories = &s.h;
        assert_ok(gate_judge(&in, arena, &result, &err), err);
        assert_int_equal(result.verdict, GATE_PASS);
        assert_int_equal(result.items[0].verdict, GATE_SUPPRESSED);
        assert_span(result.notes[0], "3 runs of another machine are left out");
}

TEST(gate_is_sure_of_a_worse_level_only_beyond_the_tolerance)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        static const struct {
                MetricId metric;
                double after;
                GateVerdict verdict;
        } cases[] = {
                { METRIC_LATENCY_P50, 108, GATE_FAIL }, /* [+6 %, +10 %] of 5 % */
                { METRIC_LATENCY_P50, 106, GATE_INCONCLUSIVE },
                { METRIC_THROUGHPUT, 92, GATE_FAIL },
                { METRIC_THROUGHPUT, 94, GATE_INCONCLUSIVE },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                GateResult result;
                Planted s;

                make(&s, cases[i].metric, cases[i].after, QUALITY_WORSE, STATE_OPEN);
                result = judge(&s.h, arena);
                assert_int_equal(result.verdict, cases[i].verdict);
                assert_int_equal(span_contains(result.items[0].reason, "reaches across"),
                                 cases[i].verdict == GATE_INCONCLUSIVE);
        }
}

TEST(gate_fails_a_worse_level_that_has_no_ratio)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Planted s;

        make(&s, METRIC_LATENCY_P50, 120, QUALITY_WORSE, STATE_OPEN);
        s.change.point.change = (double)NAN;
        s.change.point.interval = INTERVAL_NONE;
        assert_int_equal(judge(&s.h, arena).verdict, GATE_FAIL);
}
