/* The optimization loop's log, and where the targets stand. */

#include "present/report_int.h"

#include <math.h>

/* "90% [88%, 92%]" for what was kept, the reason for what was not. */
static Span improvement_words(const IterationRow *row, Arena *arena)
{
        double better = improvement_of(row->metric, row->before, row->after);
        bool higher = metric_def(row->metric)->direction == DIRECTION_HIGHER;
        double low = higher ? row->interval.low : -row->interval.high;
        double high = higher ? row->interval.high : -row->interval.low;

        if (!row->kept)
                return row->outcome;
        if (isnan(better))
                return SPAN("-");
        if (isnan(low) || isnan(high))
                return text_printf(arena, "%.0f%%", better * 100);
        return text_printf(arena, "%.0f%% [%.0f%%, %.0f%%]", better * 100, low * 100, high * 100);
}

static void put_log(Doc *doc, const ReportInput *in)
{
        static const Column columns[] = {
                { "number", "#", ALIGN_RIGHT },
                { "bottleneck", "Bottleneck", .wrap = true },
                { "change", "Change", .wrap = true },
                { "before", "Before", ALIGN_RIGHT },
                { "after", "After", ALIGN_RIGHT },
                { "improvement", "Improvement", .wrap = true },
        };
        DocTable *t;

        doc_label(doc, "Iteration Log");
        if (!in->n_iterations) {
                doc_paragraph(doc, NULL, "No change was tried.");
                return;
        }
        t = doc_table(doc, "log", columns, COUNT(columns));
        for (size_t i = 0; i < in->n_iterations; i++) {
                const IterationRow *row = &in->iterations[i];

                doc_row(t, cell_count(i + 1), cell_text(row->bottleneck), cell_text(row->change),
                        value_as_cell(doc->arena, row->metric, row->before),
                        value_as_cell(doc->arena, row->metric, row->after),
                        cell_text(improvement_words(row, doc->arena)));
        }
        for (size_t i = 0; i < in->n_iterations; i++)
                if (in->iterations[i].detail.len)
                        doc_item(doc, "details", "Iteration %zu: %.*s", i + 1,
                                 SPAN_ARG(in->iterations[i].detail));
}

static const char *status_of(const TargetRow *row)
{
        if (isnan(row->target) || isnan(row->current))
                return "not measured";
        return row->met ? "✅" : "❌";
}

static void put_targets(Doc *doc, const ReportInput *in)
{
        static const Column columns[] = {
                { "metric", "Metric", .wrap = true },
                { "baseline", "Baseline", ALIGN_RIGHT },
                { "current", "Current", ALIGN_RIGHT },
                { "target", "Target", ALIGN_RIGHT },
                { "status", "Status" },
        };
        DocTable *t;

        doc_label(doc, "Current vs Target");
        if (!in->n_targets) {
                doc_paragraph(doc, NULL, "No target is set.");
                return;
        }
        t = doc_table(doc, "targets", columns, COUNT(columns));
        for (size_t i = 0; i < in->n_targets; i++) {
                const TargetRow *row = &in->targets[i];

                doc_row(t, cell_text(metric_words(doc->arena, row->metric, row->subject)),
                        value_as_cell(doc->arena, row->metric, row->baseline),
                        value_as_cell(doc->arena, row->metric, row->current),
                        value_as_cell(doc->arena, row->metric, row->target),
                        cell_string(status_of(row)));
        }
}

void report_iterations(Doc *doc, const ReportInput *in)
{
        doc_heading(doc, 3, "Optimization Iteration");
        doc_open(doc, "iterations");
        put_log(doc, in);
        put_targets(doc, in);
        doc_close(doc);
}
