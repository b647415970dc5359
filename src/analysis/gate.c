/* Budgets against runs: PASS, FAIL, or INCONCLUSIVE where the data cannot bound the metric. */

#include <math.h>

#include "analysis/budget.h"
#include "analysis/quantile_metric.h"

static bool group_wanted(const BudgetRow *row, const TextList *groups)
{
        if (!groups)
                return true;
        for (size_t i = 0; i < groups->len; i++)
                if (span_is(row->group, groups->items[i]))
                        return true;
        return false;
}

/* The newest run that has the metric for the target as a whole; runs measured alone, before the
 * load, are not what a budget speaks about. */
static const MetricValue *find_value(const BudgetRow *row, Run *const *runs, size_t n_runs,
                                     const Run **ret_run)
{
        for (size_t i = n_runs; i-- > 0;) {
                const MetricValue *v;

                if (span_is(runs[i]->label, "alone"))
                        continue;
                v = recording_find(runs[i]->recording, row->metric->id, (Span){ 0 });
                if (v && !isnan(v->value)) {
                        *ret_run = runs[i];
                        return v;
                }
        }
        return NULL;
}

static Span say(Arena *arena, const char *what, Unit unit, double value, double bound)
{
        Buf text = buf_in(arena, KiB(1));

        unit_format(&text, unit, value);
        buf_printf(&text, " %s ", what);
        unit_format(&text, unit, bound);
        return buf_span(&text);
}

static GateVerdict judge_bounds(const BudgetRow *row, double value, Arena *arena, Span *ret_reason)
{
        Unit unit = row->metric->unit;

        if (!isnan(row->max) && value > row->max) {
                *ret_reason = say(arena, "is above the budget of", unit, value, row->max);
                return GATE_FAIL;
        }
        if (!isnan(row->min) && value < row->min) {
                *ret_reason = say(arena, "is below the floor of", unit, value, row->min);
                return GATE_FAIL;
        }
        *ret_reason = isnan(row->max) ? say(arena, "reaches", unit, value, row->min)
                                      : say(arena, "is within", unit, value, row->max);
        return GATE_PASS;
}

static void judge_value(GateItem *item, const MetricValue *v, const Run *run, Arena *arena)
{
        bool bounded = !isnan(v->low) && !isnan(v->high);

        item->value = v->value;
        item->interval = (Interval){ v->low, v->high, bounded ? 0.95 : 0 };
        item->n = v->n;
        item->run_id = run->id;
        item->verdict = judge_bounds(item->row, v->value, arena, &item->reason);
        if (run->recording->partial) {
                item->verdict = GATE_INCONCLUSIVE;
                item->reason = SPAN("the run was interrupted");
        } else if (!metric_is_bounded(v)) {
                item->verdict = GATE_INCONCLUSIVE;
                item->reason =
                        span_of(arena_printf(arena, "%lu samples cannot bound it: %zu are needed",
                                             (unsigned long)v->n, metric_min_n(v->metric)));
        }
}

static GateItem judge_row(const BudgetRow *row, Run *const *runs, size_t n_runs, Arena *arena)
{
        GateItem item = {
                .row = row, .verdict = GATE_FAIL, .value = NAN, .interval = { NAN, NAN, 0 }
        };
        const MetricValue *v;
        const Run *run;

        if (!row->metric) {
                item.reason = SPAN("hone knows no metric of this name");
                return item;
        }
        v = find_value(row, runs, n_runs, &run);
        if (!v)
                item.reason = SPAN("no run has measured it");
        else
                judge_value(&item, v, run, arena);
        return item;
}

static GateVerdict verdict_of(const GateItem *items, size_t n)
{
        GateVerdict verdict = GATE_PASS;

        for (size_t i = 0; i < n; i++) {
                if (items[i].verdict == GATE_FAIL)
                        return GATE_FAIL;
                if (items[i].verdict == GATE_INCONCLUSIVE)
                        verdict = GATE_INCONCLUSIVE;
        }
        return verdict;
}

int gate_judge(const Budget *budget, Run *const *runs, size_t n_runs, const TextList *groups,
               Arena *arena, GateResult *ret, Error *err)
{
        GateItem *items = new (arena, GateItem, budget->len);
        size_t n = 0;

        for (size_t i = 0; i < budget->len; i++)
                if (group_wanted(&budget->rows[i], groups))
                        items[n++] = judge_row(&budget->rows[i], runs, n_runs, arena);
        if (n == 0)
                return fail(err, ERR_USAGE, "%s: no budget in the groups asked for", budget->file);
        *ret = (GateResult){ .items = items, .len = n, .verdict = verdict_of(items, n) };
        return 0;
}
