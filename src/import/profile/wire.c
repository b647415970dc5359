#include "import/profile/wire.h"

Wire wire_of(Span text)
{
        const char *start = text.ptr ? text.ptr : "";

        return (Wire){ .at = start, .end = start + text.len };
}

bool wire_varint(Wire *w, uint64_t *ret)
{
        const char *at = w->at;
        uint64_t value = 0;

        for (unsigned shift = 0; at < w->end && shift < 64; shift += 7) {
                uint8_t byte = (uint8_t)*at++;

                value |= (uint64_t)(byte & 0x7f) << shift;
                if (byte & 0x80)
                        continue;
                *ret = value;
                w->at = at;
                return true;
        }
        w->bad = true;
        return false;
}

static bool fixed(Wire *w, size_t size, uint64_t *ret)
{
        uint64_t value = 0;

        if ((size_t)(w->end - w->at) < size) {
                w->bad = true;
                return false;
        }
        for (size_t i = size; i-- > 0;)
                value = value << 8 | (uint8_t)w->at[i];
        w->at += size;
        *ret = value;
        return true;
}

static bool bytes(Wire *w, Span *ret)
{
        const char *start = w->at;
        uint64_t len;

        if (!wire_varint(w, &len) || len > (uint64_t)(w->end - w->at)) {
                w->at = start;
                w->bad = true;
                return false;
        }
        *ret = (Span){ w->at, (size_t)len };
        w->at += len;
        return true;
}

bool wire_next(Wire *w, WireField *ret)
{
        WireField field = { .at = w->at };
        uint64_t key;
        bool ok = false;

        if (w->bad || w->at >= w->end || !wire_varint(w, &key))
                return false;
        field.number = (uint32_t)(key >> 3);
        field.type = (WireType)(key & 7);
        if (key >> 3 == 0 || key >> 3 > 0x1fffffff)
                w->bad = true;
        else if (field.type == WIRE_VARINT)
                ok = wire_varint(w, &field.value);
        else if (field.type == WIRE_FIXED64)
                ok = fixed(w, 8, &field.value);
        else if (field.type == WIRE_FIXED32)
                ok = fixed(w, 4, &field.value);
        else if (field.type == WIRE_BYTES)
                ok = bytes(w, &field.bytes);
        if (!ok) {
                w->bad = true;
                w->at = field.at;
                return false;
        }
        *ret = field;
        return true;
}

WireNumbers wire_numbers(const WireField *field)
{
        return (WireNumbers){ .packed = wire_of(field->bytes),
                              .single = field->value,
                              .is_packed = field->type == WIRE_BYTES };
}

bool wire_numbers_next(WireNumbers *n, uint64_t *ret)
{
        if (n->is_packed)
                return n->packed.at < n->packed.end && wire_varint(&n->packed, ret);
        if (n->done)
                return false;
        n->done = true;
        *ret = n->single;
        return true;
}
