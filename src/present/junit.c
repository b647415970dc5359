#include "present/junit.h"

/* XML text: the five special characters escaped, what XML 1.0 cannot hold replaced. */
static void xml_text(Buf *out, Span text)
{
        static const struct {
                char c;
                const char *entity;
        } entities[] = { { '&', "&amp;" },
                         { '<', "&lt;" },
                         { '>', "&gt;" },
                         { '"', "&quot;" },
                         { '\'', "&apos;" } };

        for (size_t i = 0; i < text.len; i++) {
                unsigned char c = (unsigned char)text.ptr[i];
                const char *entity = NULL;

                for (size_t k = 0; k < COUNT(entities); k++)
                        if (text.ptr[i] == entities[k].c)
                                entity = entities[k].entity;
                if (entity)
                        buf_text(out, entity);
                else
                        buf_byte(out, c < 0x20 && c != '\n' && c != '\t' ? '?' : (char)c);
        }
}

static void junit_case(const GateItem *item, Buf *out)
{
        static const char *const elements[] = {
                [GATE_FAIL] = "failure", [GATE_INCONCLUSIVE] = "error"
        };
        const BudgetRow *row = item->row;

        buf_text(out, "    <testcase classname=\"");
        xml_text(out, row->group.len ? row->group : SPAN("budgets"));
        buf_text(out, "\" name=\"");
        xml_text(out, row->key);
        if (item->verdict == GATE_PASS) {
                buf_text(out, "\"/>\n");
                return;
        }
        buf_printf(out, "\">\n      <%s message=\"", elements[item->verdict]);
        xml_text(out, item->reason);
        buf_text(out, "\"/>\n    </testcase>\n");
}

void junit_gate(const Budget *budget, const GateResult *result, Buf *out)
{
        size_t counts[GATE_INCONCLUSIVE + 1] = { 0 };

        for (size_t i = 0; i < result->len; i++)
                counts[result->items[i].verdict]++;
        buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                      "  <testsuite name=\"");
        xml_text(out, span_of(budget->file));
        buf_printf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n", result->len,
                   counts[GATE_FAIL], counts[GATE_INCONCLUSIVE]);
        for (size_t i = 0; i < result->len; i++)
                junit_case(&result->items[i], out);
        buf_text(out, "  </testsuite>\n</testsuites>\n");
}
