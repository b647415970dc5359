#pragma once
/* Indexes of symbols on disk, one file a build-id: FOLDER/BUILDID.
 *
 *         SymbolCache *cache = symbol_cache_open(NULL, MiB(512), arena, err);
 *         if (symbol_cache_find(cache, id, arena, &index, &problem) > 0) ...
 *         r = symbol_cache_keep(cache, id, bytes, err);
 *
 * Folder: $XDG_CACHE_HOME/hone/symbols, else ~/.cache/hone/symbols; used only when it belongs to
 * the user who runs hone. Files are written whole or not at all and never changed, so that any
 * number of hone may read, write and remove at once. What was used longest ago goes when the
 * files together are larger than the ceiling. A file that is damaged is removed and named.
 */

#include "instrument/profile/symbol_index.h"

#define SYMBOL_CACHE_BYTES MiB(512)

typedef struct SymbolCache {
        char *dir;
        uint64_t max_bytes;
} SymbolCache;

/* Where it is for this user; NULL without a home. */
char *symbol_cache_dir(Arena *arena);
/* `dir` NULL: symbol_cache_dir(). Makes the folder. */
int symbol_cache_open(const char *dir, uint64_t max_bytes, Arena *arena, SymbolCache **ret,
                      Error *err);
/* 1: `ret` is the index, mapped until the arena goes; 0: none. Fails with ERR_CORRUPT when the file
 * was damaged, and has removed it. */
int symbol_cache_find(const SymbolCache *cache, Span build_id, Arena *arena, SymbolIndex *ret,
                      Error *err);
int symbol_cache_keep(const SymbolCache *cache, Span build_id, Span bytes, Error *err);
