#include "analysis/compare.h"

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

/* A comparison being made. */
typedef struct Work {
        ComparePlan plan; /* with its defaults filled in */
        Arena *arena;
        VEC(MetricChange) items;
        VEC(double) min_effects; /* of each item: the plan's, or more for single runs */
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
                       .min_effects = VEC_INIT(MOST_ROWS) };
}

static EffectPlan effect_plan(const Work *w, double min_effect)
{
        return (EffectPlan){ .alpha = w->plan.alpha,
                             .min_effect = min_effect,
                             .tolerance = w->plan.tolerance };
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
                        double min_effect)
{
        EffectPlan plan = effect_plan(w, min_effect);

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
                    const double *b, size_t n_b, double min_effect, Error *err)
{
        MetricChange *item = vec_add(w->arena, &w->items);
        double *floor_of_item = vec_add(w->arena, &w->min_effects);
        double least = fmin(least_positive(a, n_a), least_positive(b, n_b));
        const double *above_a = a, *above_b = b;

        if (!item || !floor_of_item)
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
                                .effect = effect_of(w, above_a, n_a, above_b, n_b, min_effect) };
        *floor_of_item = min_effect;
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
                EffectPlan plan = effect_plan(w, w->min_effects.items[i]);
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
                int r = add_item(&w, rows[i].metric, rows[i].subject, rows[i].a, n_blocks,
                                 rows[i].b, n_blocks, w.plan.min_effect, err);

                if (r < 0)
                        return r;
        }
        *ret = work_end(&w, n_blocks, n_blocks, (Span){ 0 });
        return 0;
}

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

static int add_by_runs(Work *w, Run *const *a, size_t n_a, Run *const *b, size_t n_b,
                       MetricId metric, Span subject, Error *err)
{
        double *va = new (w->arena, double, n_a), *vb = new (w->arena, double, n_b);

        if (!values_of(a, n_a, metric, subject, va) || !values_of(b, n_b, metric, subject, vb))
                return 0;
        return add_item(w, metric, subject, va, n_a, vb, n_b, w->plan.min_effect, err);
}

static int add_by_steps(Work *w, Run *const *a, size_t n_a, Run *const *b, size_t n_b,
                        MetricId metric, Span subject, Error *err)
{
        Side side_a = { 0 }, side_b = { 0 };
        double least;
        int r = side_read(a, n_a, metric, subject, w->arena, &side_a, err);

        if (r == 0)
                r = side_read(b, n_b, metric, subject, w->arena, &side_b, err);
        if (r < 0 || side_a.len == 0 || side_b.len == 0)
                return r;
        least = w->plan.single_run_floor < 0
                        ? 0
                        : fmax(w->plan.single_run_floor, fmax(side_a.drift, side_b.drift));
        return add_item(w, metric, subject, side_a.values, side_a.len, side_b.values, side_b.len,
                        fmax(w->plan.min_effect, least), err);
}

/* Subjects of the metric that the first run of a has; every row is compared on its own. */
static int add_metric(Work *w, Run *const *a, size_t n_a, Run *const *b, size_t n_b,
                      MetricId metric, bool by_runs, Error *err)
{
        const Recording *first = a[0]->recording;

        for (size_t i = 0; i < first->values.len; i++) {
                const MetricValue *v = &first->values.items[i];
                int r;

                if (v->metric != metric)
                        continue;
                r = by_runs ? add_by_runs(w, a, n_a, b, n_b, metric, v->subject, err)
                            : add_by_steps(w, a, n_a, b, n_b, metric, v->subject, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What the runs themselves say against the comparison. */
typedef struct Doubts {
        bool other_machine, unreliable, partial;
} Doubts;

static void add_doubts(Doubts *d, Span machine, Run *const *runs, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                d->other_machine |= !span_eq(machine, runs[i]->fingerprint.machine_id);
                d->unreliable |= runs[i]->noise.verdict == NOISE_UNRELIABLE;
                d->partial |= runs[i]->recording->partial;
        }
}

static Span caveat_of(const Work *w, const Doubts *doubts, bool by_runs)
{
        Buf text = buf_in(w->arena, KiB(2));

        if (!by_runs && w->plan.single_run_floor < 0)
                buf_text(&text,
                         "Fewer than four runs a side, taken as they are: what changed on the "
                         "machine between them counts as a change. ");
        else if (!by_runs)
                buf_printf(&text,
                           "Fewer than %d runs a side: how runs differ from run to run cannot be "
                           "seen, so only changes above %.0f %% and the runs' own drift count. "
                           "For a sure answer measure both side by side several times (hone "
                           "loop). ",
                           RUNS_AS_SAMPLES, w->plan.single_run_floor * 100);
        if (doubts->other_machine)
                buf_text(&text, "The runs were measured on different machines. ");
        if (doubts->unreliable)
                buf_printf(&text, "A run was measured on a machine too busy to trust%s. ",
                           by_runs ? "" : ": no change is called real from so few");
        if (doubts->partial)
                buf_text(&text, "A run was interrupted. ");
        return span_trim(buf_span(&text));
}

int compare_runs(Run *const *a, size_t n_a, Run *const *b, size_t n_b, const ComparePlan *plan,
                 Arena *arena, Comparison *ret, Error *err)
{
        Work w = work_begin(plan, arena);
        Doubts doubts = { 0 };
        bool by_runs;

        if (n_a == 0 || n_b == 0)
                return fail(err, ERR_USAGE, "each side of a comparison needs a run");
        if (w.plan.paired && n_a != n_b)
                return fail(err, ERR_USAGE,
                            "a paired comparison needs as many runs on one side as "
                            "on the other, not %zu and %zu",
                            n_a, n_b);
        by_runs = w.plan.paired || MIN(n_a, n_b) >= RUNS_AS_SAMPLES;
        add_doubts(&doubts, a[0]->fingerprint.machine_id, a, n_a);
        add_doubts(&doubts, a[0]->fingerprint.machine_id, b, n_b);
        if (!by_runs && doubts.unreliable)
                w.plan.min_effect = INFINITY;
        for (size_t m = 0; m < w.plan.n_metrics; m++) {
                int r = add_metric(&w, a, n_a, b, n_b, w.plan.metrics[m], by_runs, err);

                if (r < 0)
                        return r;
        }
        if (w.items.len == 0) {
                fail(err, ERR_USAGE, "the sides have no metric in common to compare");
                return fail_hint(err, "compare runs of the same instrument and target");
        }
        *ret = work_end(&w, n_a, n_b, caveat_of(&w, &doubts, by_runs));
        return 0;
}
