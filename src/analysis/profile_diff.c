#include "analysis/profile_diff_int.h"

#include <math.h>
#include <stdlib.h>

#define DEFAULT_ALPHA 0.05
#define DEFAULT_TOLERANCE 0.02
#define DEFAULT_MIN_SHARE 0.005

/* A diff being made: what is known of each run, sides one after the other. */
typedef struct Work {
        ProfileDiff *d;
        const DiffSide *a, *b;
        Arena *scratch;
        size_t n; /* runs of both */
        DiffView *views;
        double *weights, *samples; /* [run] */
        double *scales, *absolute; /* [run]: from weight to the basis, to the absolute columns */
} Work;

static const Run *run_at(const Work *w, size_t i)
{
        return i < w->a->len ? w->a->runs[i] : w->b->runs[i - w->a->len];
}

static double requests_per_s(const Work *w, size_t i)
{
        const DiffSide *side = i < w->a->len ? w->a : w->b;

        return side->requests_per_s ? side->requests_per_s[i - (side == w->b ? w->a->len : 0)]
                                    : (double)NAN;
}

static DiffPlan with_defaults(const DiffPlan *plan)
{
        DiffPlan p = *plan;

        p.alpha = p.alpha > 0 ? p.alpha : DEFAULT_ALPHA;
        p.tolerance = p.tolerance > 0 ? p.tolerance : DEFAULT_TOLERANCE;
        p.min_share = p.min_share > 0 ? p.min_share : DEFAULT_MIN_SHARE;
        return p;
}

static int check_run(const Work *w, size_t i, Error *err)
{
        const Run *run = run_at(w, i), *first = run_at(w, 0);
        const Profile *p = run->recording->profile;
        const Profile *q = first->recording->profile;
        unsigned long long id = run->id;

        if (!p || p->total_weight == 0) {
                fail(err, ERR_UNAVAILABLE, "run %llu has no samples to compare", id);
                return fail_hint(err, "hone show %llu says why", id);
        }
        if (p->unit != q->unit || !span_eq(span_of(p->event), span_of(q->event)))
                return fail(err, ERR_USAGE,
                            "run %llu counts %s in %s, run %llu counts %s in %s: they cannot be "
                            "compared",
                            (unsigned long long)first->id, q->event, unit_name(q->unit), id,
                            p->event, unit_name(p->unit));
        return 0;
}

