#include "analysis/diagnose.h"

#include <math.h>

#include "analysis/rank.h"
#include "analysis/rule.h"

#define MOST_FINDINGS 1000
#define MOST_GAPS 1000

/* What is known when rules are tried. */
typedef struct Facts {
        const Evidence *evidence;
        Arena *arena;
        Diagnosis *result;
        VEC(Finding) findings;
        OwnerTable owners;
        bool *owner_spoken_for; /* a rule has already told about this owner */
        Pattern *patterns;
        size_t n_patterns;
        double cpu_per_request_ns, throughput, median_ns;
        bool cpu_saturated;
} Facts;

/* What fills the placeholders of one finding. */
typedef struct Fill {
        const OwnerCost *owner;
        const Pattern *pattern;
        Span subject;
        double share, value, impact_ns, frequency_per_s;
        Unit value_unit;
} Fill;

static void gap(Facts *f, const Rule *rule, const char *why)
{
        Span *slot = vec_add(f->arena, &f->result->not_examined);

        if (slot)
                *slot = span_of(arena_printf(f->arena, "%.*s: %s", SPAN_ARG(rule->id), why));
}

static const Recording *recording_in(const Facts *f, RuleScope scope)
{
        const Recording *const of[SCOPE_COUNT_] = { [SCOPE_LOAD] = f->evidence->load,
                                                    [SCOPE_SYSTEM] = f->evidence->system,
                                                    [SCOPE_PROFILE] = f->evidence->profile };

        return of[scope];
}

static double metric_in(const Recording *rec, MetricId metric)
{
        return rec ? recording_get(rec, metric, (Span){ 0 }) : NAN;
}

/* CPU time of the target per request: what an owner's share is a share of. */
static double cpu_per_request(const Evidence *e)
{
        double measured = metric_in(e->system, METRIC_CPU_PER_REQUEST);
        double cores = metric_in(e->system, METRIC_CPU);
        double rate = metric_in(e->load, METRIC_THROUGHPUT);

        if (!isnan(measured))
                return measured;
        return rate > 0 ? cores * 1e9 / rate : NAN;
}

static Facts facts_of(const Evidence *e, Arena *arena, Diagnosis *result)
{
        const Profile *p = e->profile ? e->profile->profile : NULL;
        Facts f = { .evidence = e,
                    .arena = arena,
                    .result = result,
                    .findings = VEC_INIT(MOST_FINDINGS),
                    .throughput = metric_in(e->load, METRIC_THROUGHPUT),
                    .median_ns = metric_in(e->load, METRIC_LATENCY_P50),
                    .cpu_per_request_ns = cpu_per_request(e) };

        if (e->system) {
                result->use = use_table(e->system, arena);
                f.cpu_saturated = result->use.rows[RESOURCE_CPU].saturated ||
                                  result->use.rows[RESOURCE_TARGET_CPU].saturated;
        }
        if (p && p->total_weight) {
                f.owners = owner_costs(p, e->executable, arena);
                f.owner_spoken_for = new (arena, bool, f.owners.len);
                f.n_patterns = pattern_find(p, arena, &f.patterns);
        }
        return f;
}

static void put_percent(Buf *out, double share)
{
        unit_format(out, UNIT_RATIO, share);
}

/* The placeholders and what each writes. */
static void put_function(Buf *out, const Fill *fill)
{
        if (fill->owner)
                buf_add(out, fill->owner->function);
        else if (fill->pattern)
                buf_add(out, fill->pattern->function);
}
static void put_share(Buf *out, const Fill *fill)
{
        put_percent(out, fill->share);
}
static void put_callee(Buf *out, const Fill *fill)
{
        if (fill->owner)
                buf_add(out, fill->owner->callee.len ? fill->owner->callee : fill->owner->leaf);
}
static void put_callee_share(Buf *out, const Fill *fill)
{
        put_percent(out, fill->owner ? fill->owner->callee_share : NAN);
}
static void put_callers(Buf *out, const Fill *fill)
{
        if (fill->owner)
                buf_add(out, fill->owner->callers);
}
static void put_source(Buf *out, const Fill *fill)
{
        if (fill->owner)
                buf_add(out, fill->owner->source);
}
static void put_leaf(Buf *out, const Fill *fill)
{
        if (fill->owner)
                buf_add(out, fill->owner->leaf);
}
static void put_impact(Buf *out, const Fill *fill)
{
        unit_format(out, UNIT_NS, fill->impact_ns);
}
static void put_frequency(Buf *out, const Fill *fill)
{
        unit_format(out, UNIT_PER_S, fill->frequency_per_s);
}
static void put_value(Buf *out, const Fill *fill)
{
        unit_format(out, fill->value_unit, fill->value);
}
static void put_subject(Buf *out, const Fill *fill)
{
        buf_add(out, fill->subject);
}

