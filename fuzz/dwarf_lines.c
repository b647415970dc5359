/* .debug_line from memory: the first byte says how much of the input is .debug_line_str; the rest
 * is the section, read from its start as one unit, then made into an index and looked up. */

#include "instrument/profile/dwarf_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        IndexBuilder *b = index_builder_new(&(IndexRange){ 0x1000, 0x101000 }, arena);
        Span all = { (const char *)data + 1, size - 1 };
        SymbolTable none = { 0 };
        DwarfLines sections;
        SourceFrame frame;
        SymbolIndex index;
        LineFiles files;
        Error err = { 0 };
        Span bytes;

        if (size < 1)
                return 0;
        sections.line_str = sections.str = span_first(all, data[0]);
        sections.line = span_from(all, data[0]);
        if (dwarf_lines_read(&sections, &(LineUnit){ 0, SPAN("/dir"), true }, b, arena, &files,
                             &err) < 0)
                BUG_IF(err.code != ERR_INPUT);
        index_add_range(b, (IndexRange){ 0x1000, 0x101000 }, 1,
                        index_add_scope(b, &(IndexScope){ .caller = SYMBOL_INDEX_NONE }));
        BUG_IF(index_build(b, &(IndexPlan){ .symbols = &none }, arena, &bytes, &err) < 0);
        BUG_IF(symbol_index_open(bytes, &index, &err) < 0);
        for (uint64_t vaddr = 0x1000; vaddr < 0x2000; vaddr += 0x11)
                BUG_IF(symbol_index_find(&index, vaddr, &frame, 1) != 1);
        return 0;
}
