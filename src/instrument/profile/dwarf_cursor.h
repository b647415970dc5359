#pragma once
/* Reading DWARF's numbers from bytes that may be cut or hostile.
 *
 *         Cursor c = cursor_of(section);
 *         uint32_t length = cursor_u32(&c);
 *         uint64_t align = cursor_uleb(&c);
 *         if (c.failed) ...                         // checked once, at the end
 *
 * A read past the end gives 0, marks the cursor as failed and leaves it at the end, so no loop
 * over a cursor can run on. Pointer encodings are those of the Linux Standard Base, "Exception
 * Frames" (DW_EH_PE_*).
 */

#include "base/span.h"

typedef struct Cursor {
        const uint8_t *at, *end;
        bool failed;
} Cursor;

Cursor cursor_of(Span bytes);
size_t cursor_left(const Cursor *c);
uint8_t cursor_u8(Cursor *c);
uint16_t cursor_u16(Cursor *c);
uint32_t cursor_u32(Cursor *c);
uint64_t cursor_u64(Cursor *c);
uint64_t cursor_uleb(Cursor *c);
int64_t cursor_sleb(Cursor *c);
Span cursor_span(Cursor *c, uint64_t n); /* the next n bytes */
void cursor_skip_text(Cursor *c);        /* past the next NUL */

/* Pointer encodings: format in the low half, what it is relative to in the high half. */
enum {
        EH_PE_ABSPTR = 0x00,
        EH_PE_UDATA4 = 0x03,
        EH_PE_SDATA4 = 0x0b,
        EH_PE_PCREL = 0x10,
        EH_PE_DATAREL = 0x30,
        EH_PE_INDIRECT = 0x80,
        EH_PE_OMIT = 0xff,
};

/* What relative pointers count from. */
typedef struct PointerBase {
        const uint8_t *section; /* first byte of the section that is read */
        uint64_t section_vaddr;
        uint64_t data_vaddr; /* EH_PE_DATAREL: start of .eh_frame_hdr */
} PointerBase;

/* Fails the cursor for encodings that need the running process (indirect) or are unknown. */
uint64_t cursor_pointer(Cursor *c, uint8_t encoding, const PointerBase *base);
/* As a plain number: sizes of address ranges ignore what the encoding is relative to. */
uint64_t cursor_pointer_size(Cursor *c, uint8_t encoding);
