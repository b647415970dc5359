#include "command/flame_files.h"

#include "base/fs.h"

#include <inttypes.h>

#define MOST_BYTES MiB(64)

int palette_map_load(Context *ctx, const char *path, FlameColors *colors, Error *err)
{
        Span text = { 0 };
        int r = path_exists(path) ? file_read(path, MOST_BYTES, ctx->arena, &text, err) : 0;

        return r < 0 ? r : flame_map_read(text, path, colors, ctx->arena, err);
}

int palette_map_save(Context *ctx, const char *path, const FlameColors *colors, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MOST_BYTES * 2);
        Buf out = buf_in(ctx->arena, MOST_BYTES);
        int r;

        flame_map_write(colors, scratch, &out);
        r = buf_check(&out, err);
        return r < 0 ? r : file_write(path, buf_span(&out), err);
}

/* The whole number of an attribute of the first tag. */
static uint64_t size_of(Span svg, const char *attribute)
{
        Span tag = span_first(svg, (size_t)MAX(span_find_byte(svg, '>'), (ptrdiff_t)0)), value;
        ptrdiff_t at = span_find(tag, span_of(attribute));
        uint64_t size = 0;

        if (at < 0)
                return 0;
        value = span_from(tag, (size_t)at + span_of(attribute).len);
        return span_to_u64(span_cut(&value, '"'), &size, NULL) < 0 ? 0 : size;
}

void svg_stack(Span above, Span below, Buf *out)
{
        uint64_t width = MAX(size_of(above, " width=\""), size_of(below, " width=\""));
        uint64_t first = size_of(above, " height=\""), second = size_of(below, " height=\"");

        buf_printf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%" PRIu64
                   "\" height=\"%" PRIu64 "\" viewBox=\"0 0 %" PRIu64 " %" PRIu64 "\">\n",
                   width, first + second, width, first + second);
        buf_add(out, above);
        buf_printf(out, "<g transform=\"translate(0,%" PRIu64 ")\">\n", first);
        buf_add(out, below);
        buf_text(out, "</g>\n</svg>\n");
}
