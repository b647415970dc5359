/* The gate for people, a table a source, and for programs, one list of all items. */

#include "present/view_int.h"

#include <math.h>

#include "base/json.h"

static const Column budget_columns[] = {
        { "budget", "Budget", .wrap = true },
        { "value", "Value", ALIGN_RIGHT },
        { "limit", "Limit", ALIGN_RIGHT },
        { "interval", "Interval", ALIGN_RIGHT, .wide_only = true },
        { "verdict", "Verdict" },
        { "run", "Run", ALIGN_RIGHT, .wide_only = true },
        { "reason", "Why", .wrap = true },
};

static const Column base_columns[] = {
        { "metric", "Against the base", .wrap = true },
        { "before", "Before", ALIGN_RIGHT },
        { "after", "After", ALIGN_RIGHT },
        { "change", "Change", ALIGN_RIGHT },
        { "interval", "Interval", ALIGN_RIGHT, .wide_only = true },
        { "tolerance", "Tolerance", ALIGN_RIGHT },
        { "smallest_detectable", "MDE", ALIGN_RIGHT },
        { "verdict", "Verdict" },
};

static const Column history_columns[] = {
        { "metric", "History", .wrap = true }, { "before", "Before", ALIGN_RIGHT },
        { "after", "Now", ALIGN_RIGHT },       { "verdict", "Verdict" },
        { "reason", "Why", .wrap = true },
};

static const Column slo_columns[] = {
        { "slo", "Objective", .wrap = true }, { "share", "Good", ALIGN_RIGHT },
        { "limit", "Limit", .wrap = true },   { "verdict", "Verdict" },
        { "reason", "Why", .wrap = true },
};

static Cell verdict_cell(const GateItem *item)
{
        return cell_verdict(gate_verdict_name(item->verdict));
}

static Cell mde_cell(double mde)
{
        return isfinite(mde) ? cell_unit(UNIT_RATIO, mde) : cell_missing();
}

static void put_budget(DocTable *t, const GateItem *item, Arena *arena)
{
        doc_row(t, cell_text(gate_item_words(item, arena)), cell_unit(item->unit, item->value),
                cell_text(item->limit),
                cell_range(item->unit, item->interval.low, item->interval.high), verdict_cell(item),
                item->run_id ? cell_count(item->run_id) : cell_missing(), cell_text(item->reason));
}

static void put_base(DocTable *t, const GateItem *item, Arena *arena)
{
        doc_row(t, cell_text(gate_item_words(item, arena)), cell_unit(item->unit, item->before),
                cell_unit(item->unit, item->value), cell_change(item->change),
                cell_interval(item->change_interval), cell_text(item->limit), mde_cell(item->mde),
                verdict_cell(item));
}

static void put_history(DocTable *t, const GateItem *item, Arena *arena)
{
        doc_row(t, cell_text(gate_item_words(item, arena)), cell_unit(item->unit, item->before),
                cell_unit(item->unit, item->value), verdict_cell(item), cell_text(item->reason));
}

static void put_slo(DocTable *t, const GateItem *item, Arena *arena)
{
        doc_row(t, cell_text(gate_item_words(item, arena)), cell_unit(item->unit, item->value),
                cell_text(item->limit), verdict_cell(item), cell_text(item->reason));
}

static const struct {
        const Column *columns;
        size_t n_columns;
        void (*put)(DocTable *t, const GateItem *item, Arena *arena);
        bool reasons_below; /* the table has no room for them */
} tables[] = {
        [GATE_SOURCE_BUDGET] = { budget_columns, COUNT(budget_columns), put_budget, false },
        [GATE_SOURCE_BASE] = { base_columns, COUNT(base_columns), put_base, true },
        [GATE_SOURCE_HISTORY] = { history_columns, COUNT(history_columns), put_history, false },
        [GATE_SOURCE_SLO] = { slo_columns, COUNT(slo_columns), put_slo, false },
};

static void put_source(Doc *doc, const GateResult *result, GateSource source)
{
        DocTable *t = NULL;

        for (size_t i = 0; i < result->len; i++) {
                if (result->items[i].source != source)
                        continue;
                if (!t)
                        t = doc_table(doc, NULL, tables[source].columns, tables[source].n_columns);
                tables[source].put(t, &result->items[i], doc->arena);
        }
        for (size_t i = 0; t && tables[source].reasons_below && i < result->len; i++) {
                const GateItem *item = &result->items[i];

                if (item->source == source && item->verdict != GATE_PASS)
                        doc_item(doc, NULL, "%.*s: %.*s",
                                 SPAN_ARG(gate_item_words(item, doc->arena)),
                                 SPAN_ARG(item->reason));
        }
}

