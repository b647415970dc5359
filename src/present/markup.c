#include "present/markup.h"

#include "present/glyph.h"

static const char *reference_for(char c)
{
        static const struct {
                char c;
                const char *reference;
        } rows[] = {
                { '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
                { '"', "&quot;" }, { '\'', "&#39;" },
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                if (rows[i].c == c)
                        return rows[i].reference;
        return NULL;
}

void markup_escape(Buf *out, Span text)
{
        Span clean = text_clean(out->arena, text, CLEAN_LINES);
        size_t plain = 0;

        for (size_t i = 0; i < clean.len; i++) {
                const char *reference = reference_for(clean.ptr[i]);

                if (!reference)
                        continue;
                buf_bytes(out, clean.ptr + plain, i - plain);
                buf_text(out, reference);
                plain = i + 1;
        }
        buf_bytes(out, clean.ptr + plain, clean.len - plain);
}

Span present_file(const char *name)
{
        for (const EmbeddedFile *f = present_files; f->name; f++)
                if (span_is(span_of(f->name), name))
                        return f->bytes;
        BUG("no embedded file '%s'", name);
}
