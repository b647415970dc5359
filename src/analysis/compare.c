#include "analysis/compare.h"

#include "analysis/compare_pairs.h"
#include "analysis/compare_side.h"

#include <math.h>

#define DEFAULT_ALPHA 0.05
#define DEFAULT_TOLERANCE 0.05
#define DEFAULT_FLOOR 0.10
#define RUNS_AS_SAMPLES 4
#define MOST_ROWS 10000

/* What is compared when the caller does not choose: few, so that Holm leaves power. */
static const MetricId default_metrics[] = {
        METRIC_LATENCY_P50,  METRIC_LATENCY_P99,   METRIC_THROUGHPUT, METRIC_CPU,
        METRIC_TIME,         METRIC_OPS,           METRIC_BANDWIDTH,  METRIC_INSTRUCTIONS,
        METRIC_ALLOCATED,    METRIC_ALLOCATIONS,   METRIC_MEMORY,     METRIC_CUSTOM,
        METRIC_CUSTOM_LOWER, METRIC_CUSTOM_HIGHER,
};

/* What one row is judged by: the plan's, or its own. */
typedef struct Bounds {
        double min_effect, tolerance;
} Bounds;

/* A comparison being made. */
typedef struct Work {
        ComparePlan plan; /* with its defaults filled in */
        Arena *arena;
        VEC(MetricChange) items;
        VEC(Bounds) bounds; /* of each item */
} Work;

static ComparePlan with_defaults(const ComparePlan *plan)
{
        ComparePlan p = *plan;

        p.alpha = p.alpha > 0 ? p.alpha : DEFAULT_ALPHA;
        p.tolerance = p.tolerance > 0 ? p.tolerance : DEFAULT_TOLERANCE;
        if (p.single_run_floor == 0)
                p.single_run_floor = DEFAULT_FLOOR;
        if (!p.metrics) {
                p.metrics = default_metrics;
                p.n_metrics = COUNT(default_metrics);
        }
        return p;
}

static Work work_begin(const ComparePlan *plan, Arena *arena)
{
        return (Work){ .plan = with_defaults(plan),
                       .arena = arena,
                       .items = VEC_INIT(MOST_ROWS),
                       .bounds = VEC_INIT(MOST_ROWS) };
}

static EffectPlan effect_plan(const Work *w, Bounds bounds)
{
        return (EffectPlan){ .alpha = w->plan.alpha,
                             .min_effect = bounds.min_effect,
                             .tolerance = bounds.tolerance };
}

static Bounds plan_bounds(const Work *w)
{
        return (Bounds){ w->plan.min_effect, w->plan.tolerance };
}

/* Both sides zero everywhere: nothing changed, and no ratio is needed to say so. */
static bool all_zero(const double *values, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (values[i] != 0)
                        return false;
        return n > 0;
}

static Effect effect_of(const Work *w, const double *a, size_t n_a, const double *b, size_t n_b,
                        Bounds bounds)
{
        EffectPlan plan = effect_plan(w, bounds);

        if (all_zero(a, n_a) && all_zero(b, n_b))
                return (Effect){ .answer = EFFECT_SAME, .p = 1, .n_a = n_a, .n_b = n_b };
        return w->plan.paired ? effect_paired(a, b, n_a, plan, w->arena)
                              : effect_unpaired(a, n_a, b, n_b, plan, w->arena);
}

static double least_positive(const double *values, size_t n)
{
        double least = INFINITY;

        for (size_t i = 0; i < n; i++)
                if (values[i] > 0)
                        least = fmin(least, values[i]);
        return least;
}

/* Ratios need numbers above zero. A zero (no error, a second without an answer) is put a tenth
 * below the least number of both sides: it keeps its rank, and a change from or to it is told as
 * at least that large. */
static double *without_zeros(const double *values, size_t n, double least, Arena *arena)
{
        double *lifted = new_try(arena, double, n);

        for (size_t i = 0; lifted && i < n; i++)
                lifted[i] = values[i] == 0 ? least / 10 : values[i];
        return lifted;
}

