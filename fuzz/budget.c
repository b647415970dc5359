/* A budget file of any bytes is refused with a place, or every row of it can be judged: its bounds
 * are finite and in order, and a gate without runs passes none of it. */
#include "analysis/gate.h"

#include <math.h>

static void check_row(const BudgetRow *row)
{
        BUG_IF(row->line == 0);
        BUG_IF(!budget_row_is_bounded(row) && isnan(row->tolerance));
        BUG_IF(row->tolerance <= 0 || row->tolerance >= 1);
        BUG_IF(isinf(row->min) || isinf(row->max));
        BUG_IF(row->min < 0 || row->max < 0 || row->min > row->max);
        BUG_IF(row->metric && row->metric != metric_def(row->metric->id));
        BUG_IF(row->metric && !(row->scale > 0));
}

static size_t bounded_rows(const Budget *budget)
{
        size_t n = 0;

        for (size_t i = 0; i < budget->len; i++)
                n += budget_row_is_bounded(&budget->rows[i]);
        return n;
}

static void check_gate(const Budget *budget, Arena *arena)
{
        GateInput in = { .budget = budget };
        size_t n = bounded_rows(budget);
        GateResult result;
        Error err = { 0 };

        if (gate_judge(&in, arena, &result, &err) < 0) {
                BUG_IF(n || err.code != ERR_USAGE);
                return;
        }
        BUG_IF(result.len != n || result.verdict != GATE_FAIL);
        for (size_t i = 0; i < result.len; i++)
                BUG_IF(result.items[i].verdict != GATE_FAIL || result.items[i].reason.len == 0);
}

/* One run that has every metric, at a value that input chose, against itself. */
static void check_gate_with_run(const Budget *budget, double value, Arena *arena)
{
        Run run = { .id = 1, .recording = recording_new(arena, "load") };
        Run *runs[] = { &run };
        GateInput in = { .budget = budget, .runs = runs, .n_runs = 1, .base = runs, .n_base = 1 };
        GateResult result;
        Error err = { 0 };

        for (MetricId id = 0; id < METRIC_COUNT_; id++)
                recording_value(run.recording, id, (Span){ 0 }, value, 1000);
        if (gate_judge(&in, arena, &result, &err) < 0) {
                BUG_IF(err.code != ERR_USAGE);
                return;
        }
        for (size_t i = 0; i < result.len; i++) {
                const GateItem *item = &result.items[i];

                BUG_IF(item->reason.len == 0);
                BUG_IF(!item->metric && item->verdict != GATE_FAIL);
                if (item->source != GATE_SOURCE_BUDGET || item->verdict != GATE_PASS)
                        continue;
                BUG_IF(!(item->value == value) || item->value > item->row->max);
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
        BUG_IF(budget.len == 0 && isnan(budget.tolerance));
        for (size_t i = 0; i < budget.len; i++)
                check_row(&budget.rows[i]);
        check_gate(&budget, arena);
        check_gate_with_run(&budget, (double)size * 1e6, arena);
        return 0;
}
