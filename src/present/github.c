/* GitHub workflow commands, one an item that does not pass. A message escapes %, CR and LF; a
 * property also : and , (actions/toolkit, packages/core/src/command.ts). */

#include "present/gate_export.h"
#include "present/glyph.h"

#include <string.h>

static void put_escaped(Buf *out, Span text, const char *also)
{
        Span clean = text_clean(out->arena, text, CLEAN_LINES);

        for (size_t i = 0; i < clean.len; i++) {
                char c = clean.ptr[i];

                if (c == '%' || c == '\n' || c == '\r' || (c && strchr(also, c)))
                        buf_printf(out, "%%%02X", (unsigned char)c);
                else
                        buf_byte(out, c);
        }
}

void github_gate(const GateReport *report, Buf *out)
{
        static const char *const commands[] = {
                [GATE_LEVEL_NOTE] = "notice",
                [GATE_LEVEL_WARNING] = "warning",
                [GATE_LEVEL_ERROR] = "error",
        };

        for (size_t i = 0; i < report->result->len; i++) {
                const GateItem *item = &report->result->items[i];
                GateLevel level = gate_level(report, item);

                if (level == GATE_LEVEL_NONE)
                        continue;
                buf_printf(out, "::%s file=", commands[level]);
                put_escaped(out, gate_location(report, item, out->arena), ":,");
                buf_printf(out, ",line=%u,title=", gate_line(item));
                put_escaped(out, gate_item_words(item, out->arena), ":,");
                buf_printf(out, " %s::", gate_verdict_name(item->verdict));
                put_escaped(out, item->reason, "");
                buf_byte(out, '\n');
        }
}