static const struct {
        const char *name;
        void (*put)(Buf *, const Fill *);
} placeholders[] = {
        { "function", put_function },   { "share", put_share },
        { "callee", put_callee },       { "callee_share", put_callee_share },
        { "callers", put_callers },     { "source", put_source },
        { "leaf", put_leaf },           { "impact", put_impact },
        { "frequency", put_frequency }, { "value", put_value },
        { "subject", put_subject },
};

static bool put_placeholder(Buf *out, Span name, const Fill *fill)
{
        for (size_t i = 0; i < COUNT(placeholders); i++)
                if (span_is(name, placeholders[i].name)) {
                        placeholders[i].put(out, fill);
                        return true;
                }
        return false;
}

static Span fill_text(Span text, const Fill *fill, Arena *arena)
{
        Buf out = buf_in(arena, KiB(64));

        while (text.len) {
                ptrdiff_t open = span_find_byte(text, '{');
                ptrdiff_t close =
                        open < 0 ? -1 : span_find_byte(span_from(text, (size_t)open), '}');

                if (close < 0)
                        break;
                buf_add(&out, span_first(text, (size_t)open));
                Span name = span_first(span_from(text, (size_t)open + 1), (size_t)close - 1);

                if (!put_placeholder(&out, name, fill))
                        buf_printf(&out, "{%.*s}", SPAN_ARG(name));
                text = span_from(text, (size_t)open + (size_t)close + 1);
        }
        buf_add(&out, text);
        return buf_span(&out);
}

PRINTF(3, 4) static void add_evidence(Facts *f, Finding *finding, const char *format, ...)
{
        Span *slot = vec_add(f->arena, &finding->evidence);
        Buf text = buf_in(f->arena, KiB(16));
        va_list args;

        va_start(args, format);
        buf_vprintf(&text, format, args);
        va_end(args);
        if (slot)
                *slot = buf_span(&text);
}

static Finding *add_finding(Facts *f, const Rule *rule, const Fill *fill)
{
        Finding *finding = vec_add(f->arena, &f->findings);

        if (!finding)
                return NULL;
        *finding = (Finding){ .rule = rule->id,
                              .title = fill_text(rule->title, fill, f->arena),
                              .advice = fill_text(rule->advice, fill, f->arena),
                              .expected_gain = fill_text(rule->gain, fill, f->arena),
                              .category = rule->category,
                              .specialist = rule->specialist,
                              .effort = rule->effort,
                              .share = isnan(fill->share) ? 0 : fill->share,
                              .impact_ns = fill->impact_ns,
                              .frequency_per_s = fill->frequency_per_s,
                              .stars = stars_of(fill->impact_ns, fill->frequency_per_s),
                              .evidence = VEC_INIT(100) };
        finding->priority =
                rule->priority >= 0 ? (Priority)rule->priority : priority_of(fill->impact_ns, 1);
        return finding;
}

/* Does any frame of the profile match the names of the rule? */
static bool *matching_frames(Facts *f, const GlobList *globs)
{
        const Profile *p = f->evidence->profile->profile;
        bool *matches = new (f->arena, bool, p->frames.len);

        for (uint32_t i = 0; i < p->frames.len; i++)
                matches[i] = glob_list_match(globs, profile_symbol(p, i));
        return matches;
}

