#pragma once
/* Each text once, one after the other and NUL-terminated, named by its offset: how an index keeps
 * its names.
 *
 *         StringPool pool = string_pool_in(arena, MiB(512));
 *         uint32_t name = string_pool_add(&pool, SPAN("main"));
 *
 * Offset 0 is the empty text, and what does not fit becomes. A text ends at its first NUL and is
 * cut at POOL_MAX_TEXT.
 */

#include "base/buf.h"

#define POOL_MAX_TEXT 4096

typedef struct StringPool {
        Buf bytes;
        uint32_t *slots; /* offsets; 0: free */
        size_t len, room;
        uint64_t left_out;
} StringPool;

StringPool string_pool_in(Arena *arena, size_t ceiling_bytes);
uint32_t string_pool_add(StringPool *pool, Span text);
