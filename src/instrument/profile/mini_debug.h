#pragma once
/* Symbols that distributions leave in stripped programs, compressed: .gnu_debugdata
 * ("MiniDebugInfo"), an ELF file in xz with the functions that .dynsym lacks. elfutils unpacks it.
 */

#include "instrument/profile/elf_image.h"
#include "instrument/profile/symbol_table.h"

/* False when there are none, or elfutils was built without xz. Names live in the arena. */
bool mini_debug_symbols(const ElfImage *image, Arena *arena, SymbolTable *ret);
