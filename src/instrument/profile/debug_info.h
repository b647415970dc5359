#pragma once
/* Source lines and inlined functions by address, from DWARF through libdw.
 *
 *         DebugInfo *info = debug_info_open(elf, arena);
 *         SourceFrame frames[DEBUG_MAX_INLINES];
 *         size_t n = debug_info_find(info, vaddr, frames, COUNT(frames));     // outermost first
 *
 * Units are indexed by address once; the functions and inlined calls of a unit are read into a
 * sorted array when an address in it is first looked up, so a lookup is two binary searches
 * however large the program is. The information lives until the arena is reset; `elf` must live
 * as long.
 */

#include "base/span.h"

#include <libelf.h>

#define DEBUG_MAX_INLINES 64

typedef struct SourceFrame {
        Span function; /* as in DWARF: the linkage name when there is one; may be empty */
        Span file;     /* empty: not known */
        uint32_t line; /* of the call, or for the innermost of the address; 0: not known */
        bool inlined;
} SourceFrame;

typedef struct DebugInfo DebugInfo;

/* NULL when the file has no debug information. */
DebugInfo *debug_info_open(Elf *elf, Arena *arena);
/* 0 when the address is in no function that is described. */
size_t debug_info_find(DebugInfo *info, uint64_t vaddr, SourceFrame *ret, size_t max);
