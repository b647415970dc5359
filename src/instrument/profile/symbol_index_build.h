#pragma once
/* Gathers what is known about a file's code and lays it out as an index.
 *
 *         IndexBuilder *b = index_builder_new(&(IndexRange){ low, high }, arena);
 *         scope = index_add_scope(b, &(IndexScope){ .caller = SYMBOL_INDEX_NONE, .name = ... });
 *         index_add_range(b, low, high, depth, scope);         // any number, any order
 *         index_add_row(b, vaddr, file, line); ... index_end_rows(b, vaddr);   // a sequence
 *         r = index_build(b, &symbols, &plan, arena, &bytes, err);
 *
 * Code outside the range (what the linker dropped) is not taken. Where ranges overlap without one
 * being inside the other, the later and deeper one counts; of two that are the same (identical code
 * folded by the linker), the first. Everything lives in the builder's arena, which can go once the
 * bytes are there.
 */

#include "instrument/profile/string_pool.h"
#include "instrument/profile/symbol_index.h"
#include "instrument/profile/symbol_table.h"

#include "base/map.h"

typedef struct IndexRange {
        uint64_t low, high; /* less than 4 GiB apart counts */
} IndexRange;

typedef struct IndexSpan {
        uint32_t low, high; /* distances */
        uint32_t depth;     /* of nesting: callers have less */
        uint32_t value;
} IndexSpan;

typedef struct IndexRow {
        uint32_t start, file, line;
} IndexRow;

typedef struct IndexSequence {
        uint32_t low, high;
        uint32_t first, n; /* rows */
} IndexSequence;

typedef struct IndexBuilder {
        Arena *arena;
        IndexRange range;
        StringPool texts;
        VEC(IndexScope) scopes;
        VEC(IndexSpan) spans;
        VEC(IndexRow) rows;
        VEC(IndexSequence) sequences;
        VEC(uint32_t) files; /* number 0: not known */
        Map file_numbers;
        size_t open_rows;                /* where the sequence that is being added starts */
        bool in_sequence, dead_sequence; /* dead: it starts outside the range */
        uint64_t left_out;               /* past a ceiling */
} IndexBuilder;

IndexBuilder *index_builder_new(const IndexRange *range, Arena *arena);
uint32_t index_add_file(IndexBuilder *b, Span path);
/* SYMBOL_INDEX_NONE past the ceiling. */
uint32_t index_add_scope(IndexBuilder *b, const IndexScope *scope);
void index_add_range(IndexBuilder *b, IndexRange range, uint32_t depth, uint32_t scope);
/* Rows of a sequence ascend; one that starts outside the range is not taken. */
void index_add_row(IndexBuilder *b, uint64_t vaddr, uint32_t file, uint32_t line);
void index_end_rows(IndexBuilder *b, uint64_t vaddr);

typedef struct IndexPlan {
        const SymbolTable *symbols; /* sorted */
        Span build_id;
        uint32_t sources, missing_units;
        uint64_t debug_bytes;
} IndexPlan;

int index_build(IndexBuilder *b, const IndexPlan *plan, Arena *arena, Span *ret, Error *err);
