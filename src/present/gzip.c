#include "present/gzip.h"

#include <limits.h>
#include <zlib.h>

#define PIECE KiB(256)
#define GZIP_WINDOW (15 + 16)

static void deflate_done(z_stream **z)
{
        if (*z)
                deflateEnd(*z);
}

/* One piece of output; 1: there is no more. */
static int put_piece(z_stream *z, bool last, Buf *out)
{
        char *room = buf_reserve(out, PIECE);
        int r;

        if (!room)
                return -ERR_LIMIT;
        z->next_out = (Bytef *)room;
        z->avail_out = PIECE;
        r = deflate(z, last ? Z_FINISH : Z_NO_FLUSH);
        buf_grew(out, PIECE - z->avail_out);
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
                return -ERR_LIMIT;
        return r == Z_STREAM_END || (!last && z->avail_in == 0 && z->avail_out) ? 1 : 0;
}

int gzip_put(Buf *out, Span bytes, Error *err)
{
        z_stream z = { 0 };
        AUTO(deflate_done) z_stream *open = NULL;
        int r = 0;

        if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                         Z_DEFAULT_STRATEGY) != Z_OK)
                return fail(err, ERR_LIMIT, "no memory to compress with");
        open = &z;
        do {
                Span piece = span_first(bytes, INT_MAX / 2);

                bytes = span_from(bytes, piece.len);
                z.next_in = (Bytef *)(uintptr_t)piece.ptr;
                z.avail_in = (uInt)piece.len;
                for (r = 0; r == 0;)
                        r = put_piece(&z, bytes.len == 0, out);
        } while (r == 1 && bytes.len);
        if (r < 0)
                return fail(err, ERR_LIMIT, "more than %zu bytes", out->ceiling);
        return buf_check(out, err);
}
