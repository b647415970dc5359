#pragma once
/* The unwind descriptions of one file: .eh_frame, found through .eh_frame_hdr or an own index.
 *
 *         EhFrame eh;
 *         r = eh_frame_open(&(EhSections){ .frame = bytes, .frame_vaddr = 0x4000, ... }, arena,
 *                           &eh, err);
 *         Fde fde;
 *         if (eh_frame_find(&eh, vaddr, &fde))      // the description that covers vaddr
 *                 ...
 *
 * Everything here is a view into the sections given, which must outlive it. The linker's search
 * table is used as it is when it has the usual form; otherwise the section is walked once and an
 * index is built in the arena. Whatever a table claims, an FDE is only returned when it covers
 * the address. Format: Linux Standard Base Core 5.0, "Exception Frames".
 */

#include "instrument/profile/dwarf_cursor.h"

#define EH_MAX_FDES (4u << 20)

typedef struct EhSections {
        Span frame, hdr; /* hdr: empty when there is none */
        uint64_t frame_vaddr, hdr_vaddr;
} EhSections;

typedef struct EhIndexEntry {
        uint64_t start;
        uint64_t offset; /* of the FDE in the section */
} EhIndexEntry;

typedef struct EhFrame {
        EhSections sections;
        Cursor table; /* .eh_frame_hdr's pairs of 32-bit offsets; empty: use the index */
        size_t n_table;
        EhIndexEntry *index;
        size_t n_index;
} EhFrame;

typedef struct Cie {
        uint64_t code_align;
        int64_t data_align;
        uint64_t return_register;
        uint8_t fde_encoding;
        bool augmented; /* FDEs carry augmentation data with its length */
        bool signal_frame;
        Span program;
} Cie;

typedef struct Fde {
        Cie cie;
        uint64_t start, end; /* of the code, as virtual addresses of the file */
        Span program;
} Fde;

int eh_frame_open(const EhSections *sections, Arena *arena, EhFrame *ret, Error *err);
bool eh_frame_find(const EhFrame *eh, uint64_t vaddr, Fde *ret);
/* The FDE at *offset or after it; moves *offset past it. 0 at the end, 1 for one that was read. */
int eh_frame_next(const EhSections *sections, size_t *offset, Fde *ret, Error *err);
