#include "instrument/profile/dwarf_index.h"

#include "instrument/profile/dwarf_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>

#define MAX_DIE_DEPTH 128
#define MAX_FILES_OF_UNIT (1u << 20)
#define MAX_PROGRAMS (4u << 20)
#define MAX_ORIGINS (4u << 20)
#define REOPEN_BYTES MiB(64) /* of .debug_info between two openings */

/* One unit while it is read. */
typedef struct UnitWalk {
        IndexBuilder *b;
        Map *names; /* of functions, by where their entry is in memory */
        DwarfLines sections;
        Map *programs; /* of lines that were run: units of one link-time partition share them */
        LineFiles files;
} UnitWalk;

/* What an entry with code says of itself, in one pass over its attributes. */
typedef struct Entry {
        Dwarf_Die *die;
        Dwarf_Attribute origin;
        Dwarf_Word call_file, call_line;
        bool has_code, has_origin;
} Entry;

static int take_attribute(Dwarf_Attribute *attribute, void *entry)
{
        Entry *e = entry;

        switch (dwarf_whatattr(attribute)) {
        case DW_AT_low_pc:
        case DW_AT_ranges:
                e->has_code = true;
                break;
        case DW_AT_abstract_origin:
        case DW_AT_specification:
                e->origin = *attribute;
                e->has_origin = true;
                break;
        case DW_AT_call_file:
                (void)dwarf_formudata(attribute, &e->call_file);
                break;
        case DW_AT_call_line:
                (void)dwarf_formudata(attribute, &e->call_line);
                break;
        default:
                break;
        }
        return DWARF_CB_OK;
}

static Span text_attribute(Dwarf_Die *die, unsigned name)
{
        Dwarf_Attribute attribute;

        if (!dwarf_attr_integrate(die, name, &attribute))
                return (Span){ 0 };
        return span_of(dwarf_formstring(&attribute));
}

static Span name_of(Dwarf_Die *die)
{
        static const unsigned names[] = { DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name };
        Span name = { 0 };

        for (size_t i = 0; i < COUNT(names) && name.len == 0; i++)
                name = text_attribute(die, names[i]);
        return name;
}

/* An abstract function is inlined in many places: its name is looked for once. */
static uint32_t function_name(UnitWalk *w, Entry *e)
{
        Dwarf_Die origin;
        MapSlot *slot;

        if (!e->has_origin || !dwarf_formref_die(&e->origin, &origin))
                return string_pool_add(&w->b->texts, name_of(e->die));
        slot = map_add_u64(w->names, (uint64_t)(uintptr_t)origin.addr);
        if (!slot)
                return string_pool_add(&w->b->texts, name_of(e->die));
        if (slot->number == 0)
                slot->number = 1 + (uint64_t)string_pool_add(&w->b->texts, name_of(e->die));
        return (uint32_t)(slot->number - 1);
}

static void add_ranges(UnitWalk *w, Dwarf_Die *die, uint32_t depth, uint32_t scope)
{
        Dwarf_Addr base, low, high;
        ptrdiff_t at = 0;

        while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0)
                index_add_range(w->b, (IndexRange){ low, high }, depth, scope);
}

/* The entry's scope, or the one it is in when it has no code. */
static uint32_t enter(UnitWalk *w, Dwarf_Die *die, bool inlined, uint32_t depth, uint32_t caller)
{
        Entry e = { .die = die };
        uint32_t scope;

        (void)dwarf_getattrs(die, take_attribute, &e, 0);
        if (!e.has_code)
                return caller;
        scope = index_add_scope(w->b,
                                &(IndexScope){ .caller = inlined ? caller : SYMBOL_INDEX_NONE,
                                               .name = function_name(w, &e),
                                               .call_file = e.call_file < w->files.n
                                                                    ? w->files.numbers[e.call_file]
                                                                    : 0,
                                               .call_line = (uint32_t)e.call_line });
        add_ranges(w, die, depth, scope);
        return scope;
}

/* Entries that hold no code and hide none. */
static bool is_leaf(int tag)
{
        return tag == DW_TAG_enumeration_type || tag == DW_TAG_array_type ||
               tag == DW_TAG_subroutine_type || tag == DW_TAG_call_site ||
               tag == DW_TAG_GNU_call_site;
}

static void walk(UnitWalk *w, Dwarf_Die *parent, uint32_t depth, uint32_t caller)
{
        Dwarf_Die die;

        if (depth > MAX_DIE_DEPTH || dwarf_child(parent, &die) != 0)
                return;
        do {
                int tag = dwarf_tag(&die);
                bool inlined = tag == DW_TAG_inlined_subroutine;
                uint32_t scope = caller;

                if (tag == DW_TAG_subprogram || inlined)
                        scope = enter(w, &die, inlined, depth, caller);
                if (!is_leaf(tag) && dwarf_haschildren(&die) > 0)
                        walk(w, &die, depth + 1, scope);
        } while (dwarf_siblingof(&die, &die) == 0);
}

