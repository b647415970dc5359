#pragma once
/* The index of one file's names, from wherever it can be had: the cache, or the file's own tables
 * of symbols, its debug information, the files that were split off it.
 *
 *         SymbolsPlan plan = { .cache = cache, .debuginfod = false };
 *         r = symbols_load(&plan, image, path, arena, &index, &report, err);
 *
 * Where a build-id names the file its index is kept in the cache; a cached index counts only
 * when it was made from at least what is there now. The index lives in the arena.
 */

#include "instrument/profile/elf_image.h"
#include "instrument/profile/symbol_cache.h"
#include "instrument/profile/symbol_index.h"

typedef struct SymbolsPlan {
        const SymbolCache *cache; /* NULL: none */
        bool debuginfod;          /* ask servers for what is not here */
} SymbolsPlan;

/* What happened on the way. Texts live in the arena; empty: nothing to say. */
typedef struct SymbolsReport {
        bool from_cache;
        Span cache_problem; /* a damaged file, a folder that cannot be written */
        Span debuginfod_problem;
        Span debug_problem;     /* debug information that could not be read */
        uint32_t missing_units; /* split debug information that was not found */
        uint64_t left_out;      /* past a ceiling */
} SymbolsReport;

int symbols_load(const SymbolsPlan *plan, const ElfImage *image, Span path, Arena *arena,
                 SymbolIndex *ret, SymbolsReport *report, Error *err);
