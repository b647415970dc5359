#pragma once
/* What the writer and the reader of an index share: see symbol_index.h. */

#include "instrument/profile/symbol_index.h"

#define SYMBOL_INDEX_MAGIC "hone-sym"
#define SYMBOL_CHAIN_MAX 256 /* inlined calls in each other; what is deeper loses its outermost */

typedef struct LineRow {
        uint32_t start, file, line; /* file 0: no line is known from here on */
} LineRow;

/* Rows of one block. A row is: its distance from the last one times two, plus one when the file
 * changes; then that change; then the line's change; the changes as zigzag. */
typedef struct LineReader {
        const uint8_t *at, *end;
        uint32_t left;
        LineRow row;
} LineReader;

uint64_t symbol_index_size(const SymbolIndexHeader *h);
LineReader line_reader_of(const SymbolIndex *x, const IndexLineBlock *block);
bool line_reader_next(LineReader *r, LineRow *ret);
