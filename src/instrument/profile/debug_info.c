#include "instrument/profile/debug_info.h"

#include "base/vec.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

#define MAX_UNITS (1u << 20)
#define MAX_RANGES (8u << 20)
#define MAX_DIE_DEPTH 128
#define LOOK_BACK 32 /* units that may lie inside another's range */

/* A function, or an inlined call of one. */
typedef struct Scope {
        Dwarf_Die die;
        uint32_t depth; /* of nesting: callers have less */
        bool inlined;
} Scope;

typedef struct ScopeRange {
        uint64_t low, high;
        uint64_t reach; /* highest `high` up to here: tells when to stop looking back */
        uint32_t scope;
} ScopeRange;

typedef struct Unit {
        Dwarf_Die die, code; /* code: where functions are; differs for split DWARF */
        bool read;
        VEC(Scope) scopes;
        VEC(ScopeRange) ranges;
} Unit;

typedef struct UnitRange {
        uint64_t low, high;
        uint32_t unit;
} UnitRange;

struct DebugInfo {
        Dwarf *dwarf;
        Arena *arena;
        VEC(Unit) units;
        VEC(UnitRange) ranges; /* sorted */
};

static void release_dwarf(void *resource)
{
        dwarf_end(resource);
}

static int by_low(const void *a, const void *b)
{
        const UnitRange *x = a, *y = b;

        return x->low < y->low ? -1 : x->low > y->low;
}

static void add_unit_ranges(DebugInfo *info, Dwarf_Die *die, uint32_t unit)
{
        Dwarf_Addr base, low, high;
        ptrdiff_t at = 0;

        while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0) {
                UnitRange *r;

                if (low == 0 || low >= high) /* code that the linker dropped */
                        continue;
                r = vec_add(info->arena, &info->ranges);
                if (r)
                        *r = (UnitRange){ low, high, unit };
        }
}

static void index_units(DebugInfo *info)
{
        Dwarf_CU *cu = NULL;
        Dwarf_Die die, split;
        uint8_t type;

        while (dwarf_get_units(info->dwarf, cu, &cu, NULL, &type, &die, &split) == 0) {
                Unit *unit;

                if (type != DW_UT_compile && type != DW_UT_skeleton)
                        continue;
                unit = vec_add(info->arena, &info->units);
                if (!unit)
                        return;
                unit->die = die;
                unit->code = split.addr ? split : die;
                unit->scopes.ceiling = unit->ranges.ceiling = MAX_RANGES;
                add_unit_ranges(info, &die, (uint32_t)info->units.len - 1);
        }
        if (info->ranges.len)
                qsort(info->ranges.items, info->ranges.len, sizeof(UnitRange), by_low);
}

DebugInfo *debug_info_open(Elf *elf, Arena *arena)
{
        Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
        DebugInfo *info;

        if (!dwarf)
                return NULL;
        info = new (arena, DebugInfo, 1);
        arena_defer(arena, release_dwarf, dwarf);
        info->dwarf = dwarf;
        info->arena = arena;
        info->units.ceiling = MAX_UNITS;
        info->ranges.ceiling = MAX_RANGES;
        index_units(info);
        return info;
}

static void add_scope(DebugInfo *info, Unit *unit, Dwarf_Die *die, uint32_t depth, bool inlined)
{
        Dwarf_Addr base, low, high;
        ptrdiff_t at = 0;
        Scope *scope = NULL;

        while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0) {
                ScopeRange *r;

                if (low >= high)
                        continue;
                if (!scope)
                        scope = vec_add(info->arena, &unit->scopes);
                if (!scope)
                        return;
                r = vec_add(info->arena, &unit->ranges);
                if (!r)
                        return;
                *scope = (Scope){ .die = *die, .depth = depth, .inlined = inlined };
                *r = (ScopeRange){ .low = low,
                                   .high = high,
                                   .scope = (uint32_t)unit->scopes.len - 1 };
        }
}

static void walk(DebugInfo *info, Unit *unit, Dwarf_Die *parent, uint32_t depth)
{
        Dwarf_Die die;

        if (depth > MAX_DIE_DEPTH || dwarf_child(parent, &die) != 0)
                return;
        do {
                int tag = dwarf_tag(&die);

                if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
                        add_scope(info, unit, &die, depth, tag == DW_TAG_inlined_subroutine);
                if (dwarf_haschildren(&die) > 0)
                        walk(info, unit, &die, depth + 1);
        } while (dwarf_siblingof(&die, &die) == 0);
}

static int by_range(const void *a, const void *b)
{
        const ScopeRange *x = a, *y = b;

        return x->low < y->low ? -1 : x->low > y->low;
}

