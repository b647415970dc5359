/* Tolerances against a base. All metrics of all instruments are one family for Holm; the plan of
 * each comparison (runs as samples, blocks measured side by side, or the insides of few runs) is
 * compare.h's. Only the direction that is worse is judged, and by the interval that is shown: FAIL
 * when all of it lies beyond the tolerance and the adjusted p is small, PASS when none of it does
 * (a test of non-inferiority at level alpha / 2). */

#include <math.h>

#include "analysis/compare.h"
#include "analysis/evidence.h"
#include "analysis/gate_int.h"

#define ALPHA 0.05
#define MOST_CHANGES 100000
#define MOST_INSTRUMENTS 64

/* What is compared unless the budget file says all; the first six are what a summary of before and
 * after shows. */
static const MetricId standard[] = {
        METRIC_LATENCY_P50,  METRIC_LATENCY_P95,   METRIC_LATENCY_P99, METRIC_THROUGHPUT,
        METRIC_MEMORY,       METRIC_CPU,           METRIC_TIME,        METRIC_OPS,
        METRIC_BANDWIDTH,    METRIC_INSTRUCTIONS,  METRIC_ALLOCATED,   METRIC_ALLOCATIONS,
        METRIC_CUSTOM_LOWER, METRIC_CUSTOM_HIGHER,
};

typedef struct Runs {
        Run **items;
        size_t len;
} Runs;

typedef struct Compared {
        MetricChange change;
        bool partial; /* a run of it was interrupted */
} Compared;

typedef struct Work {
        Gate *gate;
        ComparePlan plan;
        VEC(Compared) changes;
        const BudgetRow *rows[METRIC_COUNT_]; /* the file's row for the metric; NULL: none */
        bool seen[METRIC_COUNT_];             /* some change of it was compared */
} Work;

static bool group_wanted(const BudgetRow *row, const TextList *groups)
{
        if (!groups)
                return true;
        for (size_t i = 0; i < groups->len; i++)
                if (span_is(row->group, groups->items[i]))
                        return true;
        return row->group.len == 0;
}

/* The file's row for a metric: one with a tolerance of its own goes before one with bounds only. */
static const BudgetRow *row_of(const GateInput *in, MetricId metric)
{
        const BudgetRow *found = NULL;

        for (size_t i = 0; in->budget && i < in->budget->len; i++) {
                const BudgetRow *row = &in->budget->rows[i];

                if (!row->metric || row->metric->id != metric || !group_wanted(row, in->groups))
                        continue;
                if (!found || !isnan(row->tolerance))
                        found = row;
        }
        return found;
}

static bool is_standard(MetricId metric)
{
        for (size_t i = 0; i < COUNT(standard); i++)
                if (standard[i] == metric)
                        return true;
        return false;
}

/* A file that lists tolerances, and no default, says all that is judged: what nobody asked about
 * takes nothing from the power of the rest, and cannot be inconclusive. */
static bool says_all(const Budget *budget)
{
        bool any = false;

        for (size_t i = 0; budget && i < budget->len; i++)
                any |= !isnan(budget->rows[i].tolerance);
        return any && isnan(budget->tolerance);
}

bool gate_compares(const GateInput *in, MetricId metric)
{
        const BudgetRow *row = row_of(in, metric);

        if (metric_def(metric)->direction == DIRECTION_NEITHER)
                return false;
        if (says_all(in->budget))
                return row && !isnan(row->tolerance);
        return row || is_standard(metric);
}

double gate_tolerance(const GateInput *in, MetricId metric)
{
        const BudgetRow *row = row_of(in, metric);
        double otherwise = in->tolerance > 0 ? in->tolerance : GATE_TOLERANCE;

        if (row)
                return budget_tolerance(in->budget, row, otherwise);
        return in->budget && !isnan(in->budget->tolerance) ? in->budget->tolerance : otherwise;
}