static int add_item(Work *w, MetricId metric, Span subject, const double *a, size_t n_a,
                    const double *b, size_t n_b, Bounds bounds, Error *err)
{
        MetricChange *item = vec_add(w->arena, &w->items);
        Bounds *bounds_of_item = vec_add(w->arena, &w->bounds);
        double least = fmin(least_positive(a, n_a), least_positive(b, n_b));
        const double *above_a = a, *above_b = b;

        if (!item || !bounds_of_item)
                return fail(err, ERR_LIMIT, "more than %d metrics to compare", MOST_ROWS);
        if (isfinite(least)) {
                above_a = without_zeros(a, n_a, least, w->arena);
                above_b = without_zeros(b, n_b, least, w->arena);
        }
        if (!above_a || !above_b)
                return fail_too_large(err);
        *item = (MetricChange){ .metric = metric,
                                .subject = subject,
                                .a = median_of(a, n_a, w->arena),
                                .b = median_of(b, n_b, w->arena),
                                .effect = effect_of(w, above_a, n_a, above_b, n_b, bounds) };
        *bounds_of_item = bounds;
        return 0;
}

ChangeVerdict comparison_verdict(const MetricChange *items, size_t n)
{
        size_t counts[CHANGE_UNKNOWN + 1] = { 0 };

        for (size_t i = 0; i < n; i++)
                counts[items[i].verdict]++;
        if (counts[CHANGE_SLOWER])
                return CHANGE_SLOWER;
        if (counts[CHANGE_FASTER])
                return CHANGE_FASTER;
        return n && counts[CHANGE_SAME] == n ? CHANGE_SAME : CHANGE_UNKNOWN;
}

/* Holm over all rows, then each row's answer at its own smallest effect. */
static void judge_all(Work *w)
{
        double *p = new (w->arena, double, w->items.len);

        for (size_t i = 0; i < w->items.len; i++)
                p[i] = w->items.items[i].effect.p;
        holm_adjust(p, w->items.len, w->arena);
        for (size_t i = 0; i < w->items.len; i++) {
                MetricChange *item = &w->items.items[i];
                EffectPlan plan = effect_plan(w, w->bounds.items[i]);
                bool zeros = item->effect.answer == EFFECT_SAME && item->a == 0 && item->b == 0;

                item->adjusted_p = p[i];
                item->effect.answer = zeros ? EFFECT_SAME : effect_judge(&item->effect, p[i], plan);
                item->verdict =
                        change_verdict(item->effect.answer, metric_def(item->metric)->direction);
        }
}

static Comparison work_end(Work *w, size_t n_a, size_t n_b, Span caveat)
{
        judge_all(w);
        return (Comparison){ .items = w->items.items,
                             .len = w->items.len,
                             .paired = w->plan.paired,
                             .n_a = n_a,
                             .n_b = n_b,
                             .verdict = comparison_verdict(w->items.items, w->items.len),
                             .caveat = caveat };
}

int compare_blocks(const BlockRow *rows, size_t n_rows, size_t n_blocks, const ComparePlan *plan,
                   Arena *arena, Comparison *ret, Error *err)
{
        Work w = work_begin(plan, arena);

        w.plan.paired = true;
        for (size_t i = 0; i < n_rows; i++) {
                Bounds bounds = plan_bounds(&w);
                int r;

                if (rows[i].tolerance > 0)
                        bounds.tolerance = rows[i].tolerance;
                r = add_item(&w, rows[i].metric, rows[i].subject, rows[i].a, n_blocks, rows[i].b,
                             n_blocks, bounds, err);

                if (r < 0)
                        return r;
        }
        *ret = work_end(&w, n_blocks, n_blocks, (Span){ 0 });
        return 0;
}

int compare_sets(const SetRow *rows, size_t n_rows, const ComparePlan *plan, Arena *arena,
                 Comparison *ret, Error *err)
{
        Work w = work_begin(plan, arena);
        bool all_paired = n_rows > 0;

        for (size_t i = 0; i < n_rows; i++) {
                const SetRow *row = &rows[i];
                Bounds bounds = plan_bounds(&w);
                int r;

                bounds.min_effect = fmax(row->min_effect, bounds.min_effect);
                if (row->tolerance > 0)
                        bounds.tolerance = row->tolerance;
                w.plan.paired = row->paired;
                all_paired &= row->paired;
                r = add_item(&w, row->metric, row->subject, row->a, row->n_a, row->b, row->n_b,
                             bounds, err);
                if (r < 0)
                        return r;
        }
        w.plan.paired = all_paired;
        *ret = work_end(&w, n_rows ? rows[0].n_a : 0, n_rows ? rows[0].n_b : 0, (Span){ 0 });
        return 0;
}

