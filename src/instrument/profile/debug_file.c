#include "instrument/profile/debug_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>
#include <unistd.h>

#define CRC_POLYNOMIAL UINT32_C(0xedb88320)

static bool find_section(Elf *elf, const char *wanted)
{
        Elf_Scn *section = NULL;
        size_t names;

        if (elf_getshdrstrndx(elf, &names) != 0)
                return false;
        while ((section = elf_nextscn(elf, section))) {
                GElf_Shdr sh;

                if (gelf_getshdr(section, &sh) && sh.sh_type != SHT_NOBITS &&
                    span_is(span_of(elf_strptr(elf, names, sh.sh_name)), wanted))
                        return true;
        }
        return false;
}

bool elf_has_section(Elf *elf, const char *name)
{
        return find_section(elf, name);
}

static uint32_t crc_of_byte(uint32_t byte)
{
        for (int i = 0; i < 8; i++)
                byte = byte & 1 ? byte >> 1 ^ CRC_POLYNOMIAL : byte >> 1;
        return byte;
}

/* The CRC-32 of zlib and .gnu_debuglink. */
static bool file_crc(int fd, uint32_t *ret)
{
        uint32_t table[256], crc = UINT32_MAX;
        uint8_t chunk[KiB(16)];
        off_t at = 0;
        ssize_t n;

        for (uint32_t i = 0; i < 256; i++)
                table[i] = crc_of_byte(i);
        while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
                for (ssize_t i = 0; i < n; i++)
                        crc = table[(crc ^ chunk[i]) & 0xff] ^ crc >> 8;
                at += n;
        }
        *ret = ~crc;
        return n == 0;
}

typedef struct Wanted {
        Span build_id; /* empty: the CRC decides */
        uint32_t crc;
} Wanted;

static ElfImage *try_file(const char *path, const Wanted *wanted, Arena *arena)
{
        AUTO(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        ElfImage *image;
        uint32_t crc;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return NULL;
        if (wanted->build_id.len == 0 && (!file_crc(fd, &crc) || crc != wanted->crc))
                return NULL;
        if (elf_image_open(TAKE_FD(fd), path, arena, &image, NULL) < 0)
                return NULL;
        return wanted->build_id.len && !span_eq(image->build_id, wanted->build_id) ? NULL : image;
}

static ElfImage *by_build_id(Span id, Arena *arena)
{
        Wanted wanted = { .build_id = id };

        if (id.len < 4)
                return NULL;
        return try_file(arena_printf(arena, DEBUG_ROOT "/.build-id/%.*s/%.*s.debug",
                                     SPAN_ARG(span_first(id, 2)), SPAN_ARG(span_from(id, 2))),
                        &wanted, arena);
}

static Span directory_of(Span path)
{
        while (path.len && path.ptr[path.len - 1] != '/')
                path.len--;
        return path;
}

static ElfImage *by_link(const ElfImage *image, Span path, Arena *arena)
{
        GElf_Word crc = 0;
        const char *name = dwelf_elf_gnu_debuglink(image->elf, &crc);
        Span dir = directory_of(path);
        ElfImage *found;
        Wanted wanted = { .build_id = image->build_id, .crc = crc };

        if (!name || !name[0] || span_contains(span_of(name), "/") || dir.len == 0)
                return NULL;
        found = try_file(arena_printf(arena, "%.*s.debug/%s", SPAN_ARG(dir), name), &wanted, arena);
        if (!found)
                found = try_file(arena_printf(arena, DEBUG_ROOT "%.*s%s", SPAN_ARG(dir), name),
                                 &wanted, arena);
        if (!found && !span_ends(path, name))
                found = try_file(arena_printf(arena, "%.*s%s", SPAN_ARG(dir), name), &wanted,
                                 arena);
        return found;
}

ElfImage *debug_file_find(const ElfImage *image, Span path, Arena *arena)
{
        ElfImage *found = by_build_id(image->build_id, arena);

        return found ? found : by_link(image, path, arena);
}
