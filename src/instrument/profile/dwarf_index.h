#pragma once
/* Reads all debug information of a file into an index under construction, through libdw: the
 * functions and what is inlined in them with the place of each call. Lines are dwarf_lines.h's.
 *
 *         r = dwarf_index(elf, builder, &found, err);
 *
 * Split units (.dwo beside the object or in the folder of the compilation) are followed where libdw
 * finds them and counted where it does not. libdw keeps what it has read until the handle is
 * closed: the handle is opened anew from time to time, so that memory stays flat in large files.
 */

#include "instrument/profile/symbol_index_build.h"

#include <libelf.h>

typedef struct DwarfFound {
        uint32_t units, missing_units;
        uint64_t bytes; /* of .debug_info, uncompressed */
} DwarfFound;

/* 0 with no units where the file has no debug information. */
int dwarf_index(Elf *elf, IndexBuilder *b, DwarfFound *ret, Error *err);
