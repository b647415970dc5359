/* Any text as collapsed stacks, drawn in every way: nothing of a name may become markup, and text
 * stays inside its width. Byte 0 is the width. */
#include "present/flame.h"
#include "present/glyph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(Span text, size_t width)
{
        Span line;
        Glyph g;

        for (Span rest = text; span_next_line(&rest, &line);)
                BUG_IF(text_columns(line) > width);
        while (glyph_next(&text, &g))
                BUG_IF(!g.valid || (g.code < 0x20 && g.code != '\n'));
}

static size_t count(Span text, const char *part)
{
        size_t n = 0;
        ptrdiff_t at;

        for (; (at = span_find(text, span_of(part))) >= 0; n++)
                text = span_from(text, (size_t)at + 1);
        return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(512));
        Span text = size > 1 ? (Span){ (const char *)data + 1, size - 1 } : SPAN("");
        int width = size ? 40 + data[0] % 160 : 80;
        Buf out = buf_in(arena, MiB(64));
        Error err = { 0 };
        Profile *p;

        if (profile_read_collapsed(text, "fuzz", arena, &p, &err) < 0)
                return 0;
        flame_text_boxes(p, &(FlamePlan){ .width = width }, &out);
        check_text(buf_span(&out), (size_t)width);
        buf_clear(&out);
        flame_text_bars(p, &(FlamePlan){ .width = width }, &out);
        check_text(buf_span(&out), (size_t)width);
        buf_clear(&out);
        if (flame_svg(p, &(FlamePlan){ .icicle = width % 2 }, &out, &err) < 0) {
                BUG_IF(err.code != ERR_UNAVAILABLE && err.code != ERR_LIMIT);
                return 0;
        }
        BUG_IF(count(buf_span(&out), "<script") != 1);
        BUG_IF(count(buf_span(&out), "<g ") != count(buf_span(&out), "</g>"));
        return 0;
}