static void read_unit(DebugInfo *info, Unit *unit)
{
        uint64_t reach = 0;

        unit->read = true;
        walk(info, unit, &unit->code, 0);
        if (unit->ranges.len == 0)
                return;
        qsort(unit->ranges.items, unit->ranges.len, sizeof(ScopeRange), by_range);
        vec_each (ScopeRange, r, &unit->ranges) {
                reach = MAX(reach, r->high);
                r->reach = reach;
        }
}

static Unit *unit_at(DebugInfo *info, uint64_t vaddr)
{
        size_t low = 0, high = info->ranges.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (info->ranges.items[middle].low <= vaddr)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (size_t i = 0; i < LOOK_BACK && i < low; i++) {
                const UnitRange *r = &info->ranges.items[low - 1 - i];

                if (vaddr < r->high)
                        return &info->units.items[r->unit];
        }
        return NULL;
}

/* Scopes around the address, outermost first. */
static size_t scopes_at(const Unit *unit, uint64_t vaddr, const Scope **ret, size_t max)
{
        size_t low = 0, high = unit->ranges.len, n = 0;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (unit->ranges.items[middle].low <= vaddr)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (size_t i = low; i-- > 0 && unit->ranges.items[i].reach > vaddr && n < max;) {
                const ScopeRange *r = &unit->ranges.items[i];
                const Scope *scope = &unit->scopes.items[r->scope];
                size_t at = n;

                if (vaddr >= r->high)
                        continue;
                for (; at > 0 && ret[at - 1]->depth > scope->depth; at--)
                        ret[at] = ret[at - 1];
                ret[at] = scope;
                n++;
        }
        return n;
}

static Span text_attribute(const Scope *scope, unsigned name)
{
        Dwarf_Die die = scope->die;
        Dwarf_Attribute attribute;

        if (!dwarf_attr_integrate(&die, name, &attribute))
                return (Span){ 0 };
        return span_of(dwarf_formstring(&attribute));
}

static Span function_name(const Scope *scope)
{
        Span name = text_attribute(scope, DW_AT_linkage_name);

        if (name.len == 0)
                name = text_attribute(scope, DW_AT_MIPS_linkage_name);
        if (name.len == 0)
                name = text_attribute(scope, DW_AT_name);
        return name;
}

static uint64_t number_attribute(const Scope *scope, unsigned name)
{
        Dwarf_Die die = scope->die;
        Dwarf_Attribute attribute;
        Dwarf_Word value;

        if (!dwarf_attr(&die, name, &attribute) || dwarf_formudata(&attribute, &value) != 0)
                return 0;
        return value;
}

static void line_of_call(Unit *unit, const Scope *callee, SourceFrame *caller)
{
        uint64_t file = number_attribute(callee, DW_AT_call_file);
        Dwarf_Files *files;
        size_t n;

        caller->line = (uint32_t)number_attribute(callee, DW_AT_call_line);
        if (dwarf_getsrcfiles(&unit->die, &files, &n) == 0 && file < n)
                caller->file = span_of(dwarf_filesrc(files, file, NULL, NULL));
}

static void line_of_address(Unit *unit, uint64_t vaddr, SourceFrame *frame)
{
        Dwarf_Line *line = dwarf_getsrc_die(&unit->die, vaddr);
        int number;

        if (!line || dwarf_lineno(line, &number) != 0)
                return;
        frame->line = (uint32_t)MAX(number, 0);
        frame->file = span_of(dwarf_linesrc(line, NULL, NULL));
}

size_t debug_info_find(DebugInfo *info, uint64_t vaddr, SourceFrame *ret, size_t max)
{
        const Scope *scopes[DEBUG_MAX_INLINES];
        Unit *unit = unit_at(info, vaddr);
        size_t n, first = 0;

        if (!unit)
                return 0;
        if (!unit->read)
                read_unit(info, unit);
        n = scopes_at(unit, vaddr, scopes, MIN(max, COUNT(scopes)));
        for (size_t i = 0; i < n; i++) /* a function inside another's tree is not called by it */
                if (!scopes[i]->inlined)
                        first = i;
        for (size_t i = first; i < n; i++) {
                SourceFrame *frame = &ret[i - first];

                *frame = (SourceFrame){ .function = function_name(scopes[i]),
                                        .inlined = scopes[i]->inlined };
                if (i + 1 < n)
                        line_of_call(unit, scopes[i + 1], frame);
                else
                        line_of_address(unit, vaddr, frame);
        }
        return n - first;
}
