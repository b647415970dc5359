#pragma once
/* An ELF file opened through libelf: segments, unwind sections, build-id. Nothing is mapped: a
 * file that is cut while we read gives an error, not a signal.
 *
 *         ElfImage *image;
 *         r = elf_image_open(fd, "/usr/lib/libc.so.6", arena, &image, err);   // takes over fd
 *         if (elf_image_vaddr(image, file_offset, &vaddr)) ...
 *         if (image->has_unwind && eh_frame_find(&image->eh, vaddr, &fde)) ...
 *
 * The image, its Elf handle and fd live until the arena is reset.
 */

#include "instrument/profile/eh_frame.h"

#include <libelf.h>

typedef struct ElfSegment {
        uint64_t offset, vaddr, size; /* as in the file */
} ElfSegment;

typedef struct ElfImage {
        Elf *elf;
        int fd;        /* -1: in memory */
        Span build_id; /* lower-case hexadecimal; empty: none */
        ElfSegment *segments;
        size_t n_segments;
        bool has_unwind;
        EhFrame eh;
} ElfImage;

/* Closes fd on failure; `name` is for messages. */
int elf_image_open(int fd, const char *name, Arena *arena, ElfImage **ret, Error *err);
/* The same for an image in memory, which must outlive the arena. */
int elf_image_from_memory(Span bytes, const char *name, Arena *arena, ElfImage **ret, Error *err);
bool elf_image_vaddr(const ElfImage *image, uint64_t file_offset, uint64_t *ret_vaddr);