/* The standard ones first, in their order. */
static void choose_metrics(Work *w)
{
        const GateInput *in = w->gate->in;
        MetricId *metrics = new (w->gate->arena, MetricId, METRIC_COUNT_);
        size_t n = 0;

        for (MetricId id = 0; id < METRIC_COUNT_; id++)
                w->rows[id] = row_of(in, id);
        for (size_t i = 0; i < COUNT(standard); i++)
                if (gate_compares(in, standard[i]))
                        metrics[n++] = standard[i];
        for (MetricId id = 0; id < METRIC_COUNT_; id++)
                if (!is_standard(id) && gate_compares(in, id))
                        metrics[n++] = id;
        w->plan.metrics = metrics;
        w->plan.n_metrics = n;
}

static Runs runs_of(Run *const *runs, size_t n, Span instrument, Arena *arena)
{
        Runs some = { .items = new (arena, Run *, n) };

        for (size_t i = 0; i < n; i++)
                if (run_is_evidence(runs[i]) && span_eq(runs[i]->recording->instrument, instrument))
                        some.items[some.len++] = runs[i];
        return some;
}

static bool any_partial(const Runs *runs)
{
        for (size_t i = 0; i < runs->len; i++)
                if (runs->items[i]->recording->partial)
                        return true;
        return false;
}

static int compare_instrument(Work *w, Span instrument, Error *err)
{
        const GateInput *in = w->gate->in;
        Runs a = runs_of(in->base, in->n_base, instrument, w->gate->arena);
        Runs b = runs_of(in->runs, in->n_runs, instrument, w->gate->arena);
        Comparison comparison;
        int r;

        if (a.len == 0 || b.len == 0)
                return 0;
        r = compare_runs(a.items, a.len, b.items, b.len, &w->plan, w->gate->arena, &comparison,
                         err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < comparison.len; i++) {
                Compared *slot = vec_add(w->gate->arena, &w->changes);

                if (!slot)
                        return fail(err, ERR_LIMIT, "more than %d changes to judge", MOST_CHANGES);
                *slot = (Compared){ comparison.items[i], any_partial(&a) || any_partial(&b) };
                w->seen[slot->change.metric] = true;
        }
        if (comparison.len && comparison.caveat.len)
                gate_note(w->gate, "%.*s: %.*s", SPAN_ARG(instrument), SPAN_ARG(comparison.caveat));
        return 0;
}

