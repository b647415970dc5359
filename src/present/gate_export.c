#include "present/gate_export.h"

#include "base/digest.h"
#include "base/fs.h"
#include "present/glyph.h"

#include <string.h>

GateLevel gate_level(const GateReport *report, const GateItem *item)
{
        static const GateLevel inconclusive[] = {
                [GATE_POLICY_TELL] = GATE_LEVEL_WARNING,
                [GATE_POLICY_PASS] = GATE_LEVEL_WARNING,
                [GATE_POLICY_FAIL] = GATE_LEVEL_ERROR,
        };
        static const GateLevel levels[] = {
                [GATE_PASS] = GATE_LEVEL_NONE,
                [GATE_FAIL] = GATE_LEVEL_ERROR,
                [GATE_SUPPRESSED] = GATE_LEVEL_NOTE,
        };

        return item->verdict == GATE_INCONCLUSIVE ? inconclusive[report->policy]
                                                  : levels[item->verdict];
}

uint32_t gate_line(const GateItem *item)
{
        return item->file && item->line ? item->line : 1;
}

/* "/a/./b/../c" without its "." and "..": the file need not exist. */
static Span normalise(Arena *arena, Span path)
{
        Buf out = buf_in(arena, KiB(64));

        while (path.ptr) {
                Span part = span_cut(&path, '/');

                if (part.len == 0 || span_is(part, "."))
                        continue;
                if (span_is(part, "..")) {
                        while (out.len && out.ptr[out.len - 1] != '/')
                                out.len--;
                        out.len -= out.len > 0;
                        continue;
                }
                buf_byte(&out, '/');
                buf_add(&out, part);
        }
        return buf_span(&out);
}

Span gate_location(const GateReport *report, const GateItem *item, Arena *arena)
{
        const char *file = item->file ? item->file : report->fallback;
        Span whole, root;

        if (span_starts(span_of(file), "./"))
                file += 2;
        if (!report->root || !report->cwd)
                return span_of(file);
        whole = normalise(arena, span_of(path_join(arena, report->cwd, file)));
        root = normalise(arena, span_of(report->root));
        if (span_starts(whole, span_text(arena, root)) && whole.len > root.len &&
            whole.ptr[root.len] == '/')
                return span_from(whole, root.len + 1);
        return span_of(file);
}

/* What is judged, not how it came out, and not the line: lines move. */
Span gate_fingerprint(const GateReport *report, const GateItem *item, Arena *arena)
{
        char digest[DIGEST_SIZE];
        Span place = gate_location(report, item, arena);
        Span key =
                text_printf(arena, "hone-gate\n%s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s",
                            gate_source_name(item->source), SPAN_ARG(place), SPAN_ARG(item->group),
                            SPAN_ARG(item->name), SPAN_ARG(item->subject), SPAN_ARG(item->limit));

        digest_hex(key, digest);
        return span_copy(arena, span_of(digest));
}
