#pragma once
/* Base64 (RFC 4648, padded) without memory of its own: a writer that appends to a Buf as bytes
 * come, and a reader that fills small pieces.
 *
 *         Base64Writer w = { .out = out };
 *         base64_put(&w, bytes, n);                       // any number of times
 *         base64_end(&w);
 */

#include "base/buf.h"

typedef struct Base64Writer {
        Buf *out;
        unsigned char held[3];
        size_t n_held;
} Base64Writer;

void base64_put(Base64Writer *w, const void *bytes, size_t n);
void base64_end(Base64Writer *w); /* the rest and its padding */
/* Three bytes as four characters. */
void base64_group(const unsigned char bytes[static 3], char ret[static 4]);

/* How many bytes the text holds; ERR_INPUT when its length or padding is impossible. */
int base64_size(Span text, size_t *ret, Error *err);
/* Decodes up to room / 3 groups off the front of *rest; returns the bytes written, 0 at the end,
 * or -ERR_INPUT. */
ptrdiff_t base64_take(Span *rest, unsigned char *out, size_t room, Error *err);