/* What a request loses to an owner: its CPU time, or, when requests queue for the CPU, its share
 * of the latency that users see. */
static double owner_impact(const Facts *f, double share)
{
        double cpu = share * f->cpu_per_request_ns, seen = share * f->median_ns;

        if (f->cpu_saturated && !isnan(seen))
                return isnan(cpu) ? seen : fmax(cpu, seen);
        return cpu;
}

static void owner_evidence(Facts *f, Finding *finding, const OwnerCost *owner, double below_share)
{
        const Recording *alone = f->evidence->alone;
        double alone_ns = metric_in(alone, METRIC_LATENCY_P50);

        add_evidence(f, finding, "%.1f %% of the target's CPU samples are in %.*s or below it",
                     owner->share * 100, SPAN_ARG(owner->function));
        if (below_share > 0)
                add_evidence(f, finding, "%.0f %% of that is in the calls that this rule is about",
                             below_share * 100);
        if (owner->callee.len)
                add_evidence(f, finding, "its most expensive library call is %.*s (%.0f %%)",
                             SPAN_ARG(owner->callee), owner->callee_share * 100);
        if (owner->leaf.len)
                add_evidence(f, finding, "most of its time ends in %.*s", SPAN_ARG(owner->leaf));
        if (owner->callers.len)
                add_evidence(f, finding, "called by %.*s", SPAN_ARG(owner->callers));
        if (!isnan(f->cpu_per_request_ns))
                add_evidence(f, finding,
                             "%.*s of CPU per request of the whole mix, %.*s of it here",
                             SPAN_ARG(span_of(unit_text(f->arena, UNIT_NS, f->cpu_per_request_ns))),
                             SPAN_ARG(span_of(unit_text(f->arena, UNIT_NS,
                                                        owner->share * f->cpu_per_request_ns))));
        if (!isnan(alone_ns))
                add_evidence(f, finding,
                             "a request takes %s with one connection (median), %s under "
                             "load",
                             unit_text(f->arena, UNIT_NS, alone_ns),
                             unit_text(f->arena, UNIT_NS, f->median_ns));
}

static void try_owner(Facts *f, const Rule *rule, size_t at, const bool *matches)
{
        const OwnerCost *owner = &f->owners.items[at];
        const OwnerCondition *when = &rule->owner;
        double below = 0;
        Finding *finding;

        if (f->owner_spoken_for[at] || owner->share < when->min_share)
                return;
        if (matches) {
                below = owner_share_below(&f->owners, at, f->evidence->profile->profile, matches,
                                          f->arena);
                if (below < when->min_below_share)
                        return;
        }
        f->owner_spoken_for[at] = true;
        finding = add_finding(f, rule,
                              &(Fill){ .owner = owner,
                                       .share = owner->share,
                                       .impact_ns = owner_impact(f, owner->share),
                                       .frequency_per_s = f->throughput,
                                       .value = below,
                                       .value_unit = UNIT_RATIO });
        if (!finding)
                return;
        finding->where = owner->function;
        finding->source = owner->source;
        owner_evidence(f, finding, owner, below);
}

static void judge_owner(Facts *f, const Rule *rule)
{
        const bool *matches;

        if (!f->owner_spoken_for) {
                gap(f, rule, "no stack samples of the target");
                return;
        }
        matches = rule->owner.below.len ? matching_frames(f, &rule->owner.below) : NULL;
        for (size_t i = 0; i < f->owners.len; i++)
                try_owner(f, rule, i, matches);
}

static void metric_evidence(Facts *f, Finding *finding, const MetricCondition *when, double value,
                            double other)
{
        const MetricDef *def = metric_def(when->metric);

        add_evidence(f, finding, "%s: %s", def->help, unit_text(f->arena, def->unit, value));
        if (when->to != METRIC_COUNT_)
                add_evidence(f, finding, "%s: %s", metric_def(when->to)->help,
                             unit_text(f->arena, metric_def(when->to)->unit, other));
}

