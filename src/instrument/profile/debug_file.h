#pragma once
/* Finding the debug information that was split off a file: by build-id, then by .gnu_debuglink.
 *
 * Looked at: ROOT/.build-id/ab/cdef....debug, then the link's name beside the file, in .debug/
 * beside it and under ROOT, where ROOT is /usr/lib/debug. A candidate counts only when its
 * build-id is the file's, or, for files without one, when its CRC is the link's.
 */

#include "instrument/profile/elf_image.h"

#define DEBUG_ROOT "/usr/lib/debug"

bool elf_has_section(Elf *elf, const char *name);
/* NULL when there is none. The image lives in the arena. */
ElfImage *debug_file_find(const ElfImage *image, Span path, Arena *arena);
