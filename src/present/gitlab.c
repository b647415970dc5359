/* GitLab Code Quality: an issue for each item that does not pass, in the file of its rule. */

#include "base/json.h"
#include "present/gate_export.h"
#include "present/glyph.h"

static void put_issue(const GateReport *report, const GateItem *item, GateLevel level,
                      JsonWriter *w)
{
        static const char *const severities[] = {
                [GATE_LEVEL_NOTE] = "info",
                [GATE_LEVEL_WARNING] = "minor",
                [GATE_LEVEL_ERROR] = "critical",
        };
        Arena *arena = w->out->arena;
        Span name = gate_item_words(item, arena);

        json_open_object(w);
        json_key(w, "description");
        json_span(w,
                  text_clean(arena,
                             text_printf(arena, "%.*s: %s: %.*s", SPAN_ARG(name),
                                         gate_verdict_name(item->verdict), SPAN_ARG(item->reason)),
                             CLEAN_LINE));
        json_key(w, "check_name");
        json_span(w, text_printf(arena, "hone-%s", gate_source_name(item->source)));
        json_key(w, "fingerprint");
        json_span(w, gate_fingerprint(report, item, arena));
        json_key(w, "severity");
        json_text(w, severities[level]);
        json_key(w, "location");
        json_open_object(w);
        json_key(w, "path");
        json_span(w, gate_location(report, item, arena));
        json_key(w, "lines");
        json_open_object(w);
        json_key(w, "begin");
        json_u64(w, gate_line(item));
        json_close_object(w);
        json_close_object(w);
        json_close_object(w);
}

void gitlab_gate(const GateReport *report, Buf *out)
{
        JsonWriter w = json_to(out, true);

        json_open_array(&w);
        for (size_t i = 0; i < report->result->len; i++) {
                const GateItem *item = &report->result->items[i];
                GateLevel level = gate_level(report, item);

                if (level != GATE_LEVEL_NONE)
                        put_issue(report, item, level, &w);
        }
        json_close_array(&w);
        buf_byte(out, '\n');
}
