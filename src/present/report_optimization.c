/* The performance optimization report: summary, bottlenecks with their fixes, evidence. */

#include "present/report_int.h"

#include <math.h>

typedef struct SummaryRow {
        const char *label;
        MetricId metric;
        bool known; /* hone has a metric for it */
} SummaryRow;

static const SummaryRow summary_rows[] = {
        { "API P95 Latency", METRIC_LATENCY_P95, true },
        { "Page Load (LCP)", METRIC_LCP, true },
        { "Throughput", METRIC_THROUGHPUT, true },
        { "Database Queries", METRIC_COUNT_, false },
        { "Bundle Size", METRIC_BUNDLE_SIZE, true },
        { "Cloud Cost", METRIC_COUNT_, false },
        { "Error Rate", METRIC_ERROR_RATE, true },
};

static Cell value_cell(Arena *arena, MetricId metric, double value)
{
        if (isnan(value))
                return cell_unit_as(UNIT_NONE, value, SPAN("not measured"));
        return value_as_cell(arena, metric, value);
}

static Span short_arrow(Arena *arena, double before, double after)
{
        double change = before > 0 ? (after - before) / before : (double)NAN;

        if (isnan(change))
                return SPAN("-");
        if (change == 0)
                return SPAN("0%");
        return text_printf(arena, "%s %.*s", change < 0 ? "⬇️" : "⬆️",
                           SPAN_ARG(percent_words(arena, change)));
}

static const char *target_status(const TargetRow *target)
{
        return !target ? "-" : target->met ? "✅" : "❌";
}

static void put_summary_row(Doc *doc, DocTable *t, const ReportInput *in, const SummaryRow *row)
{
        const TargetRow *target;
        double before, after;

        if (!row->known) {
                doc_row(t, cell_string(row->label), value_cell(doc->arena, 0, (double)NAN),
                        value_cell(doc->arena, 0, (double)NAN), cell_missing(), cell_missing(),
                        cell_missing());
                return;
        }
        target = target_of(in, row->metric, SPAN(""));
        before = before_value(in, row->metric, SPAN(""));
        after = after_value(in, row->metric, SPAN(""));
        doc_row(t, cell_string(row->label), value_cell(doc->arena, row->metric, before),
                value_cell(doc->arena, row->metric, after),
                cell_text(short_arrow(doc->arena, before, after)),
                target ? cell_unit_as(metric_def(row->metric)->unit, target->target,
                                      target_words(doc->arena, row->metric, target->target))
                       : cell_missing(),
                cell_string(target_status(target)));
}

/* "3.1x faster" only where the comparison says so. */
/* When the requests were measured one by one: how many are faster, and the largest gain. */
static bool put_requests(Buf *out, const Comparison *c)
{
        const MetricChange *best = NULL;
        size_t faster = 0, all = 0;

        for (size_t i = 0; i < c->len; i++) {
                const MetricChange *item = &c->items[i];

                if (metric_def(item->metric)->unit != UNIT_NS || !item->subject.len)
                        continue;
                all++;
                if (item->verdict != CHANGE_FASTER || !(item->a > 0) || !(item->b > 0))
                        continue;
                faster++;
                if (!best || item->a / item->b > best->a / best->b)
                        best = item;
        }
        if (!best)
                return false;
        buf_printf(out, "%zu of %zu requests are faster, %.*s %.1fx (%s). ", faster, all,
                   SPAN_ARG(best->subject), best->a / best->b, metric_label(best->metric));
        return true;
}

static void put_speed(Buf *out, const ReportInput *in)
{
        static const MetricId deciding[] = { METRIC_LATENCY_P95, METRIC_LATENCY_P50,
                                             METRIC_THROUGHPUT };

        for (size_t i = 0; i < COUNT(deciding); i++) {
                const MetricChange *change = change_of(in, deciding[i], SPAN(""));
                bool higher = metric_def(deciding[i])->direction == DIRECTION_HIGHER;
                double times;

                if (!change || change->verdict != CHANGE_FASTER || !(change->a > 0) ||
                    !(change->b > 0))
                        continue;
                times = higher ? change->b / change->a : change->a / change->b;
                buf_printf(out, "System is now %.1fx %s (%s). ", times,
                           higher ? "higher in throughput" : "faster", metric_label(deciding[i]));
                return;
        }
        if (in->comparison && in->comparison->verdict == CHANGE_SLOWER)
                buf_text(out, "The system is slower than before. ");
        else if (in->comparison && !put_requests(out, in->comparison))
                buf_text(out, "No speed-up could be shown. ");
}

