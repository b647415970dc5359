#pragma once
/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing past U+10FFFF.
 *
 *         while (rest.len) {
 *                 size_t n = utf8_length(rest);          // 0: not UTF-8 here
 *                 rest = span_from(rest, MAX(n, (size_t)1));
 *         }
 */

#include "base/span.h"

/* Bytes of the first character (1 to 4), or 0 when it is not well-formed or cut short. */
size_t utf8_length(Span s);
/* Writes the character's bytes, returns how many; `code` is a scalar value (no surrogate). */
size_t utf8_put(char ret[static 4], uint32_t code);
