#pragma once
/* Little-endian base-128 numbers and length-prefixed bytes: the alphabet of packed forms.
 *
 * Reading never passes the end: a VarReader that ran out, or met a number wider than 64 bits,
 * answers 0 from then on and remembers the offset where it stumbled. Encodings with needless
 * trailing zero groups are refused, so that every value has one form.
 */

#include "base/buf.h"

void varint_put(Buf *out, uint64_t value);
void varint_put_bytes(Buf *out, Span bytes);
void varint_put_double(Buf *out, double value); /* eight bytes, IEEE 754, little endian */

typedef struct VarReader {
        Span rest;
        size_t at; /* offset of rest in what was given */
        bool bad;
} VarReader;

VarReader varint_from(Span packed);
uint64_t varint_next(VarReader *reader);
/* A number that must be below `limit`. */
uint64_t varint_below(VarReader *reader, uint64_t limit);
Span varint_next_bytes(VarReader *reader); /* a view into what was given */
double varint_next_double(VarReader *reader);