static void put_overall(Doc *doc, const ReportInput *in)
{
        Buf out = buf_in(doc->arena, KiB(16));
        size_t met = 0;

        for (size_t i = 0; i < in->n_targets; i++)
                met += in->targets[i].met;
        if (!in->n_targets)
                buf_text(&out, "No targets are set. ");
        else if (met == in->n_targets)
                buf_text(&out, "🎯 All targets achieved. ");
        else
                buf_printf(&out, "%zu of %zu targets achieved. ", met, in->n_targets);
        if (!in->n_before || !in->n_after)
                buf_text(&out, "There is no before and after to compare. ");
        put_speed(&out, in);
        buf_text(&out, "Cost reduction: not measured.");
        doc_field(doc, "overall", "Overall Result", cell_text(buf_span(&out)));
}

static void put_summary(Doc *doc, const ReportInput *in)
{
        static const Column columns[] = {
                { "metric", "Metric" },
                { "baseline", "Baseline", ALIGN_RIGHT },
                { "optimized", "Optimized", ALIGN_RIGHT },
                { "improvement", "Improvement" },
                { "target", "Target", ALIGN_RIGHT },
                { "status", "Status" },
        };
        DocTable *t;

        doc_heading(doc, 2, "Executive Summary");
        t = doc_table(doc, "summary", columns, COUNT(columns));
        for (size_t i = 0; i < COUNT(summary_rows); i++)
                put_summary_row(doc, t, in, &summary_rows[i]);
        put_overall(doc, in);
}

static void put_result(Doc *doc, const IterationRow *row)
{
        double better = improvement_of(row->metric, row->before, row->after);
        Span metric = metric_words(doc->arena, row->metric, row->subject);

        doc_label(doc, "Result");
        doc_item(doc, NULL, "Before: %.*s (%.*s)",
                 SPAN_ARG(value_words(doc->arena, row->metric, row->before)), SPAN_ARG(metric));
        doc_item(doc, NULL, "After: %.*s",
                 SPAN_ARG(value_words(doc->arena, row->metric, row->after)));
        if (isnan(better))
                return;
        doc_item(doc, NULL, "Improvement: %.*s %s", SPAN_ARG(percent_words(doc->arena, better)),
                 better >= 0 ? "faster" : "slower");
        doc_strong(doc);
}

static bool any_kept(const ReportInput *in)
{
        for (size_t i = 0; i < in->n_iterations; i++)
                if (in->iterations[i].kept)
                        return true;
        return false;
}

static const IterationRow *fix_of(const ReportInput *in, const Finding *finding)
{
        for (size_t i = 0; i < in->n_iterations; i++)
                if (in->iterations[i].kept && change_aims_at(&in->iterations[i], finding))
                        return &in->iterations[i];
        return NULL;
}

static Span frequency_words(const Finding *f, Arena *arena)
{
        Buf out = buf_in(arena, KiB(1));

        if (isnan(f->frequency_per_s))
                return SPAN("not measured");
        unit_format(&out, UNIT_PER_S, f->frequency_per_s);
        return buf_span(&out);
}

