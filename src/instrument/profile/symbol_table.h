#pragma once
/* Names by address: the symbols of an ELF file, or of the kernel. Sorted once, then searched.
 *
 *         SymbolTable t;
 *         symbol_table_init(&t);
 *         elf_symbols(elf, arena, &t);               // any number of times: .symtab, debug file
 *         symbol_table_sort(&t);
 *         const Symbol *s = symbol_table_find(&t, vaddr);
 *
 * Names are views into what they were read from. Of several names for one address the most public
 * one is kept: global before weak before local, then the one with fewest leading underscores. A
 * symbol without a size reaches to the next one.
 */

#include "base/span.h"
#include "base/vec.h"

#include <libelf.h>

#define MAX_SYMBOLS (8u << 20)

typedef struct Symbol {
        uint64_t start, end; /* end == start until sorted: no size */
        Span name;
        uint8_t rank; /* lower is better */
} Symbol;

typedef struct SymbolTable {
        VEC(Symbol) symbols;
        uint64_t left_out;
} SymbolTable;

void symbol_table_init(SymbolTable *t);
void symbol_table_add(SymbolTable *t, Arena *arena, const Symbol *symbol);
/* Functions of .symtab and .dynsym. */
void elf_symbols(Elf *elf, Arena *arena, SymbolTable *t);
void symbol_table_sort(SymbolTable *t);
const Symbol *symbol_table_find(const SymbolTable *t, uint64_t address);
