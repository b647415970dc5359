/* The performance assessment: current against target, method, budget, symptoms. */

#include "present/report_int.h"

#include <math.h>

#define HIGH_CPU 0.8 /* of the machine, or of one core for a target of one thread */

static double current_value(const ReportInput *in, MetricId metric)
{
        double after = after_value(in, metric, SPAN(""));

        return isnan(after) ? before_value(in, metric, SPAN("")) : after;
}

/* How far the current value is from the target, 0 when it is met. */
static double gap_of(MetricId metric, double current, double target)
{
        bool higher = metric_def(metric)->direction == DIRECTION_HIGHER;
        double gap = higher ? target - current : current - target;

        return isnan(gap) ? gap : MAX(gap, 0.0);
}

static void put_baseline(Doc *doc, const ReportInput *in)
{
        static const struct {
                MetricId metric;
                const char *label;
        } rows[] = {
                { METRIC_LATENCY_P50, "Response time (p50)" },
                { METRIC_LATENCY_P95, "Response time (p95)" },
                { METRIC_LATENCY_P99, "Response time (p99)" },
                { METRIC_THROUGHPUT, "Throughput" },
                { METRIC_MEMORY, "Memory usage" },
                { METRIC_CPU, "CPU usage" },
        };
        static const Column columns[] = {
                { "metric", "Metric" },
                { "current", "Current", ALIGN_RIGHT },
                { "target", "Target", ALIGN_RIGHT },
                { "gap", "Gap", ALIGN_RIGHT },
        };
        DocTable *t;

        doc_label(doc, "Current Performance Baseline");
        t = doc_table(doc, "baseline", columns, COUNT(columns));
        for (size_t i = 0; i < COUNT(rows); i++) {
                const TargetRow *target = target_of(in, rows[i].metric, SPAN(""));
                MetricId metric = rows[i].metric;
                double current = current_value(in, metric);
                double wanted = target ? target->target : (double)NAN;

                doc_row(t, cell_string(rows[i].label), value_as_cell(doc->arena, metric, current),
                        value_as_cell(doc->arena, metric, wanted),
                        value_as_cell(doc->arena, metric, gap_of(metric, current, wanted)));
        }
}

static void put_method(Doc *doc, const ReportInput *in)
{
        Side side = current_side(in);
        const Run *load = run_of(side.runs, side.n, "load");
        const Run *profile = run_of(side.runs, side.n, "profile");
        Buf text = buf_in(doc->arena, KiB(64));

        doc_label(doc, "Measurement Method");
        if (load) {
                buf_text(&text, "# Load testing baseline\n");
                buf_add(&text, command_words(load, doc->arena));
        }
        if (profile && profile->target.pid)
                buf_printf(&text, "%s# Application profiling\nhone profile %d\n",
                           text.len ? "\n" : "", profile->target.pid);
        if (text.len)
                doc_code(doc, "method", "bash", buf_span(&text));
        else
                doc_paragraph(doc, NULL, "Nothing was measured.");
}

static void put_budget(Doc *doc, const ReportInput *in)
{
        static const Column columns[] = {
                { "operation", "Operation", .wrap = true },
                { "budget", "Budget", ALIGN_RIGHT },
                { "rationale", "Rationale" },
        };
        DocTable *t;

        doc_label(doc, "Performance Budget");
        if (!in->n_targets) {
                doc_paragraph(doc, NULL, "No budget is set.");
                return;
        }
        t = doc_table(doc, "budget", columns, COUNT(columns));
        for (size_t i = 0; i < in->n_targets; i++) {
                const TargetRow *row = &in->targets[i];

                doc_row(t, cell_text(metric_words(doc->arena, row->metric, row->subject)),
                        cell_text(target_words(doc->arena, row->metric, row->target)),
                        cell_string("set by the project"));
        }
}

typedef enum Symptom { SEEN, NOT_SEEN, NOT_MEASURED } Symptom;

static Symptom symptom(bool measured, bool seen)
{
        return !measured ? NOT_MEASURED : seen ? SEEN : NOT_SEEN;
}

static Symptom is_slow(const ReportInput *in)
{
        static const MetricId metrics[] = { METRIC_LATENCY_P50, METRIC_LATENCY_P95,
                                            METRIC_LATENCY_P99 };
        Symptom found = NOT_MEASURED;

        for (size_t i = 0; i < COUNT(metrics); i++) {
                const TargetRow *target = target_of(in, metrics[i], SPAN(""));
                double gap =
                        target ? gap_of(metrics[i], current_value(in, metrics[i]), target->target)
                               : (double)NAN;

                if (gap > 0)
                        return SEEN;
                if (gap == 0)
                        found = NOT_SEEN;
        }
        return found;
}

static Symptom has_high_cpu(const ReportInput *in)
{
        double busy = current_value(in, METRIC_HOST_CPU);

        return symptom(!isnan(busy), busy >= HIGH_CPU);
}

static Symptom grows(const ReportInput *in)
{
        Side side = current_side(in);
        const Recording *rec = recording_of(side.runs, side.n, "system");
        const MetricValue *growth =
                rec ? recording_find(rec, METRIC_MEMORY_GROWTH, SPAN("")) : NULL;

        return symptom(growth, growth && growth->low > 0);
}

static Symptom times_out(const ReportInput *in)
{
        Side side = current_side(in);
        const Recording *rec = recording_of(side.runs, side.n, "load");
        bool seen = false;

        if (!rec)
                return NOT_MEASURED;
        vec_each (Note, note, &rec->notes)
                seen |= note->kind == NOTE_ERROR_KIND && span_contains(note->text, "timed out");
        return symptom(true, seen);
}

static Symptom exhausts_connections(const ReportInput *in UNUSED)
{
        return NOT_MEASURED;
}

static void put_symptoms(Doc *doc, const ReportInput *in)
{
        static const struct {
                const char *text;
                Symptom (*judge)(const ReportInput *);
        } symptoms[] = {
                { "Slow response times", is_slow },
                { "High CPU usage", has_high_cpu },
                { "Memory growth over time", grows },
                { "Timeout errors", times_out },
                { "Database connection exhaustion", exhausts_connections },
        };

        doc_label(doc, "Symptoms Observed");
        for (size_t i = 0; i < COUNT(symptoms); i++) {
                Symptom found = symptoms[i].judge(in);

                doc_check(doc, "symptoms", found == SEEN, "%s%s", symptoms[i].text,
                          found == NOT_MEASURED ? " (not measured)" : "");
        }
}

void report_assessment(Doc *doc, const ReportInput *in)
{
        doc_heading(doc, 3, "Performance Assessment: %.*s", SPAN_ARG(in->project));
        doc_open(doc, "assessment");
        put_baseline(doc, in);
        put_method(doc, in);
        put_budget(doc, in);
        put_symptoms(doc, in);
        doc_close(doc);
}