static void put_bottleneck(Doc *doc, const ReportInput *in, const Finding *f, size_t number)
{
        static const char *const grades[] = { [PRIORITY_P0] = "Critical",
                                              [PRIORITY_P1] = "Major",
                                              [PRIORITY_P2] = "Medium",
                                              [PRIORITY_P3] = "Minor" };
        const IterationRow *fix = fix_of(in, f);
        Span impact = isnan(f->impact_ns)
                              ? SPAN("not measured")
                              : text_printf(doc->arena, "%s per request",
                                            unit_text(doc->arena, UNIT_NS, f->impact_ns));

        doc_heading(doc, 3, "%s %s Bottleneck #%zu: %.*s", priority_mark(f->priority),
                    grades[f->priority], number, SPAN_ARG(f->title));
        doc_field(doc, NULL, "Impact", cell_text(impact));
        doc_field(doc, NULL, "Frequency", cell_text(frequency_words(f, doc->arena)));
        doc_field(doc, NULL, "Total Impact",
                  cell_text(text_printf(doc->arena, "%.*s (%s - %s)",
                                        SPAN_ARG(star_words(doc->arena, f->stars)),
                                        priority_name(f->priority), priority_words(f->priority))));
        doc_label(doc, "Root Cause");
        vec_each (Span, line, &f->evidence)
                doc_item(doc, NULL, "%.*s", SPAN_ARG(*line));
        if (f->source.len)
                doc_item(doc, NULL, "In `%.*s`", SPAN_ARG(f->source));
        doc_label(doc, "Fix Applied");
        if (!fix) {
                doc_paragraph(doc, NULL, "%s Advice: %.*s",
                              any_kept(in)
                                      ? "No kept change names this place; all are listed below."
                                      : "None.",
                              SPAN_ARG(f->advice.len ? f->advice : SPAN("-")));
                return;
        }
        doc_numbered_at(doc, NULL, 1, "%.*s", SPAN_ARG(fix->change));
        put_result(doc, fix);
}

static void put_bottlenecks(Doc *doc, const ReportInput *in)
{
        doc_heading(doc, 2, "Bottlenecks Identified & Fixed");
        if (!in->findings)
                doc_paragraph(doc, NULL, "Bottlenecks: not measured.");
        else if (!in->findings->len)
                doc_paragraph(doc, NULL, "No rule found a cause in what was measured.");
        for (size_t i = 0; in->findings && i < in->findings->len; i++)
                put_bottleneck(doc, in, &in->findings->items[i], i + 1);
}

static size_t layer_of(const ReportInput *in, const IterationRow *row)
{
        enum { DATABASE, APPLICATION, FRONTEND, INFRASTRUCTURE };
        static const struct {
                const char *category;
                size_t layer;
        } rows[] = { { "Database", DATABASE },
                     { "Frontend", FRONTEND },
                     { "Network", INFRASTRUCTURE },
                     { "Kernel", INFRASTRUCTURE } };

        for (size_t i = 0; in->findings && i < in->findings->len; i++) {
                if (!change_aims_at(row, &in->findings->items[i]))
                        continue;
                for (size_t c = 0; c < COUNT(rows); c++)
                        if (span_is(in->findings->items[i].category, rows[c].category))
                                return rows[c].layer;
        }
        return APPLICATION;
}

static void put_layer(Doc *doc, const ReportInput *in, const char *name, size_t layer)
{
        Buf impact = buf_in(doc->arena, KiB(64));
        size_t n = 0;

        for (size_t i = 0; i < in->n_iterations; i++)
                n += in->iterations[i].kept && layer_of(in, &in->iterations[i]) == layer;
        if (!n)
                return;
        doc_heading(doc, 3, "%s Optimizations (%zu change%s)", name, n, n == 1 ? "" : "s");
        for (size_t i = 0; i < in->n_iterations; i++) {
                const IterationRow *row = &in->iterations[i];
                double better = improvement_of(row->metric, row->before, row->after);

                if (!row->kept || layer_of(in, row) != layer)
                        continue;
                doc_numbered(doc, NULL, "✅ %.*s", SPAN_ARG(row->change));
                buf_printf(&impact, "%s%.*s %.*s better", impact.len ? "; " : "",
                           SPAN_ARG(metric_words(doc->arena, row->metric, row->subject)),
                           SPAN_ARG(percent_words(doc->arena, better)));
        }
        doc_field(doc, NULL, "Impact", cell_text(buf_span(&impact)));
}

static void put_categories(Doc *doc, const ReportInput *in)
{
        static const char *const layers[] = { "Database", "Application", "Frontend",
                                              "Infrastructure" };

        doc_heading(doc, 2, "Optimizations by Category");
        if (!changes_kept(in))
                doc_paragraph(doc, NULL, "No change was kept.");
        for (size_t i = 0; i < COUNT(layers); i++)
                put_layer(doc, in, layers[i], i);
}

