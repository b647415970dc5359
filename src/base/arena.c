#include "base/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* With AddressSanitizer, memory that nobody took is poisoned: an access past the newest object or
 * to something before a reset is reported. */
#if defined(__has_feature)
#        if __has_feature(address_sanitizer)
#                define HAS_POISON 1
#        endif
#elif defined(__SANITIZE_ADDRESS__)
#        define HAS_POISON 1
#endif
#ifdef HAS_POISON
#        include <sanitizer/asan_interface.h>
#        define POISON(bytes, n) ASAN_POISON_MEMORY_REGION((bytes), (n))
#        define UNPOISON(bytes, n) ASAN_UNPOISON_MEMORY_REGION((bytes), (n))
#else
#        define POISON(bytes, n) ((void)(bytes), (void)(n))
#        define UNPOISON(bytes, n) ((void)(bytes), (void)(n))
#endif

#define FIRST_CHUNK KiB(16)
#define LARGEST_CHUNK MiB(1)

typedef struct Chunk {
        struct Chunk *below;
        size_t used, size;
        _Alignas(max_align_t) unsigned char bytes[];
} Chunk;

typedef struct Deferred {
        struct Deferred *below;
        void (*release)(void *);
        void *resource;
} Deferred;

struct Arena {
        Chunk *top;
        Deferred *deferred;
        size_t total; /* bytes of all chunks */
        size_t ceiling;
        size_t next_chunk;
};

Arena *arena_new(size_t ceiling_bytes)
{
        Arena *arena = calloc(1, sizeof(*arena));

        if (!arena)
                BUG("out of memory");
        arena->ceiling = ceiling_bytes;
        arena->next_chunk = FIRST_CHUNK;
        return arena;
}

static void run_deferred(Arena *arena, const Deferred *until)
{
        while (arena->deferred != until) {
                Deferred *d = arena->deferred;

                arena->deferred = d->below;
                d->release(d->resource);
        }
}

static void drop_chunks(Arena *arena, const Chunk *until)
{
        while (arena->top != until) {
                Chunk *c = arena->top;

                arena->top = c->below;
                arena->total -= c->size;
                free(c);
        }
}

Arena *arena_free(Arena *arena)
{
        if (!arena)
                return NULL;
        run_deferred(arena, NULL);
        drop_chunks(arena, NULL);
        free(arena);
        return NULL;
}

void arena_freep(Arena **arena)
{
        *arena = arena_free(*arena);
}

static bool chunk_add(Arena *arena, size_t need)
{
        size_t left = arena->ceiling - arena->total;
        size_t size = MAX(MIN(arena->next_chunk, left), need);
        Chunk *c;

        if (need > left || size > SIZE_MAX - sizeof(*c))
                return false;
        c = calloc(1, sizeof(*c) + size);
        if (!c)
                return false;
        POISON(c->bytes, size);
        c->size = size;
        c->below = arena->top;
        arena->top = c;
        arena->total += size;
        arena->next_chunk = MIN(arena->next_chunk * 2, LARGEST_CHUNK);
        return true;
}

void *arena_try(Arena *arena, size_t size, size_t align, size_t n)
{
        size_t bytes, at;
        Chunk *c = arena->top;

        if (__builtin_mul_overflow(size, n, &bytes) || bytes > arena->ceiling)
                return NULL;
        at = c ? (c->used + align - 1) & ~(align - 1) : 0;
        if (!c || at > c->size || bytes > c->size - at) {
                if (!chunk_add(arena, bytes))
                        return NULL;
                c = arena->top;
                at = 0;
        }
        UNPOISON(c->bytes + c->used, at + bytes - c->used);
        c->used = at + bytes;
        return c->bytes + at;
}

void *arena_take(Arena *arena, size_t size, size_t align, size_t n)
{
        void *p = arena_try(arena, size, align, n);

        if (!p)
                BUG("%zu x %zu bytes do not fit under the arena's ceiling of %zu", n, size,
                    arena->ceiling);
        return p;
}

Mark arena_mark(Arena *arena)
{
        return (Mark){ .chunk = arena->top,
                       .used = arena->top ? arena->top->used : 0,
                       .total = arena->total,
                       .callbacks = arena->deferred };
}

void arena_reset(Arena *arena, Mark mark)
{
        run_deferred(arena, mark.callbacks);
        drop_chunks(arena, mark.chunk);
        BUG_IF(arena->total != mark.total);
        if (arena->top) {
                Chunk *c = arena->top;

                memset(c->bytes + mark.used, 0, c->used - mark.used);
                POISON(c->bytes + mark.used, c->used - mark.used);
                c->used = mark.used;
        }
}

size_t arena_used(const Arena *arena)
{
        return arena->total;
}

void arena_defer(Arena *arena, void (*release)(void *), void *resource)
{
        Deferred *d = new (arena, Deferred, 1);

        *d = (Deferred){ .below = arena->deferred, .release = release, .resource = resource };
        arena->deferred = d;
}

char *arena_printf(Arena *arena, const char *format, ...)
{
        va_list args, again;
        char *text;
        int n;

        va_start(args, format);
        va_copy(again, args);
        n = vsnprintf(NULL, 0, format, args);
        BUG_IF(n < 0);
        text = new (arena, char, (size_t)n + 1);
        vsnprintf(text, (size_t)n + 1, format, again);
        va_end(again);
        va_end(args);
        return text;
}

char *arena_text(Arena *arena, const char *bytes, size_t len)
{
        char *text = new (arena, char, len + 1);

        if (len)
                memcpy(text, bytes, len);
        return text;
}