/* The two sides of a comparison of runs. */
typedef struct Sides {
        Run *const *a, *const *b;
        size_t n_a, n_b;
} Sides;

/* Values of one metric over runs; false when a run lacks it. */
static bool values_of(Run *const *runs, size_t n, MetricId metric, Span subject, double *ret)
{
        for (size_t i = 0; i < n; i++) {
                ret[i] = recording_get(runs[i]->recording, metric, subject);
                if (isnan(ret[i]))
                        return false;
        }
        return true;
}

static int add_by_runs(Work *w, const Sides *s, MetricId metric, Span subject, Error *err)
{
        double *va = new (w->arena, double, s->n_a), *vb = new (w->arena, double, s->n_b);

        if (!values_of(s->a, s->n_a, metric, subject, va) ||
            !values_of(s->b, s->n_b, metric, subject, vb))
                return 0;
        return add_item(w, metric, subject, va, s->n_a, vb, s->n_b, plan_bounds(w), err);
}

static int add_by_samples(Work *w, const Sides *s, MetricId metric, Span subject, Error *err)
{
        Side side_a = { 0 }, side_b = { 0 };
        Bounds bounds = plan_bounds(w);
        double least;
        int r = side_read(s->a, s->n_a, metric, subject, w->arena, &side_a, err);

        if (r == 0)
                r = side_read(s->b, s->n_b, metric, subject, w->arena, &side_b, err);
        if (r < 0 || side_a.len == 0 || side_b.len == 0)
                return r;
        least = w->plan.single_run_floor < 0
                        ? 0
                        : fmax(w->plan.single_run_floor, fmax(side_a.drift, side_b.drift));
        bounds.min_effect = fmax(bounds.min_effect, least);
        return add_item(w, metric, subject, side_a.values, side_a.len, side_b.values, side_b.len,
                        bounds, err);
}

static int add_by_blocks(Work *w, const Sides *s, MetricId metric, Span subject, Error *err)
{
        Pairs pairs = { 0 };
        int r = pairs_read(s->a[0], s->b[0], metric, subject, w->arena, &pairs, err);

        if (r < 0 || pairs.len == 0)
                return r;
        return add_item(w, metric, subject, pairs.a, pairs.len, pairs.b, pairs.len, plan_bounds(w),
                        err);
}

/* What the samples of a comparison of runs are. */
typedef struct Design {
        int (*add)(Work *w, const Sides *s, MetricId metric, Span subject, Error *err);
        bool paired, trusted; /* trusted: sees how runs differ from run to run */
} Design;

static const Design by_runs = { add_by_runs, false, true };
static const Design by_run_pairs = { add_by_runs, true, true };
static const Design by_blocks = { add_by_blocks, true, true };
static const Design by_samples = { add_by_samples, false, false };

static const Design *design_of(const Work *w, const Sides *s)
{
        if (s->n_a == 1 && s->n_b == 1 && runs_are_interleaved(s->a[0], s->b[0]))
                return &by_blocks;
        if (w->plan.paired)
                return &by_run_pairs;
        return MIN(s->n_a, s->n_b) >= RUNS_AS_SAMPLES ? &by_runs : &by_samples;
}

