/* A budget file of any bytes is refused with a place, or every row of it can be judged: its bounds
 * are finite and in order, and a gate without runs passes none of it. */
#include "analysis/budget.h"

#include <math.h>

static void check_row(const BudgetRow *row)
{
        BUG_IF(row->line == 0);
        BUG_IF(isnan(row->min) && isnan(row->max));
        BUG_IF(isinf(row->min) || isinf(row->max));
        BUG_IF(row->min < 0 || row->max < 0 || row->min > row->max);
        BUG_IF(row->metric && row->metric != metric_def(row->metric->id));
        BUG_IF(row->metric && !(row->scale > 0));
}

static void check_gate(const Budget *budget, Arena *arena)
{
        GateResult result;

        BUG_IF(gate_judge(budget, NULL, 0, NULL, arena, &result, NULL) < 0);
        BUG_IF(result.len != budget->len || result.verdict != GATE_FAIL);
        for (size_t i = 0; i < result.len; i++)
                BUG_IF(result.items[i].verdict != GATE_FAIL || result.items[i].reason.len == 0);
}

/* One run that has every metric, at a value that input chose. */
static void check_gate_with_run(const Budget *budget, double value, Arena *arena)
{
        Run run = { .id = 1, .recording = recording_new(arena, "load") };
        Run *runs[] = { &run };
        GateResult result;

        for (MetricId id = 0; id < METRIC_COUNT_; id++)
                recording_value(run.recording, id, (Span){ 0 }, value, 1000);
        BUG_IF(gate_judge(budget, runs, 1, NULL, arena, &result, NULL) < 0);
        for (size_t i = 0; i < result.len; i++) {
                const GateItem *item = &result.items[i];

                BUG_IF(!item->row->metric && item->verdict != GATE_FAIL);
                BUG_IF(item->verdict == GATE_PASS && !(item->value == value));
                BUG_IF(item->verdict == GATE_PASS && item->value > item->row->max);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span text = { (const char *)data, size };
        Error err = { 0 };
        Budget budget;

        if (budget_parse(text, "budget", arena, &budget, &err) < 0) {
                BUG_IF(!err.code || !err.message[0]);
                return 0;
        }
        BUG_IF(budget.len == 0);
        for (size_t i = 0; i < budget.len; i++)
                check_row(&budget.rows[i]);
        check_gate(&budget, arena);
        check_gate_with_run(&budget, (double)size * 1e6, arena);
        return 0;
}
