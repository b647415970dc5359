#include "base/buf.h"

#include <string.h>

#define FIRST_ROOM ((size_t)256)

Buf buf_in(Arena *arena, size_t ceiling_bytes)
{
        /* Far from SIZE_MAX, so that sums of lengths do not wrap. */
        return (Buf){ .ptr = (char *)"",
                      .arena = arena,
                      .ceiling = MIN(ceiling_bytes, SIZE_MAX / 4) };
}

char *buf_reserve(Buf *b, size_t n)
{
        size_t room = MAX(b->room * 2, FIRST_ROOM);
        char *grown;

        if (b->overflowed || n > b->ceiling - b->len) {
                b->overflowed = true;
                return NULL;
        }
        if (b->room > b->len && n < b->room - b->len)
                return b->ptr + b->len;
        room = MIN(MAX(room, b->len + n + 1), b->ceiling + 1);
        grown = new_try(b->arena, char, room);
        if (!grown) {
                b->overflowed = true;
                return NULL;
        }
        memcpy(grown, b->ptr, b->len);
        b->ptr = grown;
        b->room = room;
        return b->ptr + b->len;
}

void buf_grew(Buf *b, size_t n)
{
        BUG_IF(b->len + n >= b->room);
        b->len += n;
        b->ptr[b->len] = '\0';
}

void buf_bytes(Buf *b, const void *bytes, size_t n)
{
        char *at = n ? buf_reserve(b, n) : NULL;

        if (!at)
                return;
        memcpy(at, bytes, n);
        buf_grew(b, n);
}

void buf_add(Buf *b, Span s)
{
        buf_bytes(b, s.ptr, s.len);
}

void buf_text(Buf *b, const char *text)
{
        buf_add(b, span_of(text));
}

void buf_byte(Buf *b, char c)
{
        buf_bytes(b, &c, 1);
}

void buf_repeat(Buf *b, char c, size_t n)
{
        char *at = n ? buf_reserve(b, n) : NULL;

        if (!at)
                return;
        memset(at, c, n);
        buf_grew(b, n);
}

void buf_vprintf(Buf *b, const char *format, va_list args)
{
        va_list again;
        char *at;
        int n;

        va_copy(again, args);
        n = vsnprintf(NULL, 0, format, again);
        va_end(again);
        BUG_IF(n < 0);
        at = buf_reserve(b, (size_t)n);
        if (!at)
                return;
        vsnprintf(at, (size_t)n + 1, format, args);
        buf_grew(b, (size_t)n);
}

void buf_printf(Buf *b, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        buf_vprintf(b, format, args);
        va_end(args);
}

void buf_clear(Buf *b)
{
        b->len = 0;
        b->overflowed = false;
        if (b->room)
                b->ptr[0] = '\0';
}

Span buf_span(const Buf *b)
{
        return (Span){ b->ptr, b->len };
}

int buf_check(const Buf *b, Error *err)
{
        if (b->overflowed)
                return fail(err, ERR_LIMIT, "more than %zu bytes of output", b->ceiling);
        return 0;
}
