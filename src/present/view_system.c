#include "present/chart.h"
#include "present/view_int.h"

#include <math.h>
#include <string.h>

static const Column system_columns[] = {
        { "metric", "Metric" },
        { "subject", "Of" },
        { "value", "Value", ALIGN_RIGHT },
        { NULL, "Over time" },
        { "meaning", "Meaning", .wrap = true, .wide_only = true },
};

static Span spark_of(const Recording *rec, const MetricValue *value, Arena *arena)
{
        const Series *s = recording_find_series(rec, value->metric, value->subject);
        Buf out = buf_in(arena, KiB(4));

        if (s && s->len > 1)
                spark_text(s->values, s->len, 24, &out);
        return buf_span(&out);
}

static void put_values(Doc *doc, const Recording *rec, const char *key, const char *label,
                       bool host)
{
        DocTable *t = NULL;

        vec_each (MetricValue, value, &rec->values) {
                const MetricDef *def = metric_def(value->metric);
                bool of_host = strncmp(def->name, "host_", 5) == 0;

                if (def->layer != LAYER_SYSTEM || of_host != host)
                        continue;
                if (!t) {
                        doc_label(doc, "%s:", label);
                        t = doc_table(doc, key, system_columns, COUNT(system_columns));
                }
                doc_row(t, cell_string(def->name), cell_text(value->subject),
                        cell_unit(def->unit, value->value),
                        cell_text(spark_of(rec, value, doc->arena)), cell_string(def->help));
        }
        if (!t)
                doc_paragraph(doc, NULL, "%s: not measured", label);
}

void view_system(Doc *doc, const Recording *system)
{
        doc_heading(doc, 2, "System");
        doc_open(doc, "system");
        put_values(doc, system, "target", "The target's processes", false);
        put_values(doc, system, "host", "The machine", true);
        doc_close(doc);
}

static Cell saturation_cell(const UseRow *row)
{
        if (row->saturation_text.len)
                return cell_text(row->saturation_text);
        if (isnan(row->saturation))
                return cell_string("not measured");
        return cell_string(row->saturated ? "saturated" : "none");
}

static Cell measured_cell(Unit unit, double value)
{
        return isnan(value) ? cell_string("not measured") : cell_unit(unit, value);
}

void view_use(Doc *doc, const UseTable *use)
{
        static const Column columns[] = {
                { "resource", "Resource" },
                { "utilisation", "Utilisation", ALIGN_RIGHT },
                { "saturation", "Saturation", .wrap = true },
                { "errors", "Errors", ALIGN_RIGHT },
        };
        DocTable *t;

        doc_heading(doc, 2, "Resources");
        doc_open(doc, "use");
        t = doc_table(doc, "resources", columns, COUNT(columns));
        for (size_t i = 0; i < RESOURCE_COUNT_; i++) {
                const UseRow *row = &use->rows[i];

                doc_row(t, cell_string(resource_name((Resource)i)),
                        measured_cell(UNIT_RATIO, row->utilisation), saturation_cell(row),
                        measured_cell(UNIT_PER_S, row->errors));
        }
        if (use->bottleneck >= 0)
                doc_field(doc, "bottleneck", "Saturated first",
                          cell_string(resource_name((Resource)use->bottleneck)));
        else
                doc_paragraph(doc, NULL, "No resource that was measured is saturated.");
        doc_close(doc);
}
