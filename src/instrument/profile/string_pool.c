#include "instrument/profile/string_pool.h"

#include <string.h>

#define FIRST_ROOM ((size_t)1024)

StringPool string_pool_in(Arena *arena, size_t ceiling_bytes)
{
        StringPool pool = { .bytes = buf_in(arena, MIN(ceiling_bytes, (size_t)UINT32_MAX)) };

        buf_byte(&pool.bytes, '\0');
        return pool;
}

static Span text_at(const StringPool *pool, uint32_t offset)
{
        return span_of(pool->bytes.ptr + offset);
}

/* Where the text is, or the free slot where it belongs. */
static uint32_t *slot_for(const StringPool *pool, uint32_t *slots, size_t room, Span text)
{
        size_t at = span_hash(text) & (room - 1);

        while (slots[at] && !span_eq(text_at(pool, slots[at]), text))
                at = (at + 1) & (room - 1);
        return &slots[at];
}

static bool grow(StringPool *pool)
{
        size_t room = pool->room ? pool->room * 2 : FIRST_ROOM;
        uint32_t *slots = new_try(pool->bytes.arena, uint32_t, room);

        if (!slots)
                return false;
        for (size_t i = 0; i < pool->room; i++)
                if (pool->slots[i])
                        *slot_for(pool, slots, room, text_at(pool, pool->slots[i])) =
                                pool->slots[i];
        pool->slots = slots;
        pool->room = room;
        return true;
}

static uint32_t append(StringPool *pool, Span text)
{
        uint32_t offset = (uint32_t)pool->bytes.len;
        char *place = buf_reserve(&pool->bytes, text.len + 1);

        if (!place) {
                pool->left_out++;
                return 0;
        }
        memcpy(place, text.ptr, text.len);
        place[text.len] = '\0';
        buf_grew(&pool->bytes, text.len + 1);
        return offset;
}

uint32_t string_pool_add(StringPool *pool, Span text)
{
        ptrdiff_t nul = span_find_byte(span_first(text, POOL_MAX_TEXT), '\0');
        uint32_t *slot;

        text = span_first(text, nul >= 0 ? (size_t)nul : POOL_MAX_TEXT);
        if (text.len == 0)
                return 0;
        if (pool->len >= pool->room / 4 * 3 && !grow(pool)) {
                pool->left_out++;
                return 0;
        }
        slot = slot_for(pool, pool->slots, pool->room, text);
        if (*slot == 0) {
                *slot = append(pool, text);
                pool->len += *slot != 0;
        }
        return *slot;
}