void view_gate_tables(Doc *doc, const GateResult *result)
{
        for (size_t source = 0; source < COUNT(tables); source++)
                put_source(doc, result, (GateSource)source);
}

static void json_quantity(JsonWriter *w, const char *key, Unit unit, double value)
{
        json_key(w, key);
        if (isnan(value)) {
                json_null(w);
                return;
        }
        json_open_object(w);
        json_key(w, "value");
        json_double(w, value);
        json_key(w, "unit");
        json_text(w, unit_name(unit));
        json_close_object(w);
}

static void json_range(JsonWriter *w, const char *key, Interval in, const char *unit)
{
        json_key(w, key);
        if (isnan(in.low) || isnan(in.high)) {
                json_null(w);
                return;
        }
        json_open_object(w);
        json_key(w, "low");
        json_double(w, in.low);
        json_key(w, "high");
        json_double(w, in.high);
        json_key(w, "unit");
        json_text(w, unit);
        json_close_object(w);
}

static void json_exception(JsonWriter *w, const GateItem *item)
{
        const Exception *e = item->exception;

        if (!e)
                return;
        json_key(w, "judged");
        json_text(w, gate_verdict_name(item->judged));
        json_key(w, "exception");
        json_open_object(w);
        json_key(w, "owner");
        json_span(w, e->owner);
        json_key(w, "reason");
        json_span(w, e->reason);
        json_key(w, "line");
        json_u64(w, e->line);
        json_close_object(w);
}

static void json_compared(JsonWriter *w, const GateItem *item)
{
        if (item->source != GATE_SOURCE_BASE && item->source != GATE_SOURCE_HISTORY)
                return;
        json_quantity(w, "before", item->unit, item->before);
        json_key(w, "change");
        json_double(w, item->change);
        json_range(w, "change_interval", item->change_interval, "ratio");
        json_key(w, "smallest_detectable");
        json_double(w, item->mde);
}

static void json_item(JsonWriter *w, const GateItem *item)
{
        json_open_object(w);
        json_key(w, "source");
        json_text(w, gate_source_name(item->source));
        json_key(w, "budget");
        json_span(w, gate_item_words(item, w->out->arena));
        json_key(w, "metric");
        json_text(w, item->metric ? item->metric->name : NULL);
        json_key(w, "subject");
        json_span(w, item->subject);
        json_quantity(w, "value", item->unit, item->value);
        json_range(w, "interval", item->interval, unit_name(item->unit));
        json_compared(w, item);
        json_key(w, "limit");
        json_span(w, item->limit);
        json_key(w, "verdict");
        json_text(w, gate_verdict_name(item->verdict));
        json_exception(w, item);
        json_key(w, "reason");
        json_span(w, item->reason);
        json_key(w, "n");
        json_u64(w, item->n);
        json_key(w, "run");
        item->run_id ? json_u64(w, item->run_id) : json_null(w);
        json_key(w, "file");
        json_text(w, item->file);
        json_key(w, "line");
        item->line ? json_u64(w, item->line) : json_null(w);
        json_close_object(w);
}

static Span items_json(const GateResult *result, Arena *arena)
{
        Buf out = buf_in(arena, MiB(64));
        JsonWriter w = json_to(&out, false);

        json_open_array(&w);
        for (size_t i = 0; i < result->len; i++)
                json_item(&w, &result->items[i]);
        json_close_array(&w);
        return buf_span(&out);
}

Span gate_count_words(const GateResult *result, Arena *arena)
{
        Buf out = buf_in(arena, KiB(1));

        for (size_t v = 0; v < COUNT(result->counts); v++)
                if (result->counts[v])
                        buf_printf(&out, "%s%zu %s", out.len ? ", " : "", result->counts[v],
                                   gate_verdict_name((GateVerdict)v));
        return buf_span(&out);
}

void view_gate(Doc *doc, const GateResult *result)
{
        doc_open(doc, "gate");
        doc_field(doc, "budget", "Budget",
                  result->budget_file ? cell_string(result->budget_file) : cell_missing());
        doc_field(doc, "verdict", "Verdict", cell_verdict(gate_verdict_name(result->verdict)));
        doc_field(doc, NULL, "Items", cell_text(gate_count_words(result, doc->arena)));
        view_gate_tables(doc, result);
        doc_json(doc, "items", items_json(result, doc->arena));
        for (size_t i = 0; i < result->n_notes; i++)
                doc_item(doc, "notes", "%.*s", SPAN_ARG(result->notes[i]));
        doc_close(doc);
}
