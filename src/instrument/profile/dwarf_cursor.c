#include "instrument/profile/dwarf_cursor.h"

#include <string.h>

Cursor cursor_of(Span bytes)
{
        const uint8_t *at = (const uint8_t *)bytes.ptr;

        return (Cursor){ .at = at, .end = at ? at + bytes.len : at };
}

size_t cursor_left(const Cursor *c)
{
        return (size_t)(c->end - c->at);
}

static bool take(Cursor *c, void *ret, size_t n)
{
        if (cursor_left(c) < n) {
                c->failed = true;
                c->at = c->end;
                return false;
        }
        memcpy(ret, c->at, n);
        c->at += n;
        return true;
}

uint8_t cursor_u8(Cursor *c)
{
        uint8_t n;

        return take(c, &n, sizeof(n)) ? n : 0;
}

uint16_t cursor_u16(Cursor *c)
{
        uint16_t n;

        return take(c, &n, sizeof(n)) ? n : 0;
}

uint32_t cursor_u32(Cursor *c)
{
        uint32_t n;

        return take(c, &n, sizeof(n)) ? n : 0;
}

uint64_t cursor_u64(Cursor *c)
{
        uint64_t n;

        return take(c, &n, sizeof(n)) ? n : 0;
}

/* The bits of a LEB128 number; those past 64 are dropped. Tells how many were read. */
static uint64_t leb_bits(Cursor *c, unsigned *ret_bits, bool *ret_sign)
{
        uint64_t value = 0;
        unsigned shift = 0;
        uint8_t byte;

        do {
                byte = cursor_u8(c);
                if (shift < 64)
                        value |= (uint64_t)(byte & 0x7f) << shift;
                shift += 7;
        } while (byte & 0x80);
        *ret_bits = shift;
        *ret_sign = byte & 0x40;
        return value;
}

uint64_t cursor_uleb(Cursor *c)
{
        unsigned bits;
        bool sign;

        return leb_bits(c, &bits, &sign);
}

int64_t cursor_sleb(Cursor *c)
{
        unsigned bits;
        bool negative;
        uint64_t value = leb_bits(c, &bits, &negative);

        if (negative && bits < 64)
                value |= UINT64_MAX << bits;
        return (int64_t)value;
}

Span cursor_span(Cursor *c, uint64_t n)
{
        Span s = { (const char *)c->at, n };

        if (n > cursor_left(c)) {
                c->failed = true;
                c->at = c->end;
                return (Span){ 0 };
        }
        c->at += n;
        return s;
}

void cursor_skip_text(Cursor *c)
{
        while (!c->failed && cursor_u8(c) != 0)
                ;
}

static uint64_t read_absptr(Cursor *c)
{
        return cursor_u64(c);
}

static uint64_t read_udata2(Cursor *c)
{
        return cursor_u16(c);
}

static uint64_t read_udata4(Cursor *c)
{
        return cursor_u32(c);
}

static uint64_t read_sleb(Cursor *c)
{
        return (uint64_t)cursor_sleb(c);
}

static uint64_t read_sdata2(Cursor *c)
{
        return (uint64_t)(int64_t)(int16_t)cursor_u16(c);
}

static uint64_t read_sdata4(Cursor *c)
{
        return (uint64_t)(int64_t)(int32_t)cursor_u32(c);
}

static uint64_t (*const formats[16])(Cursor *) = {
        [0x0] = read_absptr, [0x1] = cursor_uleb, [0x2] = read_udata2,
        [0x3] = read_udata4, [0x4] = read_absptr, [0x9] = read_sleb,
        [0xa] = read_sdata2, [0xb] = read_sdata4, [0xc] = read_absptr,
};

uint64_t cursor_pointer_size(Cursor *c, uint8_t encoding)
{
        uint64_t (*read)(Cursor *) = formats[encoding & 0x0f];

        if (!read || encoding == EH_PE_OMIT) {
                c->failed = true;
                c->at = c->end;
                return 0;
        }
        return read(c);
}

uint64_t cursor_pointer(Cursor *c, uint8_t encoding, const PointerBase *base)
{
        uint64_t here = base->section_vaddr + (uint64_t)(c->at - base->section);
        uint64_t value = cursor_pointer_size(c, encoding);

        switch (encoding & 0xf0) {
        case EH_PE_ABSPTR:
                return value;
        case EH_PE_PCREL:
                return value + here;
        case EH_PE_DATAREL:
                return value + base->data_vaddr;
        default: /* relative to text or function, aligned, indirect: not in frame sections */
                c->failed = true;
                return 0;
        }
}