/* Lines of the unit, and what its numbers of files stand for. */
static void add_lines(UnitWalk *w, Dwarf_Die *unit, Arena *scratch)
{
        LineUnit lines = { .dir = text_attribute(unit, DW_AT_comp_dir) };
        Dwarf_Attribute attribute;
        MapSlot *slot;

        w->files = (LineFiles){ 0 };
        if (!dwarf_attr(unit, DW_AT_stmt_list, &attribute) ||
            dwarf_formudata(&attribute, &lines.offset) != 0)
                return;
        slot = map_add_u64(w->programs, lines.offset);
        lines.with_rows = !slot || slot->number == 0;
        if (slot)
                slot->number = 1;
        (void)dwarf_lines_read(&w->sections, &lines, w->b, scratch, &w->files, NULL);
}

/* The files of a split unit are numbered on their own, in its own file. */
static void use_split_files(UnitWalk *w, Dwarf_Die *unit, Dwarf_Die *code, Arena *scratch)
{
        Span dir = text_attribute(unit, DW_AT_comp_dir);
        Buf path = buf_in(scratch, KiB(16));
        Dwarf_Files *files;
        size_t n;

        w->files = (LineFiles){ 0 };
        if (dwarf_getsrcfiles(code, &files, &n) != 0 || n > MAX_FILES_OF_UNIT)
                return;
        w->files = (LineFiles){ .numbers = new (scratch, uint32_t, n), .n = n };
        for (size_t i = 0; i < n; i++) {
                Span name = span_of(dwarf_filesrc(files, i, NULL, NULL));

                buf_clear(&path);
                if (!span_starts(name, "/") && dir.len) {
                        buf_add(&path, dir);
                        buf_byte(&path, '/');
                }
                buf_add(&path, name);
                w->files.numbers[i] = name.len ? index_add_file(w->b, buf_span(&path)) : 0;
        }
}

static void read_unit(UnitWalk *w, Dwarf_Die *unit, Dwarf_Die *code, Arena *scratch)
{
        Mark mark = arena_mark(scratch);

        add_lines(w, unit, scratch);
        if (code->addr != unit->addr)
                use_split_files(w, unit, code, scratch);
        walk(w, code, 0, SYMBOL_INDEX_NONE);
        arena_reset(scratch, mark);
}

static bool is_section(Span name, const char *wanted)
{
        return span_is(name, wanted) ||
               (span_starts(name, ".z") && span_is(span_from(name, 2), wanted + 1));
}

/* Sections of lines; libdw has made the compressed ones plain when it opened the file. */
static DwarfLines line_sections(Elf *elf)
{
        DwarfLines found = { 0 };
        const struct {
                const char *name;
                Span *bytes;
        } wanted[] = { { ".debug_line", &found.line },
                       { ".debug_line_str", &found.line_str },
                       { ".debug_str", &found.str } };
        Elf_Scn *scn = NULL;
        size_t names;

        if (elf_getshdrstrndx(elf, &names) != 0)
                return found;
        while ((scn = elf_nextscn(elf, scn))) {
                GElf_Shdr sh;
                Elf_Data *data;

                if (!gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS)
                        continue;
                for (size_t i = 0; i < COUNT(wanted); i++) {
                        if (!is_section(span_of(elf_strptr(elf, names, sh.sh_name)),
                                        wanted[i].name))
                                continue;
                        data = elf_getdata(scn, NULL);
                        if (data && data->d_buf)
                                *wanted[i].bytes = (Span){ data->d_buf, data->d_size };
                }
        }
        return found;
}

static void read_unit_at(UnitWalk *w, Dwarf *dwarf, Dwarf_Off offset, Arena *scratch,
                         DwarfFound *found)
{
        Dwarf_Die die, split = { 0 };
        uint8_t type = 0;

        if (!dwarf_offdie(dwarf, offset, &die) ||
            dwarf_cu_info(die.cu, NULL, &type, NULL, &split, NULL, NULL, NULL) != 0 ||
            (type != DW_UT_compile && type != DW_UT_skeleton))
                return;
        found->units++;
        found->missing_units += type == DW_UT_skeleton && !split.addr;
        read_unit(w, &die, split.addr ? &split : &die, scratch);
}

/* Reads units from `*at` on until there is enough; false at the end. */
static bool read_some(Dwarf *dwarf, IndexBuilder *b, Map *programs, Dwarf_Off *at,
                      DwarfFound *found)
{
        AUTO(arena_freep) Arena *origins = arena_new(MiB(512));
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(64));
        Map names = map_in(origins, MAX_ORIGINS);
        UnitWalk w = { .b = b,
                       .names = &names,
                       .programs = programs,
                       .sections = line_sections(dwarf_getelf(dwarf)) };
        Dwarf_Off start = *at, next;

        while (*at - start < REOPEN_BYTES) {
                size_t header;

                if (dwarf_next_unit(dwarf, *at, &next, &header, NULL, NULL, NULL, NULL, NULL,
                                    NULL) != 0)
                        return false;
                read_unit_at(&w, dwarf, *at + header, scratch, found);
                *at = next;
        }
        return true;
}

int dwarf_index(Elf *elf, IndexBuilder *b, DwarfFound *ret, Error *err)
{
        Map programs = map_in(b->arena, MAX_PROGRAMS);
        DwarfFound found = { 0 };
        Dwarf_Off at = 0;
        bool more = true;

        while (more) {
                Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);

                if (!dwarf && at == 0)
                        break;
                if (!dwarf)
                        return fail(err, ERR_INPUT, "debug information: %s", dwarf_errmsg(-1));
                more = read_some(dwarf, b, &programs, &at, &found);
                dwarf_end(dwarf);
        }
        found.bytes = at;
        *ret = found;
        return 0;
}
