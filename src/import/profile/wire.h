#pragma once
/* The wire format of protocol buffers, read in place: fields with a number and a varint, eight or
 * four bytes, or a length and bytes.
 *
 *         Wire w = wire_of(text);
 *         WireField f;
 *         while (wire_next(&w, &f))
 *                 if (f.number == 6 && f.type == WIRE_BYTES)
 *                         ... f.bytes ...
 *         if (w.bad)
 *                 ... w.at is where ...
 *
 * Reading never passes the end; groups (long deprecated) are refused.
 */

#include "base/span.h"

typedef enum WireType {
        WIRE_VARINT = 0,
        WIRE_FIXED64 = 1,
        WIRE_BYTES = 2,
        WIRE_FIXED32 = 5
} WireType;

typedef struct WireField {
        uint32_t number;
        WireType type;
        uint64_t value; /* varint and fixed */
        Span bytes;
        const char *at; /* where the field begins */
} WireField;

typedef struct Wire {
        const char *at, *end;
        bool bad;
} Wire;

Wire wire_of(Span text);
bool wire_next(Wire *w, WireField *ret); /* false: the end, or bad */
bool wire_varint(Wire *w, uint64_t *ret);
/* A repeated number: one value of its own, or the values packed into bytes. Call until false. */
typedef struct WireNumbers {
        Wire packed;
        uint64_t single;
        bool is_packed, done;
} WireNumbers;
WireNumbers wire_numbers(const WireField *field);
bool wire_numbers_next(WireNumbers *n, uint64_t *ret);
