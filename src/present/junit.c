/* JUnit XML: one testsuite a source, one testcase an item. */

#include "present/gate_export.h"
#include "present/markup.h"

/* What a case holds beside its name; NULL: nothing, it passed. */
static const char *element_of(const GateReport *report, const GateItem *item)
{
        static const char *const inconclusive[] = {
                [GATE_POLICY_TELL] = "error",
                [GATE_POLICY_PASS] = "skipped",
                [GATE_POLICY_FAIL] = "failure",
        };

        switch (item->verdict) {
        case GATE_PASS:
                return NULL;
        case GATE_FAIL:
                return "failure";
        case GATE_INCONCLUSIVE:
                return inconclusive[report->policy];
        case GATE_SUPPRESSED:
                break;
        }
        return "skipped";
}

static void put_case(const GateReport *report, const GateItem *item, Buf *out)
{
        const char *element = element_of(report, item);
        Span name = gate_item_words(&(GateItem){ .name = item->name, .subject = item->subject },
                                    out->arena);

        buf_text(out, "    <testcase classname=\"");
        markup_escape(out,
                      item->group.len ? item->group : span_of(gate_source_words(item->source)));
        buf_text(out, "\" name=\"");
        markup_escape(out, name);
        if (!element) {
                buf_text(out, "\"/>\n");
                return;
        }
        buf_printf(out, "\">\n      <%s message=\"", element);
        markup_escape(out, item->reason);
        buf_text(out, "\"/>\n    </testcase>\n");
}

static bool is_element(const GateReport *report, const GateItem *item, const char *name)
{
        const char *element = element_of(report, item);

        return element && span_is(span_of(element), name);
}

static void put_counts(const GateReport *report, GateSource source, Buf *out)
{
        size_t tests = 0, failures = 0, errors = 0, skipped = 0;

        for (size_t i = 0; i < report->result->len; i++) {
                const GateItem *item = &report->result->items[i];

                if (item->source != source)
                        continue;
                tests++;
                failures += is_element(report, item, "failure");
                errors += is_element(report, item, "error");
                skipped += is_element(report, item, "skipped");
        }
        buf_printf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
                   tests, failures, errors, skipped);
}

/* A suite is named after the file of its rules, or after the source where they are in none. */
static void put_suite(const GateReport *report, size_t first, Buf *out)
{
        const GateItem *items = report->result->items;
        GateSource source = items[first].source;
        bool of_file = source == GATE_SOURCE_BUDGET || source == GATE_SOURCE_SLO;

        buf_text(out, "  <testsuite name=\"");
        if (of_file)
                markup_escape(out, gate_location(report, &items[first], out->arena));
        else
                markup_escape(out, span_of(gate_source_words(source)));
        put_counts(report, source, out);
        for (size_t i = first; i < report->result->len; i++)
                if (items[i].source == source)
                        put_case(report, &items[i], out);
        buf_text(out, "  </testsuite>\n");
}

void junit_gate(const GateReport *report, Buf *out)
{
        const GateResult *result = report->result;

        buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
        for (size_t i = 0; i < result->len; i++)
                if (i == 0 || result->items[i].source != result->items[i - 1].source)
                        put_suite(report, i, out);
        buf_text(out, "</testsuites>\n");
}