static void judge_metric(Facts *f, const Rule *rule)
{
        const MetricCondition *when = &rule->metric;
        const Recording *rec = recording_in(f, when->scope);
        bool ratio = when->to != METRIC_COUNT_;
        double value = metric_in(rec, when->metric);
        double other = ratio ? metric_in(rec, when->to) : NAN;
        double judged = ratio ? value / other : value;
        Unit unit = ratio ? UNIT_NONE : metric_def(when->metric)->unit;
        Finding *finding;

        if (isnan(judged)) {
                gap(f, rule, "the metric it needs was not measured");
                return;
        }
        if (!(judged > when->above) && !(judged < when->below))
                return;
        finding = add_finding(f, rule,
                              &(Fill){ .value = judged,
                                       .value_unit = unit,
                                       .share = NAN,
                                       .impact_ns = ratio ? value - other : NAN,
                                       .frequency_per_s = f->throughput });
        if (finding)
                metric_evidence(f, finding, when, value, other);
}

static void judge_resource(Facts *f, const Rule *rule)
{
        const UseRow *row = &f->result->use.rows[rule->resource.resource];
        Finding *finding;

        if (!f->evidence->system) {
                gap(f, rule, "the system was not sampled");
                return;
        }
        if (!row->saturated)
                return;
        finding = add_finding(f, rule,
                              &(Fill){ .subject = span_of(resource_name(row->resource)),
                                       .value = row->utilisation,
                                       .value_unit = UNIT_RATIO,
                                       .share = NAN,
                                       .impact_ns = NAN,
                                       .frequency_per_s = NAN });
        if (!finding)
                return;
        if (!isnan(row->utilisation))
                add_evidence(f, finding, "%s is used to %s", resource_name(row->resource),
                             unit_text(f->arena, UNIT_RATIO, row->utilisation));
        if (row->saturation_text.len)
                add_evidence(f, finding, "%.*s", SPAN_ARG(row->saturation_text));
}

static void judge_pattern(Facts *f, const Rule *rule)
{
        if (!f->owner_spoken_for) {
                gap(f, rule, "no stack samples of the target");
                return;
        }
        for (size_t i = 0; i < f->n_patterns; i++) {
                const Pattern *pattern = &f->patterns[i];
                Finding *finding;

                if (pattern->kind != rule->pattern.kind || pattern->share < rule->pattern.min_share)
                        continue;
                finding = add_finding(f, rule,
                                      &(Fill){ .pattern = pattern,
                                               .share = pattern->share,
                                               .impact_ns = owner_impact(f, pattern->share),
                                               .frequency_per_s = f->throughput,
                                               .value = pattern->depth,
                                               .value_unit = UNIT_COUNT });
                if (finding)
                        finding->where = pattern->function;
        }
}

/* A rule has one kind of condition; each kind has its judge. */
static void judge_rule(Facts *f, const Rule *rule)
{
        const struct {
                bool given;
                void (*judge)(Facts *, const Rule *);
        } kinds[] = { { rule->owner.given, judge_owner },
                      { rule->metric.given, judge_metric },
                      { rule->resource.given, judge_resource },
                      { rule->pattern.given, judge_pattern } };

        for (size_t i = 0; i < COUNT(kinds); i++)
                if (kinds[i].given)
                        kinds[i].judge(f, rule);
}

int diagnose(const Evidence *evidence, const RuleSet *rules, Arena *arena, Diagnosis *ret,
             Error *err)
{
        Diagnosis result = { .rules_checked = rules_count(rules),
                             .use = { .bottleneck = -1 },
                             .not_examined = VEC_INIT(MOST_GAPS) };
        Facts f;

        if (!evidence->load && !evidence->profile && !evidence->system)
                return fail(err, ERR_USAGE, "there is nothing to diagnose: no recording was given");
        f = facts_of(evidence, arena, &result);
        for (size_t i = 0; i < rules->rules.len; i++)
                judge_rule(&f, &rules->rules.items[i]);
        findings_rank(f.findings.items, f.findings.len);
        result.findings = (FindingList){ f.findings.items, f.findings.len };
        *ret = result;
        return 0;
}
