#include "analysis/diagnose.h"

#include <math.h>

#include "analysis/diagnose_int.h"
#include "analysis/rank.h"

#define MOST_FINDINGS 1000
#define MOST_GAPS 1000
#define MOST_EVIDENCE 100
#define LINE_MAX_BYTES KiB(16)
#define UNOWNED_SHARE 0.2 /* of samples that are nobody's, from which it is said */

static Span line_of(Arena *arena, const char *format, va_list args)
{
        Buf text = buf_in(arena, LINE_MAX_BYTES);

        buf_vprintf(&text, format, args);
        return buf_span(&text);
}

void facts_gap(Facts *f, const Rule *rule, const char *format, ...)
{
        Span *slot = vec_add(f->arena, &f->result->not_examined);
        va_list args;

        if (!slot)
                return;
        va_start(args, format);
        *slot = line_of(f->arena, format, args);
        va_end(args);
        *slot = span_of(arena_printf(f->arena, "%.*s: %.*s", SPAN_ARG(rule->id), SPAN_ARG(*slot)));
}

void facts_evidence(Facts *f, Finding *finding, const char *format, ...)
{
        Span *slot = vec_add(f->arena, &finding->evidence);
        va_list args;

        if (!slot)
                return;
        va_start(args, format);
        *slot = line_of(f->arena, format, args);
        va_end(args);
}

double facts_value(const Recording *rec, MetricId metric)
{
        return rec ? recording_get(rec, metric, (Span){ 0 }) : (double)NAN;
}

/* CPU time of the target per request: what an owner's share is a share of. */
static double cpu_per_request(const Evidence *e)
{
        double measured = facts_value(e->system, METRIC_CPU_PER_REQUEST);
        double cores = facts_value(e->system, METRIC_CPU);
        double rate = facts_value(e->load, METRIC_THROUGHPUT);

        if (!isnan(measured))
                return measured;
        return rate > 0 ? cores * 1e9 / rate : (double)NAN;
}

static size_t count_endpoints(const Recording *load)
{
        size_t n = 0;

        for (size_t i = 0; load && i < load->values.len; i++)
                n += load->values.items[i].metric == METRIC_THROUGHPUT &&
                     load->values.items[i].subject.len > 0;
        return MAX(n, (size_t)1);
}

/* When requests queue for the CPU, a share of the CPU is that share of the latency users see. */
double facts_impact(const Facts *f, double share)
{
        double cpu = share * f->cpu_per_request_ns, seen = share * f->median_ns;

        return f->cpu_saturated ? fmax(cpu, seen) : cpu; /* of a number and NaN: the number */
}

static Facts facts_of(const Evidence *e, Arena *arena, Diagnosis *result)
{
        const Profile *p = e->profile ? e->profile->profile : NULL;
        Facts f = { .evidence = e,
                    .profile = p && p->total_weight ? p : NULL,
                    .arena = arena,
                    .result = result,
                    .findings = VEC_INIT(MOST_FINDINGS),
                    .throughput = facts_value(e->load, METRIC_THROUGHPUT),
                    .median_ns = facts_value(e->load, METRIC_LATENCY_P50),
                    .cpu_per_request_ns = cpu_per_request(e),
                    .n_endpoints = count_endpoints(e->load) };

        result->use = use_table(e->system, arena);
        f.cpu_saturated = result->use.rows[RESOURCE_CPU].saturated ||
                          result->use.rows[RESOURCE_TARGET_CPU].saturated;
        if (!f.profile)
                return f;
        f.owners = owner_costs(p, e->executable, arena);
        f.spoken_for = new (arena, bool, f.owners.len + 1);
        f.n_patterns = pattern_find(p, arena, &f.patterns);
        return f;
}

Finding *facts_finding(Facts *f, const Rule *rule, FindingKind kind, const Fill *fill,
                       double traffic)
{
        Finding *finding = vec_add(f->arena, &f->findings);
        Priority priority = rule->priority >= 0 ? (Priority)rule->priority
                                                : priority_of(fill->impact_ns, traffic);

        if (!finding)
                return NULL;
        *finding = (Finding){ .rule = rule->id,
                              .title = fill_text(rule->title, fill, f->arena),
                              .advice = fill_text(rule->advice, fill, f->arena),
                              .expected_gain = fill_text(rule->gain, fill, f->arena),
                              .category = rule->category,
                              .specialist = rule->specialist,
                              .effort = rule->effort,
                              .kind = kind,
                              .share = isnan(fill->share) ? 0 : fill->share,
                              .impact_ns = fill->impact_ns,
                              .frequency_per_s = fill->frequency_per_s,
                              .priority = priority,
                              .stars = stars_of(fill->impact_ns, fill->frequency_per_s),
                              .evidence = VEC_INIT(MOST_EVIDENCE) };
        return finding;
}

