/* Absolute bounds: the whole interval within, the whole interval beyond, or neither. */

#include <math.h>

#include "analysis/evidence.h"
#include "analysis/gate_int.h"
#include "analysis/quantile_metric.h"
#include "stats/share.h"

#define HOPELESS 100 /* so many times the samples: nobody will measure that */

static bool group_wanted(const BudgetRow *row, const TextList *groups)
{
        if (!groups)
                return true;
        for (size_t i = 0; i < groups->len; i++)
                if (span_is(row->group, groups->items[i]))
                        return true;
        return false;
}

static Span limit_words(const BudgetRow *row, Arena *arena)
{
        Unit unit = row->metric ? row->metric->unit : UNIT_NONE;
        Buf out = buf_in(arena, KiB(1));

        if (!isnan(row->min)) {
                buf_text(&out, ">= ");
                unit_format(&out, unit, row->min);
        }
        if (!isnan(row->max)) {
                buf_text(&out, out.len ? ", <= " : "<= ");
                unit_format(&out, unit, row->max);
        }
        return buf_span(&out);
}

/* How a number stands to both bounds: NaN bounds are not there. */
static bool above_max(const BudgetRow *row, double x)
{
        return !isnan(row->max) && x > row->max;
}

static bool below_min(const BudgetRow *row, double x)
{
        return !isnan(row->min) && x < row->min;
}

static GateVerdict judge_interval(const BudgetRow *row, Interval in)
{
        if (above_max(row, in.low) || below_min(row, in.high))
                return GATE_FAIL;
        return above_max(row, in.high) || below_min(row, in.low) ? GATE_INCONCLUSIVE : GATE_PASS;
}

/* "343 us is within 50.0 ms" */
static Span say_value(const GateItem *item, Arena *arena)
{
        const BudgetRow *row = item->row;
        const char *what = "reaches";
        double bound = row->min;

        if (above_max(row, item->value)) {
                what = "is above the budget of";
                bound = row->max;
        } else if (below_min(row, item->value)) {
                what = "is below the floor of";
        } else if (!isnan(row->max)) {
                what = "is within";
                bound = row->max;
        }
        return gate_words(arena, "%.*s %s %.*s",
                          SPAN_ARG(quantity_words(arena, item->unit, item->value)), what,
                          SPAN_ARG(quantity_words(arena, item->unit, bound)));
}

/* The bound that lies inside the interval. */
static double straddled(const GateItem *item)
{
        return above_max(item->row, item->interval.high) ? item->row->max : item->row->min;
}

/* Without one bad request the interval shrinks with their number: it is known how many it takes. */
static bool none_was_bad(const GateItem *item)
{
        return item->unit == UNIT_RATIO && item->value == 0 && item->interval.low == 0 &&
               !item->over_runs;
}

/* An interval shrinks with the square root of the samples: how many bring its end to the bound. */
static Span say_settle(const GateItem *item, double bound, Arena *arena)
{
        double end = bound > item->value ? item->interval.high : item->interval.low;
        double times = pow((end - item->value) / (bound - item->value), 2);
        double n = ceil(times * (double)item->n);

        if (none_was_bad(item) && bound > 0 && bound < 1)
                return gate_words(arena, "%zu requests without an error would tell",
                                  share_min_n(1 - bound, GATE_CONFIDENCE));
        if (!(times < HOPELESS))
                return SPAN("too near to the bound for more samples to tell");
        if (item->n == 0)
                return SPAN("a longer run would tell");
        return gate_words(arena, "about %.0f %s would tell", n,
                          item->over_runs ? "runs" : "samples");
}

static Span say_straddles(const GateItem *item, Arena *arena)
{
        double bound = straddled(item);

        return gate_words(arena, "%.*s, but its interval %.*s reaches across: %.*s",
                          SPAN_ARG(say_value(item, arena)),
                          SPAN_ARG(range_words(arena, item->unit, item->interval)),
                          SPAN_ARG(say_settle(item, bound, arena)));
}

/* A busy machine makes what is slow slower; it makes nothing fast. */
static bool may_be_noise(const Evidence *e, Unit unit)
{
        return !e->over_runs && e->run->noise.verdict == NOISE_UNRELIABLE &&
               (unit == UNIT_NS || unit == UNIT_PER_S || unit == UNIT_BYTES_PER_S);
}

static void judge_evidence(GateItem *item, const Evidence *e, Arena *arena)
{
        bool has_interval = !isnan(e->interval.low) && !isnan(e->interval.high);
        Interval judged = has_interval ? e->interval : (Interval){ e->value, e->value, 0 };

        item->verdict = judge_interval(item->row, judged);
        item->reason = item->verdict == GATE_INCONCLUSIVE ? say_straddles(item, arena)
                                                          : say_value(item, arena);
        if (!has_interval)
                item->reason = gate_words(arena, "%.*s (no interval: the value is judged)",
                                          SPAN_ARG(item->reason));
        if (item->verdict == GATE_FAIL && may_be_noise(e, item->unit)) {
                item->verdict = GATE_INCONCLUSIVE;
                item->reason = gate_words(arena,
                                          "%.*s, but the machine was too busy to trust (%.*s): "
                                          "measure again",
                                          SPAN_ARG(item->reason), SPAN_ARG(e->run->noise.reason));
        }
}

static void judge_found(GateItem *item, const Evidence *e, Arena *arena)
{
        item->value = e->value;
        item->interval = e->interval;
        item->n = e->n;
        item->over_runs = e->over_runs;
        item->run_id = e->run->id;
        judge_evidence(item, e, arena);
        if (e->partial) {
                item->verdict = GATE_INCONCLUSIVE;
                item->reason = SPAN("the run was interrupted");
        } else if (e->weak) {
                item->verdict = GATE_INCONCLUSIVE;
                item->reason = gate_words(arena, "%lu samples cannot bound it: %zu are needed",
                                          (unsigned long)e->weak->n, metric_min_n(e->weak->metric));
        }
}

static int judge_row(Gate *gate, const BudgetRow *row, Error *err)
{
        GateItem *item = gate_add(gate, GATE_SOURCE_BUDGET, err);
        Evidence e;

        if (!item)
                return -err->code;
        item->row = row;
        item->group = row->group;
        item->name = row->key;
        item->metric = row->metric;
        item->file = gate->in->budget->file;
        item->line = row->line;
        item->unit = row->metric ? row->metric->unit : UNIT_NONE;
        item->limit = limit_words(row, gate->arena);
        item->verdict = GATE_FAIL;
        item->reason = SPAN("hone knows no metric of this name");
        if (!row->metric)
                return 0;
        e = evidence_find(gate->in->runs, gate->in->n_runs, row->metric->id, gate->arena);
        item->reason = SPAN("no run has measured it");
        if (e.run)
                judge_found(item, &e, gate->arena);
        return 0;
}

int gate_judge_budget(Gate *gate, Error *err)
{
        const Budget *budget = gate->in->budget;
        bool any = false;

        for (size_t i = 0; budget && i < budget->len; i++) {
                int r;

                if (!group_wanted(&budget->rows[i], gate->in->groups))
                        continue;
                any = true;
                if (!budget_row_is_bounded(&budget->rows[i]))
                        continue;
                r = judge_row(gate, &budget->rows[i], err);
                if (r < 0)
                        return r;
        }
        if (budget && budget->len && !any)
                return fail(err, ERR_USAGE, "%s: no budget in the groups asked for", budget->file);
        return 0;
}
