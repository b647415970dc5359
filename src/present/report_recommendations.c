/* Optimization recommendations by priority; numbers go on across the groups. */

#include "present/report_int.h"

static bool in_group(Priority priority, size_t group)
{
        static const size_t group_of[] = {
                [PRIORITY_P0] = 0, [PRIORITY_P1] = 0, [PRIORITY_P2] = 1, [PRIORITY_P3] = 2
        };

        return group_of[priority] == group;
}

static void put_recommendation(Doc *doc, const Finding *f, size_t number)
{
        doc_numbered_at(doc, "titles", number, "%.*s", SPAN_ARG(f->title));
        doc_strong(doc);
        if (f->advice.len)
                doc_subitem(doc, NULL, "%.*s", SPAN_ARG(f->advice));
        if (f->source.len)
                doc_subitem(doc, NULL, "Place: `%.*s`", SPAN_ARG(f->source));
        doc_subitem(doc, NULL, "Expected impact: %.*s",
                    SPAN_ARG(f->expected_gain.len ? f->expected_gain : SPAN("not estimated")));
}

void report_recommendations(Doc *doc, const ReportInput *in)
{
        static const struct {
                const char *title, *key;
        } groups[] = { { "High Priority", "high" },
                       { "Medium Priority", "medium" },
                       { "Low Priority", "low" } };
        size_t number = 0;

        doc_heading(doc, 2, "Optimization Recommendations");
        doc_open(doc, "recommendations");
        if (!in->findings)
                doc_paragraph(doc, "state", "not measured: no causes were looked for");
        for (size_t group = 0; in->findings && group < COUNT(groups); group++) {
                size_t before = number;

                doc_heading(doc, 3, "%s", groups[group].title);
                doc_open(doc, groups[group].key);
                for (size_t i = 0; i < in->findings->len; i++)
                        if (in_group(in->findings->items[i].priority, group))
                                put_recommendation(doc, &in->findings->items[i], ++number);
                if (number == before)
                        doc_paragraph(doc, NULL, "None.");
                doc_close(doc);
        }
        doc_close(doc);
}
