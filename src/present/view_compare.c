#include "present/view_int.h"

#include <math.h>

static const Column change_columns[] = {
        { "metric", "Metric", .wrap = true },
        { "before", "Before", ALIGN_RIGHT },
        { "after", "After", ALIGN_RIGHT },
        { "change", "Change", ALIGN_RIGHT },
        { "interval", "Interval", ALIGN_RIGHT },
        { "verdict", "Verdict" },
        { "smallest_detectable", "MDE", ALIGN_RIGHT },
        { "p", "p (Holm)", ALIGN_RIGHT, .wide_only = true },
};

static Cell mde_cell(double mde)
{
        return isfinite(mde) ? cell_unit(UNIT_RATIO, mde) : cell_missing();
}

static void put_changes(Doc *doc, const Comparison *c)
{
        DocTable *t = doc_table(doc, "changes", change_columns, COUNT(change_columns));

        for (size_t i = 0; i < c->len; i++) {
                const MetricChange *m = &c->items[i];
                Unit unit = metric_def(m->metric)->unit;
                Buf name = buf_in(doc->arena, MiB(1));

                buf_text(&name, metric_def(m->metric)->name);
                if (m->subject.len)
                        buf_printf(&name, " of %.*s", SPAN_ARG(m->subject));
                doc_row(t, cell_text(buf_span(&name)), cell_unit(unit, m->a), cell_unit(unit, m->b),
                        cell_change(m->effect.change), cell_interval(m->effect.interval),
                        cell_verdict(change_verdict_name(m->verdict)), mde_cell(m->effect.mde),
                        cell_unit(UNIT_NONE, m->adjusted_p));
        }
}

static void put_sides(Doc *doc, const Comparison *c)
{
        const char *what = c->paired ? "interleaved block" : "run";
        Span before = c->name_a.len ? c->name_a : SPAN("before");
        Span after = c->name_b.len ? c->name_b : SPAN("after");

        doc_field(doc, "verdict", "Verdict", cell_verdict(change_verdict_name(c->verdict)));
        doc_field(doc, NULL, "Before",
                  cell_text(text_printf(doc->arena, "%.*s, %zu %s%s", SPAN_ARG(before), c->n_a,
                                        what, c->n_a == 1 ? "" : "s")));
        doc_field(doc, NULL, "After",
                  cell_text(text_printf(doc->arena, "%.*s, %zu %s%s", SPAN_ARG(after), c->n_b, what,
                                        c->n_b == 1 ? "" : "s")));
}

void view_comparison(Doc *doc, const Comparison *comparison)
{
        doc_open(doc, "comparison");
        put_sides(doc, comparison);
        doc_open(doc, "before");
        doc_json(doc, "n", text_printf(doc->arena, "%zu", comparison->n_a));
        doc_close(doc);
        doc_open(doc, "after");
        doc_json(doc, "n", text_printf(doc->arena, "%zu", comparison->n_b));
        doc_close(doc);
        doc_json(doc, "paired", comparison->paired ? SPAN("true") : SPAN("false"));
        put_changes(doc, comparison);
        doc_paragraph(doc, NULL,
                      "MDE: the smallest change that this comparison would have seen with "
                      "probability 0.8.");
        if (comparison->caveat.len)
                doc_paragraph(doc, "caveat", "Caveat: %.*s", SPAN_ARG(comparison->caveat));
        doc_close(doc);
}

static Span bound_words(const BudgetRow *row, Arena *arena)
{
        Unit unit = row->metric ? row->metric->unit : UNIT_NONE;
        Buf out = buf_in(arena, KiB(1));

        if (!isnan(row->min)) {
                buf_text(&out, ">= ");
                unit_format(&out, unit, row->min);
        }
        if (!isnan(row->max)) {
                buf_text(&out, out.len ? ", <= " : "<= ");
                unit_format(&out, unit, row->max);
        }
        return buf_span(&out);
}

static Span budget_words(const BudgetRow *row, Arena *arena)
{
        if (!row->group.len)
                return row->key;
        return text_printf(arena, "%.*s.%.*s", SPAN_ARG(row->group), SPAN_ARG(row->key));
}

void view_gate(Doc *doc, const Budget *budget, const GateResult *result)
{
        static const Column columns[] = {
                { "budget", "Budget", .wrap = true },
                { "value", "Value", ALIGN_RIGHT },
                { "limit", "Limit", ALIGN_RIGHT },
                { "interval", "Interval", ALIGN_RIGHT, .wide_only = true },
                { "verdict", "Verdict" },
                { "run", "Run", ALIGN_RIGHT, .wide_only = true },
                { "reason", "Why", .wrap = true },
        };
        DocTable *t;

        doc_open(doc, "gate");
        doc_field(doc, "budget", "Budget", cell_string(budget->file));
        doc_field(doc, "verdict", "Verdict", cell_verdict(gate_verdict_name(result->verdict)));
        t = doc_table(doc, "items", columns, COUNT(columns));
        for (size_t i = 0; i < result->len; i++) {
                const GateItem *item = &result->items[i];
                Unit unit = item->row->metric ? item->row->metric->unit : UNIT_NONE;

                doc_row(t, cell_text(budget_words(item->row, doc->arena)),
                        cell_unit(unit, item->value), cell_text(bound_words(item->row, doc->arena)),
                        cell_range(unit, item->interval.low, item->interval.high),
                        cell_verdict(gate_verdict_name(item->verdict)),
                        item->run_id ? cell_count(item->run_id) : cell_missing(),
                        cell_text(item->reason));
        }
        doc_close(doc);
}
