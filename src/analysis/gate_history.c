/* The newest level of each series: a change for the worse that nobody accepted, surely beyond the
 * tolerance, FAILS. */

#include <math.h>

#include "analysis/gate_int.h"

static Span revision_words(const History *h, const HistoryChange *change)
{
        Span revision = h->points[change->bad].revision;

        return revision.len ? span_first(revision, 12) : SPAN("a run without a revision");
}

static Span say_change(const History *h, const HistoryChange *change, Arena *arena)
{
        const ChangePoint *p = &change->point;

        return gate_words(arena, "%.*s %.*s at %.*s or before, from %.*s to %.*s",
                          SPAN_ARG(change_words(arena, p->change)),
                          SPAN_ARG(change_range_words(arena, p->interval)),
                          SPAN_ARG(revision_words(h, change)),
                          SPAN_ARG(quantity_words(arena, h->name.unit, p->before)),
                          SPAN_ARG(quantity_words(arena, h->name.unit, p->after)));
}

/* Worse: FAIL when all of the interval lies beyond the tolerance, or there is no ratio. */
static void judge_worse(GateItem *item, const History *h, double tolerance, Arena *arena)
{
        Interval worse = gate_worsening(item->change_interval, h->name.direction);

        item->verdict = GATE_FAIL;
        if (!(worse.low <= tolerance))
                return;
        item->verdict = GATE_INCONCLUSIVE;
        item->reason = gate_words(arena,
                                  "%.*s: the interval reaches across the tolerance of %.*s; more "
                                  "revisions would tell",
                                  SPAN_ARG(item->reason),
                                  SPAN_ARG(quantity_words(arena, UNIT_RATIO, tolerance)));
}

static void judge_change(GateItem *item, const History *h, const HistoryChange *change,
                         double tolerance, Arena *arena)
{
        Span words = say_change(h, change, arena);

        item->before = change->point.before;
        item->value = change->point.after;
        item->change = change->point.change;
        item->change_interval = change->point.interval;
        item->exception = change->exception;
        item->verdict = GATE_PASS;
        item->reason = words;
        if (change->state == STATE_ACCEPTED && change->exception)
                item->reason = gate_words(arena, "%.*s; accepted by %.*s: %.*s", SPAN_ARG(words),
                                          SPAN_ARG(change->exception->owner),
                                          SPAN_ARG(change->exception->reason));
        else if (change->quality == QUALITY_WORSE)
                judge_worse(item, h, tolerance, arena);
        else
                item->reason = gate_words(arena, "%.*s: no change for the worse", SPAN_ARG(words));
}

static void judge_history(GateItem *item, const History *h, double tolerance, Arena *arena)
{
        const HistoryChange *newest = history_newest(h);

        if (history_too_short(h)) {
                item->verdict = GATE_INCONCLUSIVE;
                item->reason = gate_words(arena,
                                          "%zu revisions cannot show a change: %zu are "
                                          "needed",
                                          h->len, 2 * h->plan.min_segment);
        } else if (!newest) {
                item->verdict = GATE_PASS;
                item->reason = gate_words(arena, "no change of level in %zu revisions", h->len);
        } else {
                judge_change(item, h, newest, tolerance, arena);
        }
}

/* How few a series holds because of what was left out is told beside it. */
static void tell_remarks(Gate *gate, const History *h)
{
        for (size_t i = 0; i < h->n_remarks; i++)
                gate_note(gate, "%.*s", SPAN_ARG(h->remarks[i]));
}

int gate_judge_history(Gate *gate, Error *err)
{
        const GateInput *in = gate->in;

        if (in->by_history && in->n_histories == 0)
                gate_note(gate, "The store holds no history of these runs' metrics.");
        for (size_t i = 0; i < in->n_histories; i++) {
                const History *h = &in->histories[i];
                GateItem *item = gate_add(gate, GATE_SOURCE_HISTORY, err);

                if (!item)
                        return -err->code;
                item->metric = h->name.metric;
                item->name = h->name.name;
                item->subject = h->name.subject;
                item->unit = h->name.unit;
                item->n = h->len;
                item->run_id = h->len ? h->points[h->len - 1].run_id : 0;
                item->limit = SPAN("no change for the worse");
                judge_history(item, h, gate_tolerance(in, h->name.metric->id), gate->arena);
                tell_remarks(gate, h);
        }
        return 0;
}
