#pragma once
/* The names of one file's code, flat and sorted: from an address to its function, the functions
 * inlined there and the source line, by binary search.
 *
 *         SymbolIndex index;
 *         r = symbol_index_open(bytes, &index, err);          // a view: bytes stay
 *         n = symbol_index_find(&index, vaddr, frames, COUNT(frames));      // outermost first
 *         Span name = symbol_index_symbol(&index, vaddr);     // from the table of symbols
 *
 * The bytes are the same in memory and in the cache: a header, then these tables, each sorted by
 * address, addresses as 32-bit distances from `base`:
 *
 *         symbol starts, symbol names     a symbol reaches to the next start; name 0 is a gap
 *         span starts, span scopes        the innermost scope from here to the next start
 *         scopes                          who called it, its name, the line of the call
 *         files                           their names
 *         line blocks, line bytes         rows of address, file and line as varint differences
 *         texts                           see string_pool.h
 *
 * Everything read is checked against its table: damaged bytes give an error or wrong names, never
 * a read outside. Written and read by one machine: the byte order is the machine's.
 */

#include "base/span.h"

#define SYMBOL_INDEX_VERSION 1
#define SYMBOL_INDEX_NONE UINT32_MAX
#define DEBUG_MAX_INLINES 64
#define LINE_BLOCK_ROWS 32

/* What an index was built from. */
#define SYMBOL_SOURCES(X)                                  \
        X(DYNSYM, "dynamic symbols")                       \
        X(SYMTAB, "symbols")                               \
        X(MINI, "compressed symbols") /* .gnu_debugdata */ \
        X(DEBUG, "debug information")

enum {
#define X(id, name) SYMBOL_SOURCE_BIT_##id,
        SYMBOL_SOURCES(X)
#undef X
                SYMBOL_SOURCE_COUNT_
};
enum {
#define X(id, name) SYMBOLS_FROM_##id = 1u << SYMBOL_SOURCE_BIT_##id,
        SYMBOL_SOURCES(X)
#undef X
};

typedef struct SymbolIndexHeader {
        char magic[8];
        uint32_t version, header_bytes;
        uint64_t checksum; /* of all that follows this field */
        uint64_t file_bytes;
        uint64_t base;        /* what distances count from */
        uint64_t debug_bytes; /* of .debug_info that it was made from */
        uint32_t sources;     /* SYMBOLS_FROM_... */
        uint32_t build_id;    /* a text */
        uint32_t n_symbols, n_spans, n_scopes, n_files, n_line_blocks, line_bytes, text_bytes;
        uint32_t missing_units; /* split debug information that was not found */
} SymbolIndexHeader;

typedef struct IndexScope {
        uint32_t caller; /* a scope with a smaller number; SYMBOL_INDEX_NONE: not inlined */
        uint32_t name;   /* a text */
        uint32_t call_file, call_line;
} IndexScope;

typedef struct IndexLineBlock {
        uint32_t start, offset; /* of the first row; in the line bytes */
} IndexLineBlock;

typedef struct SymbolIndex {
        Span bytes;
        const SymbolIndexHeader *header;
        const uint32_t *symbol_starts, *symbol_names, *span_starts, *span_scopes, *files;
        const IndexScope *scopes;
        const IndexLineBlock *line_blocks;
        const uint8_t *lines;
        const char *texts;
} SymbolIndex;

typedef struct SourceFrame {
        Span function; /* as in DWARF: the linkage name when there is one; may be empty */
        Span file;     /* empty: not known */
        uint32_t line; /* of the call, or for the innermost of the address; 0: not known */
        bool inlined;
} SourceFrame;

/* `bytes` are aligned to 8; ERR_CORRUPT says what is wrong with them. */
int symbol_index_open(Span bytes, SymbolIndex *ret, Error *err);
/* Writes the checksum into the header of a finished index. */
void symbol_index_seal(char *bytes, size_t len);
/* By debug information; where that knows no function, by symbol. 0: neither does. */
size_t symbol_index_find(const SymbolIndex *index, uint64_t vaddr, SourceFrame *ret, size_t max);
Span symbol_index_symbol(const SymbolIndex *index, uint64_t vaddr); /* empty: none */
Span symbol_index_build_id(const SymbolIndex *index);