static int compare_all(Work *w, Error *err)
{
        const GateInput *in = w->gate->in;
        Span done[MOST_INSTRUMENTS];
        size_t n = 0;

        for (size_t i = 0; i < in->n_runs && n < MOST_INSTRUMENTS; i++) {
                Span instrument = in->runs[i]->recording->instrument;
                bool again = false;
                int r;

                for (size_t k = 0; k < n; k++)
                        again |= span_eq(done[k], instrument);
                if (again)
                        continue;
                done[n++] = instrument;
                r = compare_instrument(w, instrument, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void holm_over_all(Work *w)
{
        double *p = new (w->gate->arena, double, w->changes.len);

        for (size_t i = 0; i < w->changes.len; i++)
                p[i] = w->changes.items[i].change.effect.p;
        holm_adjust(p, w->changes.len, w->gate->arena);
        for (size_t i = 0; i < w->changes.len; i++)
                w->changes.items[i].change.adjusted_p = p[i];
}

/* Comparisons with NaN are false: what could not be bounded decides nothing. */
static GateVerdict judge_change(const MetricChange *c, double tolerance, double alpha)
{
        Direction direction = metric_def(c->metric)->direction;

        if (c->verdict == CHANGE_SLOWER && c->adjusted_p <= alpha &&
            gate_worsening(c->effect.interval, direction).low > tolerance)
                return GATE_FAIL;
        if (gate_worsening(c->effect.interval, direction).high <= tolerance)
                return GATE_PASS;
        return GATE_INCONCLUSIVE;
}

/* Spread falls with the square root of the number: how many bring the MDE down to the tolerance. */
static Span say_settle(const MetricChange *c, double tolerance, double alpha, Arena *arena)
{
        double n = (double)MIN(c->effect.n_a, c->effect.n_b);
        double needed = ceil(n * pow(c->effect.mde / tolerance, 2));
        const char *what = c->effect.paired ? "blocks" : "a side";

        if (gate_worsening(c->effect.interval, metric_def(c->metric)->direction).low > tolerance)
                return c->adjusted_p > alpha
                               ? gate_words(arena,
                                            "beyond the tolerance, but with p = %.2g over all "
                                            "metrics it may be chance: measure more %s",
                                            c->adjusted_p, c->effect.paired ? "blocks" : "runs")
                               : SPAN("beyond the tolerance, but so few runs cannot show that it "
                                      "is real: measure four runs a side, or more");
        if (!isfinite(c->effect.mde))
                return SPAN("so few cannot show any change: measure four runs a side, or more");
        if (c->effect.mde <= tolerance)
                return gate_words(arena,
                                  "the smallest change it could have seen is %.*s: it lies "
                                  "at the edge of the tolerance",
                                  SPAN_ARG(quantity_words(arena, UNIT_RATIO, c->effect.mde)));
        return gate_words(arena,
                          "the smallest change it could have seen is %.*s; about %.0f %s "
                          "would tell",
                          SPAN_ARG(quantity_words(arena, UNIT_RATIO, c->effect.mde)), needed, what);
}

static Span say_verdict(const MetricChange *c, GateVerdict verdict, double tolerance, double alpha,
                        Arena *arena)
{
        Span change = change_words(arena, c->effect.change);
        Span range = change_range_words(arena, c->effect.interval);
        Span tolerated = quantity_words(arena, UNIT_RATIO, tolerance);

        if (verdict == GATE_FAIL)
                return gate_words(arena, "%.*s %.*s is surely worse by more than %.*s",
                                  SPAN_ARG(change), SPAN_ARG(range), SPAN_ARG(tolerated));
        if (verdict == GATE_PASS)
                return gate_words(arena, "%.*s %.*s is surely not worse by more than %.*s",
                                  SPAN_ARG(change), SPAN_ARG(range), SPAN_ARG(tolerated));
        if (isnan(c->effect.change))
                return SPAN("no ratio can be made of these values");
        return gate_words(arena, "%.*s %.*s: %.*s", SPAN_ARG(change), SPAN_ARG(range),
                          SPAN_ARG(say_settle(c, tolerance, alpha, arena)));
}

/* The file's row, when there is one, says the name, the place and the tolerance. */
static GateItem *add_item(Work *w, MetricId metric, double *ret_tolerance, Error *err)
{
        const GateInput *in = w->gate->in;
        GateItem *item = gate_add(w->gate, GATE_SOURCE_BASE, err);
        const BudgetRow *row = w->rows[metric];

        if (!item)
                return NULL;
        *ret_tolerance = gate_tolerance(in, metric);
        item->metric = metric_def(metric);
        item->name = row ? row->key : span_of(item->metric->name);
        item->group = row ? row->group : (Span){ 0 };
        item->row = row;
        item->file = row ? in->budget->file : NULL;
        item->line = row ? row->line : 0;
        item->unit = item->metric->unit;
        item->limit =
                gate_words(w->gate->arena, "%.*s worse",
                           SPAN_ARG(quantity_words(w->gate->arena, UNIT_RATIO, *ret_tolerance)));
        return item;
}

static int add_change(Work *w, const Compared *compared, Error *err)
{
        const MetricChange *c = &compared->change;
        double tolerance;
        GateItem *item = add_item(w, c->metric, &tolerance, err);

        if (!item)
                return -err->code;
        item->subject = c->subject;
        item->before = c->a;
        item->value = c->b;
        item->change = c->effect.change;
        item->change_interval = c->effect.interval;
        item->mde = c->a == 0 && c->b == 0 ? (double)NAN : c->effect.mde;
        item->n = c->effect.n_b;
        item->verdict = judge_change(c, tolerance, w->plan.alpha);
        item->reason = say_verdict(c, item->verdict, tolerance, w->plan.alpha, w->gate->arena);
        if (compared->partial) {
                item->verdict = GATE_INCONCLUSIVE;
                item->reason = gate_words(w->gate->arena, "a run was interrupted: %.*s",
                                          SPAN_ARG(item->reason));
        }
        return 0;
}

static bool has_metric(Run *const *runs, size_t n, MetricId metric)
{
        for (size_t i = 0; i < n; i++) {
                if (!run_is_evidence(runs[i]))
                        continue;
                vec_each (MetricValue, v, &runs[i]->recording->values)
                        if (v->metric == metric && !isnan(v->value))
                                return true;
        }
        return false;
}

/* A tolerance that the file asks for, and nothing to hold it against. */
static int add_absent(Work *w, const BudgetRow *row, Error *err)
{
        const GateInput *in = w->gate->in;
        double tolerance;
        GateItem *item = add_item(w, row->metric->id, &tolerance, err);

        if (!item)
                return -err->code;
        item->verdict = GATE_INCONCLUSIVE;
        item->reason = SPAN("too few runs to compare it: measure four a side, or more");
        if (!has_metric(in->runs, in->n_runs, row->metric->id)) {
                item->verdict = GATE_FAIL;
                item->reason = SPAN("no run has measured it");
        } else if (!has_metric(in->base, in->n_base, row->metric->id)) {
                item->reason = SPAN("the base has not measured it");
        }
        return 0;
}

static int add_unknown(Work *w, const BudgetRow *row, Error *err)
{
        GateItem *item = gate_add(w->gate, GATE_SOURCE_BASE, err);

        if (!item)
                return -err->code;
        item->verdict = GATE_FAIL;
        item->name = row->key;
        item->group = row->group;
        item->row = row;
        item->file = w->gate->in->budget->file;
        item->line = row->line;
        item->reason = SPAN("hone knows no metric of this name");
        return 0;
}

static int add_missing(Work *w, Error *err)
{
        const Budget *budget = w->gate->in->budget;
        int r = 0;

        for (size_t i = 0; budget && i < budget->len && r == 0; i++) {
                const BudgetRow *row = &budget->rows[i];

                if (isnan(row->tolerance) || !group_wanted(row, w->gate->in->groups))
                        continue;
                if (!row->metric)
                        r = budget_row_is_bounded(row) ? 0 : add_unknown(w, row, err);
                else if (!w->seen[row->metric->id])
                        r = add_absent(w, row, err);
        }
        return r;
}

static bool has_tolerance(const Budget *budget)
{
        for (size_t i = 0; budget && i < budget->len; i++)
                if (!isnan(budget->rows[i].tolerance))
                        return true;
        return budget && !isnan(budget->tolerance);
}

int gate_judge_base(Gate *gate, Error *err)
{
        const GateInput *in = gate->in;
        Work w = { .gate = gate, .changes = VEC_INIT(MOST_CHANGES) };
        int r;

        if (in->n_base == 0) {
                if (has_tolerance(in->budget))
                        gate_note(gate,
                                  "%s: its tolerances are not judged without a base "
                                  "(--base RUNS).",
                                  in->budget->file);
                return 0;
        }
        w.plan = (ComparePlan){ .alpha = in->alpha > 0 ? in->alpha : ALPHA,
                                .paired = in->paired,
                                .may_be_empty = true };
        choose_metrics(&w);
        r = compare_all(&w, err);
        holm_over_all(&w);
        for (size_t i = 0; r == 0 && i < w.changes.len; i++)
                r = add_change(&w, &w.changes.items[i], err);
        if (r == 0)
                r = add_missing(&w, err);
        if (r == 0 && w.changes.len == 0)
                gate_note(gate, "Runs and base have no metric in common to compare.");
        return r;
}
