/* Where the evidence is: values of a recording, recordings of a set of runs, facts of a plan. */

#include "present/view_int.h"

#include <math.h>

Span main_subject(const Recording *load)
{
        if (recording_find(load, METRIC_THROUGHPUT, SPAN("")) ||
            recording_find(load, METRIC_LATENCY_P50, SPAN("")))
                return SPAN("");
        vec_each (MetricValue, value, &load->values)
                if (value->metric == METRIC_THROUGHPUT || value->metric == METRIC_LATENCY_P50)
                        return value->subject;
        return SPAN("");
}

double main_value(const Recording *load, MetricId metric)
{
        double whole = recording_get(load, metric, main_subject(load));

        return isnan(whole) ? recording_get(load, metric, SPAN("")) : whole;
}

static size_t count_subjects(const Recording *rec, MetricId metric)
{
        size_t n = 0;

        vec_each (MetricValue, value, &rec->values)
                n += value->metric == metric && value->subject.len > 0;
        return n;
}

size_t subjects_of(const Recording *rec, MetricId metric, Arena *arena, Span **ret)
{
        Span *subjects = new (arena, Span, count_subjects(rec, metric) + 1);
        size_t n = 0;

        vec_each (MetricValue, value, &rec->values)
                if (value->metric == metric && value->subject.len > 0)
                        subjects[n++] = value->subject;
        *ret = subjects;
        return n;
}

const Run *run_of(Run *const *runs, size_t n, const char *instrument)
{
        for (size_t i = n; i-- > 0;)
                if (runs[i] && runs[i]->recording &&
                    span_is(runs[i]->recording->instrument, instrument))
                        return runs[i];
        return NULL;
}

const Recording *recording_of(Run *const *runs, size_t n, const char *instrument)
{
        const Run *run = run_of(runs, n, instrument);

        return run ? run->recording : NULL;
}

double median_value(Run *const *runs, size_t n, MetricId metric, Span subject)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(64));
        double *values = new (scratch, double, n + 1);
        size_t len = 0;

        for (size_t i = 0; i < n; i++) {
                double value = runs[i] && runs[i]->recording
                                       ? recording_get(runs[i]->recording, metric, subject)
                                       : (double)NAN;

                if (!isnan(value))
                        values[len++] = value;
        }
        sort_doubles(values, len);
        return len ? median_sorted(values, len) : (double)NAN;
}

static double plan_number(const Document *doc, const char *key)
{
        const Value *value = value_get(doc->root, key);

        return value && value->kind == VALUE_NUMBER ? value->number : (double)NAN;
}

PlanFacts plan_facts(const Run *run, Arena *scratch)
{
        PlanFacts none = { (double)NAN, (double)NAN, (double)NAN };
        Document doc;

        if (!run || !run->plan_json.len ||
            json_parse(run->plan_json, "plan", scratch, &doc, NULL) < 0)
                return none;
        return (PlanFacts){ .connections = plan_number(&doc, "connections"),
                            .rate_per_s = plan_number(&doc, "rate_per_s"),
                            .duration_ns = plan_number(&doc, "duration_ns") };
}
