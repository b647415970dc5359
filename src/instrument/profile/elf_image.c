#include "instrument/profile/elf_image.h"

#include "base/buf.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <gelf.h>
#include <unistd.h>

#define MAX_SEGMENTS 1024
#define MAX_INDEX_BYTES MiB(192)

typedef struct OpenFile {
        Elf *elf;
        int fd; /* -1: in memory */
} OpenFile;

static void release_file(void *resource)
{
        OpenFile *file = resource;

        elf_end(file->elf);
        if (file->fd >= 0)
                close(file->fd);
}

static void read_build_id(ElfImage *image, Arena *arena)
{
        const void *bytes;
        ssize_t n = dwelf_elf_gnu_build_id(image->elf, &bytes);
        Buf hex = buf_in(arena, 256);

        for (ssize_t i = 0; i < n && i < 64; i++)
                buf_printf(&hex, "%02x", ((const uint8_t *)bytes)[i]);
        image->build_id = buf_span(&hex);
}

static int read_segments(ElfImage *image, const char *name, Arena *arena, Error *err)
{
        size_t n;

        if (elf_getphdrnum(image->elf, &n) != 0 || n > MAX_SEGMENTS)
                return fail(err, ERR_INPUT, "%s: the table of segments is malformed", name);
        image->segments = new (arena, ElfSegment, n);
        for (size_t i = 0; i < n; i++) {
                GElf_Phdr ph;

                if (gelf_getphdr(image->elf, (int)i, &ph) && ph.p_type == PT_LOAD)
                        image->segments[image->n_segments++] =
                                (ElfSegment){ ph.p_offset, ph.p_vaddr, ph.p_filesz };
        }
        return 0;
}

bool elf_image_vaddr(const ElfImage *image, uint64_t file_offset, uint64_t *ret_vaddr)
{
        for (size_t i = 0; i < image->n_segments; i++) {
                const ElfSegment *s = &image->segments[i];

                if (file_offset >= s->offset && file_offset - s->offset < s->size) {
                        *ret_vaddr = file_offset - s->offset + s->vaddr;
                        return true;
                }
        }
        return false;
}

static Span section_bytes(Elf_Scn *section)
{
        Elf_Data *data = elf_rawdata(section, NULL);

        return data && data->d_buf ? (Span){ data->d_buf, data->d_size } : (Span){ 0 };
}

static void find_sections(Elf *elf, EhSections *s)
{
        Elf_Scn *section = NULL;
        size_t names;

        if (elf_getshdrstrndx(elf, &names) != 0)
                return;
        while ((section = elf_nextscn(elf, section))) {
                GElf_Shdr sh;
                Span name;

                if (!gelf_getshdr(section, &sh) || sh.sh_type == SHT_NOBITS)
                        continue;
                name = span_of(elf_strptr(elf, names, sh.sh_name));
                if (span_is(name, ".eh_frame")) {
                        s->frame = section_bytes(section);
                        s->frame_vaddr = sh.sh_addr;
                } else if (span_is(name, ".eh_frame_hdr")) {
                        s->hdr = section_bytes(section);
                        s->hdr_vaddr = sh.sh_addr;
                }
        }
}

static Span raw_bytes(Elf *elf, uint64_t offset, uint64_t size)
{
        Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)offset, size, ELF_T_BYTE);

        return data && data->d_buf ? (Span){ data->d_buf, data->d_size } : (Span){ 0 };
}

/* Files without a table of sections: the header names the place, its segment gives the end. */
static void find_by_segment(const ElfImage *image, const GElf_Phdr *hdr, EhSections *s)
{
        PointerBase base;
        Cursor c;
        uint8_t encoding;

        s->hdr = raw_bytes(image->elf, hdr->p_offset, hdr->p_filesz);
        s->hdr_vaddr = hdr->p_vaddr;
        c = cursor_of(s->hdr);
        (void)cursor_u8(&c);
        encoding = cursor_u8(&c);
        (void)cursor_u16(&c);
        base = (PointerBase){ .section = (const uint8_t *)s->hdr.ptr,
                              .section_vaddr = s->hdr_vaddr,
                              .data_vaddr = s->hdr_vaddr };
        s->frame_vaddr = cursor_pointer(&c, encoding, &base);
        for (size_t i = 0; !c.failed && i < image->n_segments; i++) {
                const ElfSegment *seg = &image->segments[i];
                uint64_t at = s->frame_vaddr - seg->vaddr;

                if (s->frame_vaddr >= seg->vaddr && at < seg->size)
                        s->frame = raw_bytes(image->elf, seg->offset + at, seg->size - at);
        }
}

static void release_arena(void *resource)
{
        (void)arena_free(resource);
}

/* An index of its own makes for as much memory as the file has functions: an arena apart. */
static void find_unwind(ElfImage *image, Arena *arena)
{
        Arena *index = arena_new(MAX_INDEX_BYTES);
        EhSections s = { 0 };
        size_t n = 0;

        arena_defer(arena, release_arena, index);

        find_sections(image->elf, &s);
        (void)elf_getphdrnum(image->elf, &n);
        for (size_t i = 0; i < n && s.frame.len == 0; i++) {
                GElf_Phdr ph;

                if (gelf_getphdr(image->elf, (int)i, &ph) && ph.p_type == PT_GNU_EH_FRAME)
                        find_by_segment(image, &ph, &s);
        }
        image->has_unwind = s.frame.len && eh_frame_open(&s, index, &image->eh, NULL) == 0;
}

static int open_image(OpenFile file, const char *name, Arena *arena, ElfImage **ret, Error *err)
{
        ElfImage *image = new (arena, ElfImage, 1);
        OpenFile *kept = new (arena, OpenFile, 1);
        GElf_Ehdr header;
        int r;

        *kept = file;
        arena_defer(arena, release_file, kept);
        image->elf = file.elf;
        image->fd = file.fd;
        if (elf_kind(file.elf) != ELF_K_ELF || !gelf_getehdr(file.elf, &header))
                return fail(err, ERR_INPUT, "%s: not an ELF file", name);
        r = read_segments(image, name, arena, err);
        if (r < 0)
                return r;
        read_build_id(image, arena);
        if (gelf_getclass(file.elf) == ELFCLASS64 && header.e_machine == EM_X86_64)
                find_unwind(image, arena);
        *ret = image;
        return 0;
}

int elf_image_open(int fd, const char *name, Arena *arena, ElfImage **ret, Error *err)
{
        OpenFile file = { .fd = fd };

        (void)elf_version(EV_CURRENT);
        file.elf = elf_begin(fd, ELF_C_READ, NULL);
        if (!file.elf) {
                close(fd);
                return fail(err, ERR_INPUT, "%s: %s", name, elf_errmsg(-1));
        }
        return open_image(file, name, arena, ret, err);
}

int elf_image_from_memory(Span bytes, const char *name, Arena *arena, ElfImage **ret, Error *err)
{
        OpenFile file = { .fd = -1 };

        (void)elf_version(EV_CURRENT);
        file.elf = elf_memory((char *)(uintptr_t)bytes.ptr, bytes.len);
        if (!file.elf)
                return fail(err, ERR_INPUT, "%s: %s", name, elf_errmsg(-1));
        return open_image(file, name, arena, ret, err);
}
