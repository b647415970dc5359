#include "instrument/profile/elf_inflate.h"

#include "base/span.h"

#include <gelf.h>
#include <string.h>
#include <zstd.h>

#define ZSTD_KIND 2 /* ELFCOMPRESS_ZSTD, which older elf.h do not have */
#define ALIGN_BYTES 16

typedef struct Section {
        Elf64_Shdr header; /* of the new file */
        Span bytes;        /* as they are in the old one; empty: not taken over */
        bool compressed;
} Section;

typedef struct Inflation {
        Section *sections;
        size_t n, names;
        uint64_t bytes; /* of the new file so far */
        bool any;
} Inflation;

static bool is_wanted(const GElf_Shdr *sh, Span name)
{
        return sh->sh_type == SHT_SYMTAB || sh->sh_type == SHT_DYNSYM ||
               sh->sh_type == SHT_STRTAB || span_starts(name, ".debug_") ||
               span_starts(name, ".gnu_debug");
}

/* What zstd has under the header of a compressed section. */
static bool compressed_size(Span bytes, const Elf64_Chdr **ret)
{
        const Elf64_Chdr *c = (const void *)bytes.ptr;

        if (bytes.len < sizeof(*c) || c->ch_type != ZSTD_KIND || c->ch_size > INFLATE_MAX_BYTES)
                return false;
        *ret = c;
        return true;
}

static void plan_section(Inflation *in, Elf_Scn *scn, const GElf_Shdr *sh, Span name, Section *s)
{
        Elf_Data *data =
                is_wanted(sh, name) && sh->sh_type != SHT_NOBITS ? elf_rawdata(scn, NULL) : NULL;
        const Elf64_Chdr *c;

        s->header = *sh;
        if (!data || !data->d_buf) {
                s->header.sh_type = sh->sh_type == SHT_NULL ? SHT_NULL : SHT_NOBITS;
                return;
        }
        s->bytes = (Span){ data->d_buf, data->d_size };
        if (sh->sh_flags & SHF_COMPRESSED && compressed_size(s->bytes, &c)) {
                s->compressed = in->any = true;
                s->header.sh_flags &= ~(uint64_t)SHF_COMPRESSED;
                s->header.sh_size = c->ch_size;
                s->header.sh_addralign = c->ch_addralign;
                s->bytes = span_from(s->bytes, sizeof(*c));
        }
        s->header.sh_offset = in->bytes;
        in->bytes += (s->header.sh_size + ALIGN_BYTES - 1) & ~(uint64_t)(ALIGN_BYTES - 1);
}

static bool plan(Elf *elf, Arena *arena, Inflation *in)
{
        Elf_Scn *scn = NULL;
        size_t i = 1;

        if (gelf_getclass(elf) != ELFCLASS64 || elf_getshdrnum(elf, &in->n) != 0 || in->n == 0 ||
            in->n >= SHN_LORESERVE || elf_getshdrstrndx(elf, &in->names) != 0)
                return false;
        in->sections = new_try(arena, Section, in->n);
        if (!in->sections)
                return false;
        in->bytes = sizeof(Elf64_Ehdr);
        for (; (scn = elf_nextscn(elf, scn)) && i < in->n; i++) {
                GElf_Shdr sh;

                if (gelf_getshdr(scn, &sh))
                        plan_section(in, scn, &sh, span_of(elf_strptr(elf, in->names, sh.sh_name)),
                                     &in->sections[i]);
                if (in->bytes > INFLATE_MAX_BYTES)
                        return false;
        }
        return in->any;
}

static bool fill(const Section *s, char *to)
{
        size_t n;

        if (!s->compressed) {
                if (s->bytes.len)
                        memcpy(to, s->bytes.ptr, MIN(s->bytes.len, (size_t)s->header.sh_size));
                return true;
        }
        n = ZSTD_decompress(to, (size_t)s->header.sh_size, s->bytes.ptr, s->bytes.len);
        return !ZSTD_isError(n) && n == s->header.sh_size;
}

static bool write_file(Elf *elf, const Inflation *in, char *to)
{
        Elf64_Ehdr header;

        if (!gelf_getehdr(elf, &header))
                return false;
        header.e_phoff = 0;
        header.e_phnum = 0;
        header.e_shoff = in->bytes;
        header.e_shentsize = sizeof(Elf64_Shdr);
        memcpy(to, &header, sizeof(header));
        for (size_t i = 0; i < in->n; i++) {
                const Section *s = &in->sections[i];

                if (s->bytes.ptr && !fill(s, to + s->header.sh_offset))
                        return false;
                memcpy(to + in->bytes + i * sizeof(Elf64_Shdr), &s->header, sizeof(Elf64_Shdr));
        }
        return true;
}

static void release_elf(void *resource)
{
        elf_end(resource);
}

Elf *elf_inflate(Elf *elf, Arena *arena)
{
        Inflation in = { 0 };
        uint64_t size;
        char *bytes;
        Elf *plain;

        if (!plan(elf, arena, &in))
                return NULL;
        size = in.bytes + in.n * sizeof(Elf64_Shdr);
        bytes = (char *)new_try(arena, max_align_t, (size_t)size / sizeof(max_align_t) + 1);
        if (!bytes || !write_file(elf, &in, bytes))
                return NULL;
        plain = elf_memory(bytes, (size_t)size);
        if (plain)
                arena_defer(arena, release_elf, plain);
        return plain;
}
