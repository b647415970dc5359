#include "model/varint.h"

#include <string.h>

void varint_put(Buf *out, uint64_t value)
{
        char bytes[10];
        size_t n = 0;

        do {
                bytes[n++] = (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
                value >>= 7;
        } while (value);
        buf_bytes(out, bytes, n);
}

void varint_put_bytes(Buf *out, Span bytes)
{
        varint_put(out, bytes.len);
        buf_add(out, bytes);
}

void varint_put_double(Buf *out, double value)
{
        char bytes[8];
        uint64_t bits;

        memcpy(&bits, &value, sizeof(bits));
        for (unsigned i = 0; i < 8; i++)
                bytes[i] = (char)(bits >> (8 * i));
        buf_bytes(out, bytes, sizeof(bytes));
}

VarReader varint_from(Span packed)
{
        return (VarReader){ .rest = packed };
}

static Span take(VarReader *reader, size_t n)
{
        Span piece = span_first(reader->rest, n);

        reader->bad |= n > reader->rest.len;
        if (reader->bad)
                return (Span){ 0 };
        reader->rest = span_from(reader->rest, n);
        reader->at += n;
        return piece;
}

uint64_t varint_next(VarReader *reader)
{
        uint64_t value = 0;

        for (unsigned shift = 0; shift < 64; shift += 7) {
                Span byte = take(reader, 1);
                uint64_t group = byte.len ? (unsigned char)byte.ptr[0] : 0;
                bool last = !(group & 0x80);

                group &= 0x7f;
                if (reader->bad || (shift == 63 && (group > 1 || !last)) ||
                    (last && shift && group == 0))
                        break;
                value |= group << shift;
                if (last)
                        return value;
        }
        reader->bad = true;
        return 0;
}

uint64_t varint_below(VarReader *reader, uint64_t limit)
{
        uint64_t value = varint_next(reader);

        if (!reader->bad && value >= limit)
                reader->bad = true;
        return reader->bad ? 0 : value;
}

Span varint_next_bytes(VarReader *reader)
{
        return take(reader, varint_next(reader));
}

double varint_next_double(VarReader *reader)
{
        Span bytes = take(reader, 8);
        uint64_t bits = 0;
        double value;

        for (size_t i = 0; i < bytes.len; i++)
                bits |= (uint64_t)(unsigned char)bytes.ptr[i] << (8 * i);
        memcpy(&value, &bits, sizeof(value));
        return value;
}
