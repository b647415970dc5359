#pragma once
/* Memory by lifetime: everything taken from an arena is released together.
 *
 *         Arena *arena = arena_new(MiB(64));
 *         Sample *s = new(arena, Sample, n);         // zero-filled; aborts past the ceiling
 *         Mark m = arena_mark(arena);
 *         ... scratch work ...
 *         arena_reset(arena, m);                      // back to the mark
 *         arena_free(arena);
 *
 * Invariants: memory is zero-filled and aligned for its type; a size that overflows is refused;
 * an arena never holds more than its ceiling. Sizes that the program chose use new(); sizes that
 * came from input use new_try(), which returns NULL past the ceiling so that the caller can fail
 * with ERR_LIMIT. An arena belongs to one thread at a time.
 */

#include "base/macros.h"

typedef struct Arena Arena;

typedef struct Mark {
        void *chunk;
        size_t used;
        size_t total;
        void *callbacks;
} Mark;

Arena *arena_new(size_t ceiling_bytes);
Arena *arena_free(Arena *arena); /* accepts NULL, returns NULL; runs the callbacks */
void arena_freep(Arena **arena);

void *arena_take(Arena *arena, size_t size, size_t align, size_t n) MUST_USE;
void *arena_try(Arena *arena, size_t size, size_t align, size_t n) MUST_USE;
/* In a header clang-format takes `new` for C++'s and would part it from its arguments. */
/* clang-format off */
#define new(arena, Type, n) ((Type *)arena_take((arena), sizeof(Type), _Alignof(Type), (n)))
#define new_try(arena, Type, n) ((Type *)arena_try((arena), sizeof(Type), _Alignof(Type), (n)))
/* clang-format on */

Mark arena_mark(Arena *arena);
void arena_reset(Arena *arena, Mark mark);
size_t arena_used(const Arena *arena);

/* Calls release(resource) when the arena is reset past this point or freed, newest first. */
void arena_defer(Arena *arena, void (*release)(void *), void *resource);

/* NUL-terminated text owned by the arena. */
char *arena_printf(Arena *arena, const char *format, ...) PRINTF(2, 3) MUST_USE;
char *arena_text(Arena *arena, const char *bytes, size_t len) MUST_USE;
