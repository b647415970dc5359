#pragma once
/* Growing text with a ceiling: Spans go in, a Span comes out.
 *
 *         Buf b = buf_in(arena, MiB(16));
 *         buf_printf(&b, "p99 %s\n", text);
 *         if (buf_check(&b, err) < 0)
 *                 return ...;                       // the ceiling was reached
 *         write_all(fd, buf_span(&b));
 *
 * Appending never fails at the call: past the ceiling the buffer stays as it was and remembers
 * it, so a writer checks once at the end. The bytes live in the arena and are always followed by
 * a NUL that is not counted.
 */

#include "base/span.h"

#include <stdarg.h>

typedef struct Buf {
        char *ptr;
        size_t len, room, ceiling;
        bool overflowed;
        Arena *arena;
} Buf;

Buf buf_in(Arena *arena, size_t ceiling_bytes);
void buf_add(Buf *b, Span s);
void buf_text(Buf *b, const char *text);
void buf_byte(Buf *b, char c);
void buf_repeat(Buf *b, char c, size_t n);
void buf_bytes(Buf *b, const void *bytes, size_t n);
void buf_printf(Buf *b, const char *format, ...) PRINTF(2, 3);
void buf_vprintf(Buf *b, const char *format, va_list args) PRINTF(2, 0);
void buf_clear(Buf *b); /* keeps the room */
/* Room for n more bytes at the returned place, or NULL; buf_grew(b, n) counts what was written. */
char *buf_reserve(Buf *b, size_t n);
void buf_grew(Buf *b, size_t n);
Span buf_span(const Buf *b);
int buf_check(const Buf *b, Error *err); /* ERR_LIMIT when something did not fit */