/* A resource's queueing is time lost; for the CPU the owners' impact says it already. */
static double resource_impact(const Facts *f, const UseRow *row)
{
        bool cpu = row->resource == RESOURCE_CPU || row->resource == RESOURCE_TARGET_CPU;

        return cpu ? (double)NAN : fmin(row->saturation, 1) * f->median_ns;
}

void judge_resource(Facts *f, const Rule *rule)
{
        const UseRow *row = &f->result->use.rows[rule->resource];
        const char *name = resource_name(row->resource);
        Finding *finding;

        if (isnan(row->utilisation) && isnan(row->saturation)) {
                facts_gap(f, rule, "%s was not measured", name);
                return;
        }
        if (!row->saturated)
                return;
        finding = facts_finding(f, rule, FINDING_SYMPTOM,
                                &(Fill){ .subject = span_of(name),
                                         .value = row->utilisation,
                                         .value_unit = UNIT_RATIO,
                                         .share = NAN,
                                         .impact_ns = resource_impact(f, row),
                                         .frequency_per_s = f->throughput },
                                1);
        if (!finding)
                return;
        finding->where = span_of(name);
        if (!isnan(row->utilisation))
                facts_evidence(f, finding, "%s is used to %s", name,
                               unit_text(f->arena, UNIT_RATIO, row->utilisation));
        if (row->saturation_text.len)
                facts_evidence(f, finding, "%.*s", SPAN_ARG(row->saturation_text));
}

static void pattern_finding(Facts *f, const Rule *rule, const Pattern *pattern)
{
        Finding *finding = facts_finding(f, rule, FINDING_SHAPE,
                                         &(Fill){ .pattern = pattern,
                                                  .share = pattern->share,
                                                  .impact_ns = facts_impact(f, pattern->share),
                                                  .frequency_per_s = f->throughput,
                                                  .value = pattern->depth,
                                                  .value_unit = UNIT_COUNT },
                                         1);

        if (!finding)
                return;
        finding->where = pattern->function;
        facts_evidence(f, finding, "%.1f %% of the CPU samples, counting all below it",
                       pattern->share * 100);
}

void judge_pattern(Facts *f, const Rule *rule)
{
        if (!f->profile) {
                facts_gap(f, rule, "no stack samples of the target");
                return;
        }
        for (size_t i = 0; i < f->n_patterns; i++)
                if (f->patterns[i].kind == rule->pattern.kind &&
                    f->patterns[i].share >= rule->pattern.min_share)
                        pattern_finding(f, rule, &f->patterns[i]);
}

static void judge_rule(Facts *f, const Rule *rule)
{
        static void (*const judges[RULE_KIND_COUNT_])(Facts *, const Rule *) = {
                [RULE_OWNER] = judge_owner,
                [RULE_METRIC] = judge_metric,
                [RULE_RESOURCE] = judge_resource,
                [RULE_PATTERN] = judge_pattern,
        };

        judges[rule->kind](f, rule);
}

/* Findings name the target's own functions; what has none is not explained by them. */
static void note_unowned(const Facts *f)
{
        Span *slot;

        if (!f->profile || f->owners.unowned < UNOWNED_SHARE)
                return;
        slot = vec_add(f->arena, &f->result->not_examined);
        if (slot)
                *slot = span_of(arena_printf(
                        f->arena,
                        "%.0f %% of the CPU samples: they belong to none of the target's own "
                        "functions (a server library, the kernel, many small parts, or code "
                        "without names)",
                        f->owners.unowned * 100));
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
        vec_each (Rule, rule, &rules->rules)
                judge_rule(&f, rule);
        note_unowned(&f);
        findings_rank(f.findings.items, f.findings.len);
        result.findings = (FindingList){ f.findings.items, f.findings.len };
        *ret = result;
        return 0;
}