/* Subjects of the metric that the first run of a has; every row is compared on its own. */
static int add_metric(Work *w, const Design *design, const Sides *s, MetricId metric, Error *err)
{
        const Recording *first = s->a[0]->recording;

        for (size_t i = 0; i < first->values.len; i++) {
                const MetricValue *v = &first->values.items[i];
                int r = v->metric == metric ? design->add(w, s, metric, v->subject, err) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* What the runs themselves say against the comparison. */
typedef struct Doubts {
        bool other_machine, unreliable, partial;
        size_t one_sided; /* rows of a default metric that only one side has */
} Doubts;

static void add_doubts(Doubts *d, Span machine, Run *const *runs, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                d->other_machine |= !span_eq(machine, runs[i]->fingerprint.machine_id);
                d->unreliable |= runs[i]->noise.verdict == NOISE_UNRELIABLE;
                d->partial |= runs[i]->recording->partial;
        }
}

static bool is_looked_at(const Work *w, MetricId metric)
{
        for (size_t i = 0; i < w->plan.n_metrics; i++)
                if (w->plan.metrics[i] == metric)
                        return true;
        return false;
}

static size_t only_here(const Work *w, const Run *here, const Run *there)
{
        size_t n = 0;

        vec_each (const MetricValue, v, &here->recording->values)
                n += is_looked_at(w, v->metric) &&
                     !recording_find(there->recording, v->metric, v->subject);
        return n;
}

static void say_few_runs(const Work *w, Buf *text)
{
        if (w->plan.single_run_floor < 0)
                buf_text(text,
                         "Fewer than four runs a side, taken as they are: what changed on the "
                         "machine between them counts as a change. ");
        else
                buf_printf(text,
                           "Fewer than %d runs a side: how runs differ from run to run cannot be "
                           "seen, so only changes above %.0f %% and the runs' own drift count. "
                           "For a sure answer measure both side by side (hone ab). ",
                           RUNS_AS_SAMPLES, w->plan.single_run_floor * 100);
}

static Span caveat_of(const Work *w, const Design *design, const Doubts *doubts)
{
        Buf text = buf_in(w->arena, KiB(2));

        if (!design->trusted)
                say_few_runs(w, &text);
        if (doubts->other_machine)
                buf_text(&text, "The runs were measured on different machines. ");
        if (doubts->unreliable)
                buf_printf(&text, "A run was measured on a machine too busy to trust%s. ",
                           design->trusted ? "" : ": no change is called real from so few");
        if (doubts->partial)
                buf_text(&text, "A run was interrupted. ");
        if (doubts->one_sided)
                buf_printf(&text, "%zu result%s of one side %s not in the other. ",
                           doubts->one_sided, doubts->one_sided == 1 ? "" : "s",
                           doubts->one_sided == 1 ? "is" : "are");
        return span_trim(buf_span(&text));
}

static Doubts doubts_of(const Work *w, const Sides *s)
{
        Doubts doubts = { 0 };

        add_doubts(&doubts, s->a[0]->fingerprint.machine_id, s->a, s->n_a);
        add_doubts(&doubts, s->a[0]->fingerprint.machine_id, s->b, s->n_b);
        doubts.one_sided = only_here(w, s->a[0], s->b[0]) + only_here(w, s->b[0], s->a[0]);
        return doubts;
}

static int check_sides(const Work *w, const Sides *s, Error *err)
{
        if (s->n_a == 0 || s->n_b == 0)
                return fail(err, ERR_USAGE, "each side of a comparison needs a run");
        if (w->plan.paired && s->n_a != s->n_b)
                return fail(err, ERR_USAGE,
                            "a paired comparison needs as many runs on one side as "
                            "on the other, not %zu and %zu",
                            s->n_a, s->n_b);
        return 0;
}

int compare_runs(Run *const *a, size_t n_a, Run *const *b, size_t n_b, const ComparePlan *plan,
                 Arena *arena, Comparison *ret, Error *err)
{
        Work w = work_begin(plan, arena);
        Sides sides = { a, b, n_a, n_b };
        const Design *design;
        Doubts doubts;
        int r = check_sides(&w, &sides, err);

        if (r < 0)
                return r;
        design = design_of(&w, &sides);
        doubts = doubts_of(&w, &sides);
        w.plan.paired = design->paired;
        if (!design->trusted && doubts.unreliable)
                w.plan.min_effect = INFINITY;
        for (size_t m = 0; m < w.plan.n_metrics && r == 0; m++)
                r = add_metric(&w, design, &sides, w.plan.metrics[m], err);
        if (r < 0)
                return r;
        if (w.items.len == 0 && !plan->may_be_empty) {
                fail(err, ERR_USAGE, "the sides have no metric in common to compare");
                return fail_hint(err, "compare runs of the same instrument and target");
        }
        if (design == &by_blocks && w.items.len)
                n_a = n_b = w.items.items[0].effect.n_a;
        *ret = work_end(&w, n_a, n_b, caveat_of(&w, design, &doubts));
        return 0;
}
