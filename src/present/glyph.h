#pragma once
/* Characters on a terminal: how many columns they take, and text from outside made harmless.
 *
 *         Span safe = text_clean(scratch, name, CLEAN_LINE);
 *         buf_add(out, text_first_columns(safe, 20));
 *
 * Columns are counted here instead of by wcwidth(), which follows the locale: combining marks take
 * none, East Asian wide characters and emoji take two (Unicode 15, EastAsianWidth.txt, the ranges
 * that matter).
 */

#include "base/span.h"

typedef struct Glyph {
        Span bytes;
        uint32_t code; /* of the first byte when it is not UTF-8 */
        bool valid;
        unsigned columns;
} Glyph;

bool glyph_next(Span *rest, Glyph *ret); /* false at the end */
size_t text_columns(Span s);
/* The longest start of `s` that takes at most `columns`. */
Span text_first_columns(Span s, size_t columns);
/* `s` when it fits, else a start of it with "…" at the end. */
Span text_shorten(Arena *scratch, Span s, size_t columns);
Span text_printf(Arena *arena, const char *format, ...) PRINTF(2, 3);

/* Control characters, escape sequences, direction overrides, invisible characters and bytes that
 * are not UTF-8 become visible: "\x1b[31m", "\u202e". CLEAN_LINE turns line ends and tabs into
 * spaces, CLEAN_LINES keeps line ends. */
typedef enum CleanMode { CLEAN_LINE, CLEAN_LINES } CleanMode;
Span text_clean(Arena *scratch, Span s, CleanMode mode);