static int check_sides(const Work *w, Error *err)
{
        if (w->a->len == 0 || w->b->len == 0)
                return fail(err, ERR_USAGE, "each side of a diff needs a profile");
        if (w->n > DIFF_MOST_RUNS)
                return fail(err, ERR_LIMIT, "more than %d profiles at once", DIFF_MOST_RUNS);
        for (size_t i = 0; i < w->n; i++) {
                int r = check_run(w, i, err);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int view_all(Work *w, Error *err)
{
        w->views = new (w->scratch, DiffView, w->n);
        for (size_t i = 0; i < w->n; i++) {
                const Profile *p = run_at(w, i)->recording->profile;
                int r = diff_view(w->d, p, w->scratch, &w->views[i], err);

                if (r < 0)
                        return r;
        }
        return 0;
}

static Unit absolute_unit(Unit unit, DiffBasis basis)
{
        if (basis == DIFF_REQUEST)
                return unit;
        return unit == UNIT_NS ? UNIT_CORES : unit == UNIT_BYTES ? UNIT_BYTES_PER_S : UNIT_PER_S;
}

/* What one unit of weight is in the absolute columns: per second, or per request. */
static double absolute_scale(const Work *w, size_t i)
{
        double window_ns = (double)w->views[i].profile->duration_ns;
        double window_s = window_ns / (double)NS_PER_S;

        if (!(window_ns > 0))
                return NAN;
        if (w->d->plan.basis == DIFF_REQUEST)
                return 1 / (requests_per_s(w, i) * window_s);
        return w->d->unit == UNIT_NS ? 1 / window_ns : 1 / window_s;
}

static int missing_basis(const Work *w, size_t i, Error *err)
{
        unsigned long long id = run_at(w, i)->id;

        if (w->d->plan.basis == DIFF_TIME) {
                fail(err, ERR_USAGE, "run %llu does not know how long it was profiled", id);
                return fail_hint(err, "compare shares: --by share");
        }
        fail(err, ERR_USAGE, "run %llu has no load run of its group that counted requests", id);
        return fail_hint(err, "profile under load with 'hone diagnose', or compare --by share");
}

static int scale_all(Work *w, Error *err)
{
        double whole = 0;

        w->weights = new (w->scratch, double, w->n);
        w->samples = new (w->scratch, double, w->n);
        w->scales = new (w->scratch, double, w->n);
        w->absolute = new (w->scratch, double, w->n);
        for (size_t i = 0; i < w->n; i++) {
                const Profile *p = w->views[i].profile;

                vec_each (ProfileNode, node, &p->nodes)
                        w->samples[i] += (double)node->self_samples;
                w->weights[i] = (double)p->total_weight;
                w->absolute[i] = absolute_scale(w, i);
                if (w->d->plan.basis != DIFF_SHARE &&
                    !(w->absolute[i] > 0 && isfinite(w->absolute[i])))
                        return missing_basis(w, i, err);
                if (i < w->a->len)
                        whole += w->weights[i] * w->absolute[i] / (double)w->a->len;
        }
        for (size_t i = 0; i < w->n; i++)
                w->scales[i] =
                        w->d->plan.basis == DIFF_SHARE ? 1 / w->weights[i] : w->absolute[i] / whole;
        return 0;
}

typedef struct Candidate {
        DiffRow row;
        double pooled;
} Candidate;

typedef VEC(Candidate) Candidates;

/* Mean over all runs, whatever the side: what decides which rows are looked at. */
static int pooled_sums(Work *w, DiffSums *sums, DiffSums *pooled, Error *err)
{
        int r = diff_sums_new(w->d, w->scratch, sums, err);

        if (r == 0)
                r = diff_sums_new(w->d, w->scratch, pooled, err);
        for (size_t i = 0; r == 0 && i < w->n; i++) {
                double scale = w->scales[i] / (double)w->n;

                diff_sums_fill(w->d, &w->views[i], NULL, sums);
                for (size_t k = 0; k < w->d->paths.len; k++)
                        pooled->path[k] += sums->path[k] * scale;
                for (size_t k = 0; k < w->d->functions.len; k++) {
                        pooled->self[k] += sums->self[k] * scale;
                        pooled->total[k] += sums->total[k] * scale;
                }
        }
        return r;
}

static void consider(Work *w, Candidates *all, const DiffSums *pooled, double least, DiffRow row)
{
        double value = diff_sums_of(pooled, &row);
        Candidate *c = value >= least ? vec_add(w->scratch, all) : NULL;

        if (c)
                *c = (Candidate){ row, value };
}

static int by_pooled(const void *a, const void *b)
{
        const Candidate *x = a, *y = b;

        if (x->pooled != y->pooled)
                return x->pooled > y->pooled ? -1 : 1;
        if (x->row.measure != y->row.measure)
                return x->row.measure < y->row.measure ? -1 : 1;
        if (x->row.function != y->row.function)
                return x->row.function < y->row.function ? -1 : 1;
        return x->row.path < y->row.path ? -1 : x->row.path > y->row.path;
}

/* The root says something only where its share is not always one. */
static int choose_rows(Work *w, Error *err)
{
        ProfileDiff *d = w->d;
        double few = (double)MIN(w->a->len, w->b->len);
        double least = d->plan.min_share * few / (double)w->n;
        Candidates all = VEC_INIT(d->paths.len + 2 * d->functions.len);
        DiffSums sums, pooled;
        int r = pooled_sums(w, &sums, &pooled, err);

        if (r < 0)
                return r;
        for (uint32_t i = 0; i < d->functions.len; i++) {
                consider(w, &all, &pooled, least, (DiffRow){ .measure = DIFF_SELF, .function = i });
                consider(w, &all, &pooled, least,
                         (DiffRow){ .measure = DIFF_TOTAL, .function = i });
        }
        for (uint32_t i = d->plan.basis == DIFF_SHARE; i < d->paths.len; i++)
                consider(w, &all, &pooled, least,
                         (DiffRow){ .measure = DIFF_PATH,
                                    .function = d->paths.items[i].function,
                                    .path = i });
        if (all.len)
                qsort(all.items, all.len, sizeof(*all.items), by_pooled);
        d->rows.ceiling = DIFF_MOST_ROWS;
        for (size_t i = 0; i < all.len; i++) {
                DiffRow *row = vec_add(d->arena, &d->rows);

                if (row)
                        *row = all.items[i].row;
                else
                        d->left_out++;
        }
        return 0;
}

/* The mean of the runs that a side has, and of their absolute numbers. */
static void average(Work *w, DiffMatrix *m)
{
        for (size_t k = 0; k < w->d->rows.len; k++) {
                DiffRow *row = &w->d->rows.items[k];

                for (size_t i = 0; i < w->n; i++) {
                        double value = m->values[k * w->n + i];
                        double absolute = value / w->scales[i] * w->absolute[i];

                        m->pooled[k] += value / (double)w->n;
                        if (i < m->n_a) {
                                row->a += value / (double)m->n_a;
                                row->absolute_a += absolute / (double)m->n_a;
                        } else {
                                row->b += value / (double)m->n_b;
                                row->absolute_b += absolute / (double)m->n_b;
                        }
                }
                row->change = row->b - row->a;
        }
}

static int fill_matrix(Work *w, DiffMatrix *m, Error *err)
{
        ProfileDiff *d = w->d;
        double *exposure = new (w->scratch, double, w->n);
        DiffSums sums;
        int r = diff_sums_new(d, w->scratch, &sums, err);

        m->n_a = w->a->len;
        m->n_b = w->b->len;
        m->values = new_try(w->scratch, double, d->rows.len * w->n);
        m->pooled = new_try(w->scratch, double, d->rows.len);
        if (r < 0 || !m->values || !m->pooled)
                return r < 0 ? r : fail(err, ERR_LIMIT, "%zu rows do not fit", d->rows.len);
        for (size_t i = 0; i < w->n; i++) {
                diff_sums_fill(d, &w->views[i], NULL, &sums);
                for (size_t k = 0; k < d->rows.len; k++)
                        m->values[k * w->n + i] =
                                diff_sums_of(&sums, &d->rows.items[k]) * w->scales[i];
                exposure[i] = w->samples[i] / (w->weights[i] * w->scales[i]);
        }
        m->samples = exposure;
        average(w, m);
        return 0;
}

static DiffCoverage coverage_of(const Work *w, const DiffSide *side, size_t first)
{
        DiffCoverage c = { .runs = side->len, .clumps = NAN };

        for (size_t i = 0; i < side->len; i++) {
                const Profile *p = side->runs[i]->recording->profile;

                c.samples += p->quality.samples;
                c.truncated += p->quality.truncated;
                c.lost += p->quality.lost;
                c.dropped += p->quality.dropped;
                c.window_ns += p->duration_ns;
                c.total += w->weights[first + i] * w->absolute[first + i] / (double)side->len;
        }
        return c;
}

double diff_chance(DiffBasis basis, double share)
{
        return basis == DIFF_SHARE ? share * fmax(1 - share, 0) : share;
}

static bool within(Interval i, double bound)
{
        return i.low >= -bound && i.high <= bound;
}

static DiffClass class_of(const DiffRow *row, const DiffPlan *plan)
{
        bool sure = row->p <= plan->alpha;

        if (sure && row->interval.low > 0)
                return row->a > 0 ? DIFF_IS_GREW : DIFF_IS_NEW;
        if (sure && row->interval.high < 0)
                return row->b > 0 ? DIFF_IS_SHRANK : DIFF_IS_VANISHED;
        return within(row->equivalence, plan->tolerance) ? DIFF_IS_SAME : DIFF_IS_UNKNOWN;
}

static bool is_changed(DiffClass class)
{
        return class != DIFF_IS_SAME && class != DIFF_IS_UNKNOWN;
}

/* Changed ones first, then those of which nothing can be said, then what stayed the same. */
static int by_interest(const void *a, const void *b)
{
        const DiffRow *x = a, *y = b;
        int group_x = is_changed(x->class) ? 0 : x->class == DIFF_IS_UNKNOWN ? 1 : 2;
        int group_y = is_changed(y->class) ? 0 : y->class == DIFF_IS_UNKNOWN ? 1 : 2;
        double size_x = group_x ? fmax(x->a, x->b) : fabs(x->change);
        double size_y = group_y ? fmax(y->a, y->b) : fabs(y->change);

        if (group_x != group_y)
                return group_x - group_y;
        if (size_x != size_y)
                return size_x > size_y ? -1 : 1;
        if (x->function != y->function)
                return x->function < y->function ? -1 : 1;
        return x->path < y->path ? -1 : x->path > y->path;
}

/* Whether growth beyond the tolerance is sure, ruled out, or neither. */
static GateVerdict verdict_of(const ProfileDiff *d)
{
        GateVerdict verdict = GATE_PASS;

        vec_each (const DiffRow, row, &d->rows) {
                bool grew = row->class == DIFF_IS_GREW || row->class == DIFF_IS_NEW;

                if (grew && row->change > d->plan.tolerance)
                        return GATE_FAIL;
                if (row->class == DIFF_IS_UNKNOWN && !(row->equivalence.high <= d->plan.tolerance))
                        verdict = GATE_INCONCLUSIVE;
        }
        return d->rows.len ? verdict : GATE_INCONCLUSIVE;
}

static void classify(ProfileDiff *d)
{
        vec_each (DiffRow, row, &d->rows) {
                row->class = class_of(row, &d->plan);
                d->counts[row->class]++;
        }
        if (d->rows.len)
                qsort(d->rows.items, d->rows.len, sizeof(*d->rows.items), by_interest);
        for (uint32_t i = 0; i < d->rows.len; i++)
                if (d->rows.items[i].measure == DIFF_PATH)
                        d->paths.items[d->rows.items[i].path].row = i;
        d->verdict = verdict_of(d);
}

static void add_doubts(const Work *w, Buf *text)
{
        bool machine = false, busy = false, partial = false, lost = false;

        for (size_t i = 0; i < w->n; i++) {
                const Run *run = run_at(w, i);
                const ProfileQuality *q = &run->recording->profile->quality;

                machine |=
                        !span_eq(run->fingerprint.machine_id, run_at(w, 0)->fingerprint.machine_id);
                busy |= run->noise.verdict == NOISE_UNRELIABLE;
                partial |= run->recording->partial;
                lost |= (q->lost + q->dropped) * 100 > q->samples;
        }
        if (machine)
                buf_text(text, "The profiles are of different machines. ");
        if (busy)
                buf_text(text, "A profile was taken on a busy machine: others' work can move "
                               "shares too. ");
        if (partial)
                buf_text(text, "A profile was interrupted. ");
        if (lost)
                buf_text(text, "A profile lost more than 1 % of its samples. ");
}

static Span caveat_of(const Work *w)
{
        Buf text = buf_in(w->d->arena, KiB(2));

        if (!w->d->by_runs)
                buf_printf(&text,
                           "Fewer than %d profiles a side: how profiles differ from run to run "
                           "cannot be seen, so shares are taken to wander by %.0f %%, and %.1f "
                           "samples of one run to say as much as one. For a sure answer take %d "
                           "or more a side: hone profile --repeat. ",
                           DIFF_RUNS_AS_SAMPLES, w->d->wander * 100, w->d->a.clumps,
                           DIFF_RUNS_AS_SAMPLES);
        else if (!(2.0 / (double)w->d->ways <= w->d->plan.alpha))
                buf_text(&text, "So few profiles can never reach this alpha. ");
        add_doubts(w, &text);
        return span_trim(buf_span(&text));
}

static int judge(Work *w, Error *err)
{
        ProfileDiff *d = w->d;
        DiffMatrix m = { 0 };
        int r = fill_matrix(w, &m, err);

        if (r < 0)
                return r;
        d->a = coverage_of(w, w->a, 0);
        d->b = coverage_of(w, w->b, w->a->len);
        d->by_runs = MIN(m.n_a, m.n_b) >= DIFF_RUNS_AS_SAMPLES;
        d->wander = NAN;
        if (d->by_runs) {
                r = diff_judge_runs(d, &m, w->scratch, err);
        } else {
                r = diff_clumps(d, w->views, w->n, w->scratch, &m.clumps, err);
                if (r == 0)
                        diff_judge_samples(d, &m, w->scratch);
        }
        if (r < 0)
                return r;
        classify(d);
        d->caveat = caveat_of(w);
        return 0;
}

int profile_diff(const DiffSide *a, const DiffSide *b, const DiffPlan *plan, Arena *arena,
                 ProfileDiff *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(4));
        ProfileDiff d = { .arena = arena, .plan = with_defaults(plan) };
        Work w = { .d = &d, .a = a, .b = b, .scratch = scratch, .n = a->len + b->len };
        int r = check_sides(&w, err);

        if (r < 0)
                return r;
        d.unit = run_at(&w, 0)->recording->profile->unit;
        d.absolute = absolute_unit(d.unit, d.plan.basis);
        r = view_all(&w, err);
        if (r == 0)
                r = scale_all(&w, err);
        if (r == 0)
                r = choose_rows(&w, err);
        if (r == 0)
                r = judge(&w, err);
        if (r < 0)
                return fail_while(err, "comparing profiles");
        *ret = d;
        return 0;
}

const char *diff_class_name(DiffClass class)
{
        static const char *const names[] = {
#define X(id, name, answer) name,
                DIFF_CLASSES(X)
#undef X
        };

        return names[class];
}

const char *diff_class_answer(DiffClass class)
{
        static const char *const answers[] = {
#define X(id, name, answer) answer,
                DIFF_CLASSES(X)
#undef X
        };

        return answers[class];
}

const char *diff_basis_name(DiffBasis basis)
{
        static const char *const names[] = {
#define X(id, name) name,
                DIFF_BASES(X)
#undef X
        };

        return names[basis];
}
