/* The gate as the comment of a pull request: what decides first, then before and after, then
 * everything, folded. The first line is a mark by which a job finds its own comment again. Of more
 * than a comment holds, less is shown. */

#include <math.h>

#include "present/gate_export.h"
#include "present/view_int.h"

#define MOST_SHOWN 50   /* items in a list */
#define MOST_ROWS 300   /* of a table */
#define LARGEST KiB(60) /* a comment holds 65 536 characters */
#define LARGEST_TRY MiB(64)

static const char *mark_of(GateVerdict verdict)
{
        static const char *const marks[] = {
                [GATE_PASS] = "✅",
                [GATE_FAIL] = "❌",
                [GATE_INCONCLUSIVE] = "❔",
                [GATE_SUPPRESSED] = "➖",
        };

        BUG_IF((size_t)verdict >= COUNT(marks));
        return marks[verdict];
}

/* What people call the six metrics that come first. */
static Span row_name(const GateItem *item, Arena *arena)
{
        static const struct {
                MetricId metric;
                const char *label;
        } labels[] = {
                { METRIC_LATENCY_P50, "p50 latency" }, { METRIC_LATENCY_P95, "p95 latency" },
                { METRIC_LATENCY_P99, "p99 latency" }, { METRIC_THROUGHPUT, "Throughput" },
                { METRIC_MEMORY, "Memory usage" },     { METRIC_CPU, "CPU usage" },
        };
        const char *label = item->metric->name;

        for (size_t i = 0; i < COUNT(labels); i++)
                if (labels[i].metric == item->metric->id)
                        label = labels[i].label;
        if (!item->subject.len)
                return span_of(label);
        return text_printf(arena, "%s of %.*s", label, SPAN_ARG(item->subject));
}

static Span improvement_words(const GateItem *item, Arena *arena)
{
        double better = item->metric->direction == DIRECTION_HIGHER ? item->change : -item->change;

        if (isnan(better))
                return SPAN("-");
        if (better == 0)
                return SPAN("0%");
        return text_printf(arena, "%.*s %s", SPAN_ARG(percent_words(arena, better)),
                           better > 0 ? "better" : "worse");
}

static void put_before_after(Doc *doc, const GateResult *result)
{
        static const Column columns[] = {
                { "metric", "Metric" },
                { "before", "Before", ALIGN_RIGHT },
                { "after", "After", ALIGN_RIGHT },
                { "improvement", "Improvement" },
                { "interval", "Interval of the change" },
                { "tolerance", "Tolerance" },
                { "smallest_detectable", "MDE", ALIGN_RIGHT },
                { "verdict", "Verdict" },
        };
        DocTable *t = NULL;

        for (size_t i = 0; i < result->len; i++) {
                const GateItem *item = &result->items[i];

                if (item->source != GATE_SOURCE_BASE || !item->metric)
                        continue;
                if (!t) {
                        doc_heading(doc, 3, "Before and after");
                        t = doc_table(doc, NULL, columns, COUNT(columns));
                }
                doc_row(t, cell_text(row_name(item, doc->arena)),
                        value_as_cell(doc->arena, item->metric->id, item->before),
                        value_as_cell(doc->arena, item->metric->id, item->value),
                        cell_text(improvement_words(item, doc->arena)),
                        cell_interval(item->change_interval), cell_text(item->limit),
                        isfinite(item->mde) ? cell_unit(UNIT_RATIO, item->mde) : cell_missing(),
                        cell_string(text_printf(doc->arena, "%s %s", mark_of(item->verdict),
                                                gate_verdict_name(item->verdict))
                                            .ptr));
        }
        if (t)
                doc_paragraph(doc, NULL,
                              "MDE: the smallest change that this comparison would have seen with "
                              "probability 0.8.");
}

static void put_verdict(Doc *doc, const GateResult *result, GateVerdict verdict, size_t most)
{
        size_t shown = 0;

        for (size_t i = 0; i < result->len; i++) {
                const GateItem *item = &result->items[i];

                if (item->verdict != verdict)
                        continue;
                if (shown++ == most) {
                        doc_item(doc, NULL, "and %zu more", result->counts[verdict] - most);
                        return;
                }
                doc_item(doc, NULL, "%s %.*s: %.*s", mark_of(verdict),
                         SPAN_ARG(gate_item_words(item, doc->arena)), SPAN_ARG(item->reason));
        }
}

static Doc *summary_doc(const GateResult *result, size_t most, Arena *arena)
{
        static const GateVerdict told[] = { GATE_FAIL, GATE_INCONCLUSIVE, GATE_SUPPRESSED };
        Doc *doc = doc_new(arena, "gate");

        doc_heading(doc, 2, "%s Performance gate: %s", mark_of(result->verdict),
                    gate_verdict_name(result->verdict));
        doc_paragraph(doc, NULL, "%zu checks: %.*s.", result->len,
                      SPAN_ARG(gate_count_words(result, arena)));
        for (size_t i = 0; i < COUNT(told); i++)
                put_verdict(doc, result, told[i], most);
        return doc;
}

static Doc *details_doc(const GateResult *result, size_t most, Arena *arena)
{
        GateResult shown = *result;
        Doc *doc = doc_new(arena, "gate");

        shown.len = MIN(shown.len, most);
        view_gate_tables(doc, &shown);
        if (shown.len < result->len)
                doc_paragraph(doc, NULL, "And %zu more.", result->len - shown.len);
        for (size_t i = 0; i < result->n_notes; i++)
                doc_item(doc, NULL, "%.*s", SPAN_ARG(result->notes[i]));
        return doc;
}

static int put_summary(const GateReport *report, size_t most, Buf *out, Error *err)
{
        GateResult shown = *report->result;
        Doc *head = summary_doc(report->result, MIN(most, (size_t)MOST_SHOWN), out->arena);
        int r;

        shown.len = MIN(shown.len, most);
        put_before_after(head, &shown);
        buf_text(out, "<!-- hone-gate -->\n");
        r = doc_print(head, DOC_MARKDOWN, &(DocStyle){ 0 }, out, err);
        if (r < 0)
                return r;
        buf_printf(out, "\n<details>\n<summary>All %zu checks</summary>\n\n", report->result->len);
        r = doc_print(details_doc(report->result, most, out->arena), DOC_MARKDOWN, &(DocStyle){ 0 },
                      out, err);
        buf_text(out, "\n</details>\n");
        return r;
}

int summary_gate(const GateReport *report, Buf *out, Error *err)
{
        for (size_t most = MOST_ROWS;; most /= 2) {
                Buf text = buf_in(out->arena, LARGEST_TRY);
                int r = put_summary(report, most, &text, err);

                if (r < 0)
                        return r;
                if (text.len > LARGEST && most > 1)
                        continue;
                buf_add(out, buf_span(&text));
                return 0;
        }
}
