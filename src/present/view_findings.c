#include "present/view_int.h"

#include <math.h>

/* Everything about the findings, for programs. */
static void write_json(Doc *doc, const FindingList *findings)
{
        Buf json = buf_in(doc->arena, MiB(16));
        JsonWriter w = json_to(&json, false);

        json_open_array(&w);
        for (size_t i = 0; i < findings->len; i++) {
                const Finding *f = &findings->items[i];
                const struct {
                        const char *key;
                        Span text;
                } texts[] = {
                        { "priority", span_of(priority_name(f->priority)) },
                        { "title", f->title },
                        { "rule", f->rule },
                        { "where", f->where },
                        { "source", f->source },
                        { "category", f->category },
                        { "specialist", f->specialist },
                        { "fix_complexity", span_of(effort_name(f->effort)) },
                        { "advice", f->advice },
                        { "expected_gain", f->expected_gain },
                };

                json_open_object(&w);
                for (size_t t = 0; t < COUNT(texts); t++) {
                        json_key(&w, texts[t].key);
                        json_span(&w, texts[t].text);
                }
                json_key(&w, "stars");
                json_u64(&w, f->stars);
                json_key(&w, "impact_ns");
                json_double(&w, f->impact_ns);
                json_key(&w, "frequency_per_s");
                json_double(&w, f->frequency_per_s);
                json_key(&w, "share");
                json_double(&w, f->share > 0 ? f->share : (double)NAN); /* null: not known */
                json_key(&w, "evidence");
                json_open_array(&w);
                vec_each (Span, line, &f->evidence)
                        json_span(&w, *line);
                json_close_array(&w);
                json_close_object(&w);
        }
        json_close_array(&w);
        doc_json(doc, "items", buf_span(&json));
}

static void put_matrix(Doc *doc, const FindingList *findings)
{
        static const Column columns[] = {
                { NULL, "Bottleneck", .wrap = true }, { NULL, "Impact (ms)", ALIGN_RIGHT },
                { NULL, "Frequency", ALIGN_RIGHT },   { NULL, "Priority Score" },
                { NULL, "Fix Complexity" },
        };
        DocTable *t = doc_table(doc, NULL, columns, COUNT(columns));

        for (size_t i = 0; i < findings->len; i++) {
                const Finding *f = &findings->items[i];

                doc_row(t,
                        cell_text(text_printf(doc->arena, "%s %s %.*s", priority_mark(f->priority),
                                              priority_name(f->priority), SPAN_ARG(f->title))),
                        cell_unit(UNIT_NS, f->impact_ns), cell_unit(UNIT_PER_S, f->frequency_per_s),
                        cell_text(star_words(doc->arena, f->stars)),
                        cell_string(effort_name(f->effort)));
        }
}

static Span place_words(const Finding *f, Arena *arena)
{
        if (!f->source.len)
                return f->where;
        return text_printf(arena, "%.*s (%.*s)", SPAN_ARG(f->where), SPAN_ARG(f->source));
}

static void put_finding(Doc *doc, const Finding *f)
{
        doc_heading(doc, 3, "%s %s %.*s", priority_mark(f->priority), priority_name(f->priority),
                    SPAN_ARG(f->title));
        doc_field(doc, NULL, "Where", cell_text(place_words(f, doc->arena)));
        doc_field(doc, NULL, "Impact", cell_unit(UNIT_NS, f->impact_ns));
        doc_field(doc, NULL, "Frequency", cell_unit(UNIT_PER_S, f->frequency_per_s));
        doc_field(doc, NULL, "Share",
                  f->share > 0 ? cell_unit(UNIT_RATIO, f->share) : cell_missing());
        doc_field(doc, NULL, "Category", cell_text(f->category));
        doc_field(doc, NULL, "For", cell_text(f->specialist));
        vec_each (Span, line, &f->evidence)
                doc_item(doc, NULL, "%.*s", SPAN_ARG(*line));
        if (f->advice.len)
                doc_paragraph(doc, NULL, "Advice: %.*s", SPAN_ARG(f->advice));
        if (f->expected_gain.len)
                doc_paragraph(doc, NULL, "Expected gain: %.*s", SPAN_ARG(f->expected_gain));
}

void view_findings(Doc *doc, const FindingList *findings)
{
        doc_heading(doc, 2, "Findings");
        doc_open(doc, "findings");
        write_json(doc, findings);
        if (findings->len == 0) {
                doc_paragraph(doc, NULL, "No rule found a cause in what was measured.");
                doc_close(doc);
                return;
        }
        put_matrix(doc, findings);
        for (size_t i = 0; i < findings->len; i++)
                put_finding(doc, &findings->items[i]);
        doc_close(doc);
}
