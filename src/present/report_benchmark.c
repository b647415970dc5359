/* The benchmark report: before and after per endpoint, with the statistics and the method. */

#include "present/report_int.h"

#include <math.h>

static const MetricId shown[] = { METRIC_LATENCY_P50, METRIC_LATENCY_P95, METRIC_LATENCY_P99,
                                  METRIC_THROUGHPUT };

static void put_side(Doc *doc, const char *label, Side side, Span subject)
{
        doc_label(doc, "%s:", label);
        for (size_t i = 0; i < COUNT(shown); i++) {
                double value = median_value(side.runs, side.n, shown[i],
                                            subject.len ? subject : whole_subject(side));

                doc_item(doc, NULL, "%s: %.*s", metric_label(shown[i]),
                         SPAN_ARG(value_words(doc->arena, shown[i], value)));
        }
}

static void put_after(Doc *doc, const ReportInput *in, Span subject)
{
        doc_label(doc, "After Optimization:");
        for (size_t i = 0; i < COUNT(shown); i++) {
                double before = before_value(in, shown[i], subject);
                double after = after_value(in, shown[i], subject);
                Span arrow = arrow_words(doc->arena, before, after);

                doc_item(doc, NULL, "%s: %.*s%s%.*s", metric_label(shown[i]),
                         SPAN_ARG(value_words(doc->arena, shown[i], after)), arrow.len ? " " : "",
                         SPAN_ARG(arrow));
        }
}

static void put_significance(Doc *doc, const ReportInput *in)
{
        static const Column columns[] = {
                { "metric", "Metric", .wrap = true },
                { "change", "Change", ALIGN_RIGHT },
                { "interval", "Interval", ALIGN_RIGHT },
                { "p", "p (Holm)", ALIGN_RIGHT },
                { "verdict", "Verdict" },
                { "smallest_detectable", "MDE", ALIGN_RIGHT },
        };
        const Comparison *c = in->comparison;
        DocTable *t;

        if (!c || !c->len)
                return;
        doc_label(doc, "Statistical Significance:");
        t = doc_table(doc, NULL, columns, COUNT(columns));
        for (size_t i = 0; i < c->len; i++) {
                const MetricChange *m = &c->items[i];
                double mde = isfinite(m->effect.mde) ? m->effect.mde : (double)NAN;

                doc_row(t, cell_text(metric_words(doc->arena, m->metric, m->subject)),
                        cell_change(m->effect.change), cell_interval(m->effect.interval),
                        cell_unit(UNIT_NONE, m->adjusted_p),
                        cell_verdict(change_verdict_name(m->verdict)), cell_unit(UNIT_RATIO, mde));
        }
}

static void put_method(Doc *doc, const ReportInput *in)
{
        Side side = current_side(in);
        const Run *load = run_of(side.runs, side.n, "load");
        Cell window = cell_missing();

        doc_label(doc, "Methodology:");
        if (!load) {
                doc_item(doc, NULL, "Tool: hone; load was not measured");
                return;
        }
        window = cell_duration(load->recording->duration_ns);
        doc_item(doc, NULL, "Tool: hone %.*s", SPAN_ARG(load->fingerprint.hone_version));
        doc_item(doc, NULL, "Duration: %.*s", SPAN_ARG(cell_words(&window, doc->arena)));
        doc_item(doc, NULL, "Concurrency: %.*s", SPAN_ARG(concurrency_words(load, doc->arena)));
        doc_item(doc, NULL, "Environment: %.*s", SPAN_ARG(environment_words(load, doc->arena)));
        if (in->comparison && in->comparison->paired)
                doc_item(doc, NULL, "Comparison: %zu interleaved blocks of both sides",
                         in->comparison->n_a);
        else if (in->comparison)
                doc_item(doc, NULL, "Comparison: %zu runs against %zu", in->comparison->n_a,
                         in->comparison->n_b);
        if (in->comparison && in->comparison->caveat.len)
                doc_item(doc, NULL, "Caveat: %.*s", SPAN_ARG(in->comparison->caveat));
}

static void put_changes(Doc *doc, const ReportInput *in)
{
        if (!changes_kept(in))
                return;
        doc_label(doc, "Changes Applied:");
        for (size_t i = 0; i < in->n_iterations; i++)
                if (in->iterations[i].kept)
                        doc_numbered(doc, "changes", "%.*s", SPAN_ARG(in->iterations[i].change));
}

/* The recordings as they are, for programs. */
static void put_numbers(Doc *doc, const ReportInput *in, const Span *endpoints, size_t n)
{
        static const Column columns[] = {
                { "endpoint", "" }, { "metric", "" }, { "before", "" },
                { "after", "" },    { "change", "" },
        };
        Doc *json = doc_new(doc->arena, "rows");
        DocTable *t = doc_table(json, "rows", columns, COUNT(columns));
        Buf out = buf_in(doc->arena, MiB(4));

        for (size_t i = 0; i < n * COUNT(shown); i++) {
                MetricId metric = shown[i % COUNT(shown)];
                Span subject = endpoints[i / COUNT(shown)];
                double before = before_value(in, metric, subject);
                double after = after_value(in, metric, subject);
                Unit unit = metric_def(metric)->unit;

                doc_row(t, cell_text(subject), cell_string(metric_def(metric)->name),
                        cell_unit(unit, before), cell_unit(unit, after),
                        cell_change(before > 0 ? (after - before) / before : (double)NAN));
        }
        if (doc_print(json, DOC_JSON, NULL, &out, NULL) == 0)
                doc_json(doc, "measured", span_trim(buf_span(&out)));
}

void report_benchmark(Doc *doc, const ReportInput *in)
{
        Side side = current_side(in);
        const Run *load = run_of(side.runs, side.n, "load");
        Span *endpoints;
        size_t n = endpoints_of(in, doc->arena, &endpoints);

        doc_heading(doc, 2, "Performance Benchmark Results");
        doc_open(doc, "benchmark");
        if (!load) {
                doc_paragraph(doc, "state", "not measured: there is no load run");
                doc_close(doc);
                return;
        }
        put_numbers(doc, in, endpoints, n);
        for (size_t i = 0; i < n; i++) {
                Span name = endpoints[i].len ? endpoints[i] : load->target.text;

                doc_heading(doc, 3, "API Endpoint: %.*s", SPAN_ARG(name));
                if (!in->n_before || !in->n_after) {
                        put_side(doc, "Measured", side, endpoints[i]);
                        continue;
                }
                put_side(doc, "Before Optimization", before_side(in), endpoints[i]);
                put_after(doc, in, endpoints[i]);
        }
        put_significance(doc, in);
        put_method(doc, in);
        put_changes(doc, in);
        doc_close(doc);
}
