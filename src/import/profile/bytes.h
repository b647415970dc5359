#pragma once
/* The bytes of a profile before its reader sees them: mapped or read, unpacked, in UTF-8.
 *
 *         AUTO(bytes_done) Bytes raw = { 0 }, plain = { 0 };
 *         r = bytes_load("perf.txt.gz", &raw, err);
 *         if (r == 0)
 *                 r = bytes_plain(bytes_span(&raw), SPAN("perf.txt.gz"), &plain, err);
 *         Span text = plain.ptr ? bytes_span(&plain) : bytes_span(&raw);
 *
 * They are pages of their own, given back as a whole: files of gigabytes need no arena.
 */

#include "base/span.h"

typedef struct Bytes {
        char *ptr;
        size_t len, room; /* room: bytes mapped */
} Bytes;

void bytes_done(Bytes *bytes);
Span bytes_span(const Bytes *bytes);
/* Room for at least n more bytes; ERR_LIMIT past 4 GiB in all. */
int bytes_grow(Bytes *bytes, size_t n, Span name, Error *err);
/* The whole file; "-" is standard input. Regular files are mapped. */
int bytes_load(const char *path, Bytes *ret, Error *err);
/* gzip is unpacked, UTF-16 becomes UTF-8. *ret stays empty when the bytes are plain already. What
 * is compressed otherwise is an error that says how to unpack it. */
int bytes_plain(Span bytes, Span name, Bytes *ret, Error *err);
