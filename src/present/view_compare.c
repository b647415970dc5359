#include "present/view_int.h"

#include <math.h>

static const Column change_columns[] = {
        { "metric", NULL },
        { "subject", NULL },
        { NULL, "Metric", .wrap = true },
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
                doc_row(t, cell_string(metric_def(m->metric)->name), cell_text(m->subject),
                        cell_text(buf_span(&name)), cell_unit(unit, m->a), cell_unit(unit, m->b),
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
