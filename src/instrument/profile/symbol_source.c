#include "instrument/profile/symbol_source.h"

#include "instrument/profile/debug_file.h"
#include "instrument/profile/debuginfod.h"
#include "instrument/profile/dwarf_index.h"
#include "instrument/profile/elf_inflate.h"
#include "instrument/profile/mini_debug.h"

#include <gelf.h>
#include <sys/stat.h>

#define MAX_BUILD_MEMORY GiB(8)     /* while an index is made; the index itself is far smaller */
#define MAX_FILES_MEMORY MiB(512)   /* tables of the files that it is made from */
#define LEAST_CACHED_BYTES KiB(256) /* made sooner than read, without debug information */

/* What is there for a file, before any of it is read. */
typedef struct Found {
        const ElfImage *image, *debug; /* debug NULL: no debug information */
        uint32_t sources;
} Found;

static bool has_debug_info(const ElfImage *image)
{
        return elf_has_section(image->elf, ".debug_info") ||
               elf_has_section(image->elf, ".zdebug_info");
}

static bool has_table(const ElfImage *image, unsigned type)
{
        Elf_Scn *section = NULL;
        GElf_Shdr sh;

        while ((section = elf_nextscn(image->elf, section)))
                if (gelf_getshdr(section, &sh) && sh.sh_type == type)
                        return true;
        return false;
}

static const ElfImage *fetched(const SymbolsPlan *plan, const ElfImage *image, Arena *files,
                               Arena *arena, SymbolsReport *report)
{
        ElfImage *found = NULL;
        int fd = plan->debuginfod
                         ? debuginfod_fetch(image->build_id, arena, &report->debuginfod_problem)
                         : -1;

        if (fd >= 0)
                (void)elf_image_open(fd, "the file of the debuginfod server", files, &found, NULL);
        return found;
}

static uint32_t sources_of(const Found *f)
{
        uint32_t sources = 0;

        if (has_table(f->image, SHT_DYNSYM))
                sources |= SYMBOLS_FROM_DYNSYM;
        if (has_table(f->image, SHT_SYMTAB) || (f->debug && has_table(f->debug, SHT_SYMTAB)))
                sources |= SYMBOLS_FROM_SYMTAB;
        else if (elf_has_section(f->image->elf, ".gnu_debugdata"))
                sources |= SYMBOLS_FROM_MINI;
        if (f->debug && has_debug_info(f->debug))
                sources |= SYMBOLS_FROM_DEBUG;
        return sources;
}

static Found look(const ElfImage *image, Span path, Arena *arena)
{
        Found f = { .image = image };

        f.debug = has_debug_info(image) ? image : debug_file_find(image, path, arena);
        f.sources = sources_of(&f);
        return f;
}

/* From the first to the last byte of code. Files that say nothing about it count whole. */
static IndexRange code_range(const ElfImage *image)
{
        IndexRange code = { UINT64_MAX, 0 };
        size_t n = 0;

        (void)elf_getphdrnum(image->elf, &n);
        for (size_t i = 0; i < n; i++) {
                GElf_Phdr ph;

                if (!gelf_getphdr(image->elf, (int)i, &ph) || ph.p_type != PT_LOAD ||
                    !(ph.p_flags & PF_X) || ph.p_vaddr + ph.p_memsz < ph.p_vaddr)
                        continue;
                code.low = MIN(code.low, ph.p_vaddr);
                code.high = MAX(code.high, ph.p_vaddr + ph.p_memsz);
        }
        return code.low < code.high ? code : (IndexRange){ 0, UINT32_MAX };
}

static void gather_symbols(const Found *f, Arena *arena, SymbolTable *t)
{
        symbol_table_init(t);
        elf_symbols(f->image->elf, arena, t);
        if (f->debug && f->debug != f->image)
                elf_symbols(f->debug->elf, arena, t);
        if (f->sources & SYMBOLS_FROM_MINI)
                (void)mini_debug_symbols(f->image, arena, t);
        symbol_table_sort(t);
}

static int build(const Found *f, Arena *arena, SymbolIndex *ret, SymbolsReport *report, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MAX_BUILD_MEMORY);
        IndexRange range = code_range(f->image);
        IndexBuilder *b = index_builder_new(&range, scratch);
        SymbolTable symbols;
        DwarfFound dwarf = { 0 };
        Error why = { 0 };
        Span bytes;
        Elf *plain;
        int r;

        if (f->sources & SYMBOLS_FROM_DEBUG) {
                plain = elf_inflate(f->debug->elf, scratch);
                if (dwarf_index(plain ? plain : f->debug->elf, b, &dwarf, &why) < 0)
                        report->debug_problem = span_copy(arena, span_of(why.message));
        }
        gather_symbols(f, scratch, &symbols);
        r = index_build(b,
                        &(IndexPlan){ .symbols = &symbols,
                                      .build_id = f->image->build_id,
                                      .sources = f->sources,
                                      .missing_units = dwarf.missing_units,
                                      .debug_bytes = dwarf.bytes },
                        arena, &bytes, err);
        if (r < 0)
                return r;
        report->missing_units = dwarf.missing_units;
        report->left_out = b->left_out + b->texts.left_out + symbols.left_out;
        return symbol_index_open(bytes, ret, err);
}

/* Files without a build-id have no name that the cache could trust. An index that lacks something
 * that may be there next time is not kept. */
static void keep(const SymbolsPlan *plan, const SymbolIndex *index, Arena *arena,
                 SymbolsReport *report)
{
        Span id = symbol_index_build_id(index);
        Error why = { 0 };

        if (!plan->cache || id.len == 0 || index->header->missing_units || report->left_out ||
            report->debug_problem.len ||
            (index->bytes.len < LEAST_CACHED_BYTES &&
             !(index->header->sources & SYMBOLS_FROM_DEBUG)))
                return;
        if (symbol_cache_keep(plan->cache, id, index->bytes, &why) < 0)
                report->cache_problem = span_copy(arena, span_of(why.message));
}

static bool from_cache(const SymbolsPlan *plan, const ElfImage *image, Arena *arena,
                       SymbolIndex *ret, SymbolsReport *report)
{
        Error why = { 0 };
        int r;

        if (!plan->cache || image->build_id.len == 0)
                return false;
        r = symbol_cache_find(plan->cache, image->build_id, arena, ret, &why);
        if (r < 0)
                report->cache_problem = span_copy(arena, span_of(why.message));
        return r > 0;
}

int symbols_load(const SymbolsPlan *plan, const ElfImage *image, Span path, Arena *arena,
                 SymbolIndex *ret, SymbolsReport *report, Error *err)
{
        AUTO(arena_freep) Arena *files = arena_new(MAX_FILES_MEMORY);
        SymbolIndex cached;
        bool has_cached;
        Found found = { 0 };
        int r;

        *report = (SymbolsReport){ 0 };
        has_cached = from_cache(plan, image, arena, &cached, report);
        if (!has_cached || !(cached.header->sources & SYMBOLS_FROM_DEBUG)) {
                found = look(image, path, files);
                if (!(found.sources & SYMBOLS_FROM_DEBUG)) {
                        const ElfImage *debug = fetched(plan, image, files, arena, report);

                        if (debug) {
                                found.debug = debug;
                                found.sources = sources_of(&found);
                        }
                }
        }
        if (has_cached && ((cached.header->sources & SYMBOLS_FROM_DEBUG) ||
                           (found.sources & ~cached.header->sources) == 0)) {
                report->from_cache = true;
                *ret = cached;
                return 0;
        }
        r = build(&found, arena, ret, report, err);
        if (r == 0)
                keep(plan, ret, arena, report);
        return r;
}
