#pragma once
/* Sections that were compressed with zstd, made plain: the elfutils of Debian 12 reads those of
 * zlib (SHF_COMPRESSED and .zdebug) itself, but not these.
 *
 *         Elf *plain = elf_inflate(elf, arena);       // NULL: there is nothing to do
 *
 * The result is a file in memory with the debug sections, the symbols and the headers of all
 * sections; what else was in the file is not in it. It and its Elf live in the arena.
 */

#include "base/arena.h"

#include <libelf.h>

#define INFLATE_MAX_BYTES GiB(2)

Elf *elf_inflate(Elf *elf, Arena *arena);
