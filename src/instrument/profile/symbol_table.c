#include "instrument/profile/symbol_table.h"

#include <gelf.h>
#include <stdlib.h>

#define LOOK_BACK 32 /* symbols that may lie inside another one */

void symbol_table_init(SymbolTable *t)
{
        *t = (SymbolTable){ .symbols = VEC_INIT(MAX_SYMBOLS) };
}

void symbol_table_add(SymbolTable *t, Arena *arena, const Symbol *symbol)
{
        Symbol *slot = vec_add(arena, &t->symbols);

        if (slot)
                *slot = *symbol;
        else
                t->left_out++;
}

/* Best to worst: what a type and a binding are worth. */
static uint8_t rank_of(const GElf_Sym *sym)
{
        static const uint8_t bindings[16] = { [STB_LOCAL] = 3, [STB_GLOBAL] = 1, [STB_WEAK] = 2 };
        uint8_t binding = bindings[GELF_ST_BIND(sym->st_info) & 15];

        return (uint8_t)((GELF_ST_TYPE(sym->st_info) == STT_NOTYPE ? 8 : 0) +
                         (binding ? binding : 4));
}

static bool is_code(Elf *elf, const GElf_Sym *sym)
{
        unsigned type = GELF_ST_TYPE(sym->st_info);
        GElf_Shdr sh;
        Elf_Scn *section;

        if (sym->st_shndx == SHN_UNDEF || sym->st_value == 0)
                return false;
        if (type == STT_FUNC || type == STT_GNU_IFUNC)
                return true;
        if (type != STT_NOTYPE || sym->st_shndx >= SHN_LORESERVE)
                return false;
        section = elf_getscn(elf, sym->st_shndx);
        return section && gelf_getshdr(section, &sh) && sh.sh_flags & SHF_EXECINSTR;
}

static void read_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *sh, Arena *arena,
                         SymbolTable *t)
{
        Elf_Data *data = elf_getdata(section, NULL);
        size_t n = data && sh->sh_entsize ? data->d_size / sh->sh_entsize : 0;

        for (size_t i = 0; i < n; i++) {
                GElf_Sym sym;
                uint64_t end;
                const char *name;

                if (!gelf_getsym(data, (int)i, &sym) || !is_code(elf, &sym))
                        continue;
                name = elf_strptr(elf, sh->sh_link, sym.st_name);
                if (!name || !name[0] || name[0] == '$' || /* mapping symbols of assemblers */
                    __builtin_add_overflow(sym.st_value, sym.st_size, &end))
                        continue;
                symbol_table_add(t, arena,
                                 &(Symbol){ .start = sym.st_value,
                                            .end = end,
                                            .name = span_of(name),
                                            .rank = rank_of(&sym) });
        }
}

void elf_symbols(Elf *elf, Arena *arena, SymbolTable *t)
{
        Elf_Scn *section = NULL;

        while ((section = elf_nextscn(elf, section))) {
                GElf_Shdr sh;

                if (gelf_getshdr(section, &sh) &&
                    (sh.sh_type == SHT_SYMTAB || sh.sh_type == SHT_DYNSYM))
                        read_section(elf, section, &sh, arena, t);
        }
}

static size_t underscores(Span name)
{
        size_t n = 0;

        while (n < name.len && name.ptr[n] == '_')
                n++;
        return n;
}

/* By address; at one address: with a size first, then by rank, then the plainest name. */
static int by_address(const void *a, const void *b)
{
        const Symbol *x = a, *y = b;
        size_t under_x, under_y;

        if (x->start != y->start)
                return x->start < y->start ? -1 : 1;
        if ((x->end == x->start) != (y->end == y->start))
                return x->end == x->start ? 1 : -1;
        if (x->rank != y->rank)
                return x->rank - y->rank;
        under_x = underscores(x->name);
        under_y = underscores(y->name);
        if (under_x != under_y)
                return under_x < under_y ? -1 : 1;
        return span_compare(x->name, y->name);
}

void symbol_table_sort(SymbolTable *t)
{
        Symbol *s = t->symbols.items;
        size_t kept = 0;

        if (t->symbols.len == 0)
                return;
        qsort(s, t->symbols.len, sizeof(*s), by_address);
        for (size_t i = 0; i < t->symbols.len; i++)
                if (kept == 0 || s[kept - 1].start != s[i].start)
                        s[kept++] = s[i];
        t->symbols.len = kept;
        for (size_t i = 0; i < kept; i++)
                if (s[i].end == s[i].start)
                        s[i].end = i + 1 < kept ? s[i + 1].start : s[i].start + 1;
}

const Symbol *symbol_table_find(const SymbolTable *t, uint64_t address)
{
        const Symbol *s = t->symbols.items;
        size_t low = 0, high = t->symbols.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (s[middle].start <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (size_t i = 0; i < LOOK_BACK && i < low; i++)
                if (address < s[low - 1 - i].end)
                        return &s[low - 1 - i];
        return NULL;
}
