/* A gate with an item of every source and verdict, for the tests of its view and its writers. */

#include "present/fixture.h"

#include <math.h>

#define NONE ((double)NAN)
#define BUDGET_FILE "/home/me/shop/performance-budget.json"

/* What a static may be initialised with. */
#define TEXT(literal)                              \
        {                                          \
                "" literal "", sizeof(literal) - 1 \
        }

static const Exception rebuilt = { .action = EXCEPTION_SUPPRESS,
                                   .owner = TEXT("ana@example.org"),
                                   .reason = TEXT("the index is rebuilt"),
                                   .line = 4 };

static GateItem blank(GateSource source, GateVerdict verdict)
{
        return (GateItem){ .source = source,
                           .verdict = verdict,
                           .judged = verdict,
                           .value = NONE,
                           .before = NONE,
                           .interval = INTERVAL_NONE,
                           .change = NONE,
                           .change_interval = INTERVAL_NONE,
                           .mde = NONE };
}

static GateItem of_metric(GateSource source, GateVerdict verdict, MetricId metric)
{
        GateItem item = blank(source, verdict);

        item.metric = metric_def(metric);
        item.name = span_of(item.metric->name);
        item.unit = item.metric->unit;
        return item;
}

static void put_budgets(GateItem *items)
{
        items[0] = of_metric(GATE_SOURCE_BUDGET, GATE_FAIL, METRIC_LATENCY_P95);
        items[0].group = SPAN("api_endpoints");
        items[0].name = SPAN("p95_latency_ms");
        items[0].value = 1.2e8;
        items[0].interval = (Interval){ 1.16e8, 1.25e8, 0.95 };
        items[0].n = 6600;
        items[0].run_id = 12;
        items[0].limit = SPAN("<= 100 ms");
        items[0].reason = SPAN("120 ms is above the budget of 100 ms");
        items[1] = of_metric(GATE_SOURCE_BUDGET, GATE_INCONCLUSIVE, METRIC_THROUGHPUT);
        items[1].name = SPAN("throughput_rps");
        items[1].value = 501;
        items[1].limit = SPAN(">= 500/s");
        items[1].reason = SPAN("too few samples");
        items[2] = blank(GATE_SOURCE_BUDGET, GATE_FAIL);
        items[2].name = SPAN("made_up");
        items[2].limit = SPAN("<= 3.00");
        items[2].reason = SPAN("hone knows no metric of this name");
        for (uint32_t i = 0; i < 3; i++) {
                items[i].file = BUDGET_FILE;
                items[i].line = 3 + i;
        }
}

static void put_changes(GateItem *items)
{
        static const struct {
                MetricId metric;
                const char *subject;
                double before, after, low, high, mde;
                GateVerdict verdict;
        } rows[] = {
                { METRIC_LATENCY_P50, "", 45e6, 12e6, -0.75, -0.7, 0.04, GATE_PASS },
                { METRIC_LATENCY_P99, "GET /x", 80e6, 99e6, 0.1, 0.4, 0.09, GATE_SUPPRESSED },
                { METRIC_THROUGHPUT, "", 220, 180, -0.22, -0.15, 0.05, GATE_FAIL },
                { METRIC_MEMORY, "", 1e8, 1.02e8, -0.01, 0.08, 0.11, GATE_INCONCLUSIVE },
                { METRIC_ERROR_RATE, "", 0, 0, 0, 0, (double)INFINITY, GATE_PASS },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                items[i] = of_metric(GATE_SOURCE_BASE, rows[i].verdict, rows[i].metric);
                items[i].subject = span_of(rows[i].subject);
                items[i].before = rows[i].before;
                items[i].value = rows[i].after;
                items[i].change = rows[i].before > 0 ? rows[i].after / rows[i].before - 1 : 0;
                items[i].change_interval = (Interval){ rows[i].low, rows[i].high, 0.95 };
                items[i].mde = rows[i].mde;
                items[i].n = 8;
                items[i].limit = SPAN("5.00 % worse");
                items[i].reason = SPAN("as the interval says");
        }
        items[1].exception = &rebuilt;
        items[1].judged = GATE_FAIL;
}

static void put_others(GateItem *items)
{
        items[0] = of_metric(GATE_SOURCE_HISTORY, GATE_FAIL, METRIC_MEMORY);
        items[0].before = 1e8;
        items[0].value = 1.3e8;
        items[0].change = 0.3;
        items[0].change_interval = (Interval){ 0.28, 0.33, 0.95 };
        items[0].limit = SPAN("no change for the worse");
        items[0].reason = SPAN("+30 % at 3f2a91c");
        items[1] = of_metric(GATE_SOURCE_SLO, GATE_PASS, METRIC_LATENCY_P50);
        items[1].name = SPAN("search is fast");
        items[1].subject = SPAN("GET /search");
        items[1].file = "slo.yaml";
        items[1].line = 2;
        items[1].unit = UNIT_RATIO;
        items[1].value = 0.9972;
        items[1].interval = (Interval){ 0.9956, 0.9983, 0.95 };
        items[1].limit = SPAN("99.5 % within 200 ms");
        items[1].reason = SPAN("99.72 % of 6600 were good; error budget left: 44 %");
}

GateResult *fixture_gate(Arena *arena)
{
        GateResult *result = new (arena, GateResult, 1);
        Span *note = new (arena, Span, 1);

        *note = SPAN("load: a run was interrupted");
        *result = (GateResult){ .items = new (arena, GateItem, 10),
                                .len = 10,
                                .verdict = GATE_FAIL,
                                .budget_file = BUDGET_FILE,
                                .notes = note,
                                .n_notes = 1 };
        put_budgets(result->items);
        put_changes(result->items + 3);
        put_others(result->items + 8);
        for (size_t i = 0; i < result->len; i++)
                result->counts[result->items[i].verdict]++;
        return result;
}

GateResult *fixture_hostile_gate(Arena *arena)
{
        GateResult *result = fixture_gate(arena);
        Exception *e = new (arena, Exception, 1);

        *e = (Exception){ .owner = SPAN(HOSTILE), .reason = SPAN(HOSTILE) };
        for (size_t i = 0; i < result->len; i++) {
                GateItem *item = &result->items[i];

                item->group = item->name = item->subject = item->limit = item->reason =
                        SPAN(HOSTILE);
                item->file = HOSTILE;
                item->exception = item->exception ? e : NULL;
        }
        result->notes[0] = SPAN(HOSTILE);
        result->budget_file = HOSTILE;
        return result;
}
