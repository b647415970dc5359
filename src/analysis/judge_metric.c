/* Rules about metrics: of the target as a whole, or of each endpoint where they are told apart. */

#include <math.h>

#include "analysis/diagnose_int.h"
#include "analysis/quantile_metric.h"

#define MOST_SUBJECTS_SHOWN 10

/* A metric of one subject against a rule. */
typedef struct Reading {
        Span subject;
        double judged;       /* what the rule compares */
        double value, other; /* what was measured; other: NaN when there is no ratio */
        bool holds;
} Reading;

static const Recording *recording_in(const Facts *f, RuleScope scope)
{
        const Recording *const of[SCOPE_COUNT_] = { [SCOPE_LOAD] = f->evidence->load,
                                                    [SCOPE_SYSTEM] = f->evidence->system,
                                                    [SCOPE_PROFILE] = f->evidence->profile };

        return of[scope];
}

/* The end of the interval that is nearer to where the rule does not hold. */
static double careful_value(const MetricValue *v, const MetricCondition *when)
{
        double end = isnan(when->above) ? v->high : v->low;

        return isnan(end) ? v->value : end;
}

/* False: it cannot be judged for this subject. */
static bool read_subject(const Recording *rec, const MetricCondition *when, const MetricValue *v,
                         Reading *ret)
{
        bool ratio = when->to != METRIC_COUNT_;
        const MetricValue *to = ratio ? recording_find(rec, when->to, v->subject) : NULL;
        double judged = careful_value(v, when);

        if (!metric_is_bounded(v) || (ratio && (!to || !metric_is_bounded(to))))
                return false;
        judged = ratio ? judged / to->value : judged;
        *ret = (Reading){ .subject = v->subject,
                          .judged = judged,
                          .value = v->value,
                          .other = ratio ? to->value : (double)NAN,
                          .holds = judged > when->above || judged < when->below };
        return !isnan(judged);
}

static bool names_endpoints(const Recording *rec, const MetricCondition *when)
{
        if (when->scope != SCOPE_LOAD)
                return false;
        vec_each (MetricValue, v, &rec->values)
                if (v->metric == when->metric && v->subject.len)
                        return true;
        return false;
}

/* The readings that can be judged. */
static size_t read_all(const Facts *f, const Recording *rec, const MetricCondition *when,
                       Reading **ret)
{
        bool by_endpoint = names_endpoints(rec, when);
        Reading *readings = new (f->arena, Reading, rec->values.len);
        size_t n = 0;

        vec_each (MetricValue, v, &rec->values)
                if (v->metric == when->metric && (v->subject.len > 0) == by_endpoint)
                        n += read_subject(rec, when, v, &readings[n]);
        *ret = readings;
        return n;
}

static const Reading *worst_of(const Reading *readings, size_t n, const MetricCondition *when)
{
        const Reading *worst = NULL;

        for (size_t i = 0; i < n; i++) {
                bool worse = !worst || (isnan(when->above) ? readings[i].judged < worst->judged
                                                           : readings[i].judged > worst->judged);

                if (readings[i].holds && worse)
                        worst = &readings[i];
        }
        return worst;
}

static void reading_evidence(Facts *f, Finding *finding, const MetricCondition *when,
                             const Reading *r)
{
        const MetricDef *def = metric_def(when->metric);
        Span subject = fill_name(r->subject, f->arena);

        facts_evidence(f, finding, "%.*s%s%s: %s", SPAN_ARG(subject), subject.len ? ", " : "",
                       def->help, unit_text(f->arena, def->unit, r->value));
        if (when->to == METRIC_COUNT_)
                return;
        def = metric_def(when->to);
        facts_evidence(f, finding, "%.*s%s%s: %s", SPAN_ARG(subject), subject.len ? ", " : "",
                       def->help, unit_text(f->arena, def->unit, r->other));
}

static void metric_finding(Facts *f, const Rule *rule, const Recording *rec,
                           const Reading *readings, size_t n, const Reading *worst)
{
        const MetricCondition *when = &rule->metric;
        bool ratio = when->to != METRIC_COUNT_;
        Unit unit = metric_def(when->metric)->unit;
        double rate = recording_get(rec, METRIC_THROUGHPUT, worst->subject);
        size_t shown = 0;
        Finding *finding = facts_finding(
                f, rule, FINDING_SYMPTOM,
                &(Fill){ .subject = worst->subject.len ? worst->subject : SPAN("all requests"),
                         .value = ratio ? worst->value / worst->other : worst->value,
                         .value_unit = ratio ? UNIT_NONE : unit,
                         .share = NAN,
                         .impact_ns = ratio && unit == UNIT_NS ? worst->value - worst->other
                                                               : (double)NAN,
                         .frequency_per_s = isnan(rate) ? f->throughput : rate },
                isnan(rate) ? 1 : rate / f->throughput);

        if (!finding)
                return;
        finding->where = worst->subject;
        for (size_t i = 0; i < n && shown < MOST_SUBJECTS_SHOWN; i++)
                if (readings[i].holds) {
                        reading_evidence(f, finding, when, &readings[i]);
                        shown++;
                }
}

void judge_metric(Facts *f, const Rule *rule)
{
        const MetricCondition *when = &rule->metric;
        const Recording *rec = recording_in(f, when->scope);
        const Reading *worst;
        Reading *readings;
        size_t n = rec ? read_all(f, rec, when, &readings) : 0;

        if (n == 0) {
                facts_gap(f, rule, "%s was not measured%s", metric_def(when->metric)->name,
                          rec && metric_min_n(when->metric) ? ", or by too few samples" : "");
                return;
        }
        worst = worst_of(readings, n, when);
        if (worst)
                metric_finding(f, rule, rec, readings, n, worst);
}