static void put_endpoints(Doc *doc, const ReportInput *in)
{
        static const Column columns[] = {
                { "endpoint", "Endpoint", .wrap = true },
                { "before_p95", "Before (P95)", ALIGN_RIGHT },
                { "after_p95", "After (P95)", ALIGN_RIGHT },
                { "improvement", "Improvement" },
        };
        Side side = current_side(in);
        const Run *load = run_of(side.runs, side.n, "load");
        Span *endpoints;
        size_t n = endpoints_of(in, doc->arena, &endpoints);
        DocTable *t;

        doc_heading(doc, 2, "Performance Metrics: Before vs After");
        doc_heading(doc, 3, "API Performance");
        if (!load) {
                doc_paragraph(doc, NULL, "API performance: not measured.");
                return;
        }
        t = doc_table(doc, "api_performance", columns, COUNT(columns));
        for (size_t i = 0; i < n; i++) {
                double before = before_value(in, METRIC_LATENCY_P95, endpoints[i]);
                double after = after_value(in, METRIC_LATENCY_P95, endpoints[i]);

                doc_row(t, cell_text(endpoints[i].len ? endpoints[i] : load->target.text),
                        cell_unit(UNIT_NS, before), cell_unit(UNIT_NS, after),
                        cell_text(short_arrow(doc->arena, before, after)));
        }
}

static const struct {
        MetricId metric;
        const char *label;
} test_rows[] = {
        { METRIC_LATENCY_P50, "P50 Response Time" }, { METRIC_LATENCY_P95, "P95 Response Time" },
        { METRIC_LATENCY_P99, "P99 Response Time" }, { METRIC_THROUGHPUT, "Throughput" },
        { METRIC_ERROR_RATE, "Error Rate" },
};

static Span measured_words(Arena *arena, MetricId metric, double value)
{
        return isnan(value) ? SPAN("not measured") : value_words(arena, metric, value);
}

static void put_test_results(Doc *doc, const ReportInput *in)
{
        doc_heading(doc, 2, "Performance Test Results");
        doc_heading(doc, 3, "Baseline (Before Optimization)");
        for (size_t i = 0; i < COUNT(test_rows); i++) {
                MetricId metric = test_rows[i].metric;
                double before = before_value(in, metric, SPAN(""));

                doc_item(doc, NULL, "%s: %.*s", test_rows[i].label,
                         SPAN_ARG(measured_words(doc->arena, metric, before)));
        }
        doc_heading(doc, 3, "Optimized (After Optimization)");
        for (size_t i = 0; i < COUNT(test_rows); i++) {
                MetricId metric = test_rows[i].metric;
                double before = before_value(in, metric, SPAN(""));
                double after = after_value(in, metric, SPAN(""));
                Span arrow = emoji_arrow_words(doc->arena, metric, before, after);

                doc_item(doc, NULL, "%s: %.*s%s%.*s", test_rows[i].label,
                         SPAN_ARG(measured_words(doc->arena, metric, after)), arrow.len ? " " : "",
                         SPAN_ARG(arrow));
        }
}

static void put_evidence_side(Doc *doc, const char *heading, const char *title, Side side)
{
        const Recording *rec = recording_of(side.runs, side.n, "profile");

        doc_heading(doc, 3, "%s", heading);
        if (rec && rec->profile && rec->profile->quality.samples)
                put_flame(doc, rec->profile, title, true);
        else
                doc_paragraph(doc, NULL, "Profile: not measured.");
}

static void put_evidence(Doc *doc, const ReportInput *in)
{
        doc_heading(doc, 2, "Profiling Evidence");
        put_evidence_side(doc, "Before: Flamegraph Shows Hot Paths", "CPU flame graph, before",
                          before_side(in));
        put_evidence_side(doc, "After: Optimized Flamegraph", "CPU flame graph, after",
                          after_side(in));
}

void report_optimization(Doc *doc, const ReportInput *in)
{
        doc_heading(doc, 1, "Performance Optimization Report – %.*s (%.*s)", SPAN_ARG(in->project),
                    SPAN_ARG(in->date));
        doc_open(doc, "optimization");
        put_summary(doc, in);
        put_bottlenecks(doc, in);
        put_categories(doc, in);
        put_endpoints(doc, in);
        put_test_results(doc, in);
        put_evidence(doc, in);
        doc_close(doc);
}
