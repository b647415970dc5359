#pragma once
/* A typed growing array in an arena, with a ceiling.
 *
 *         VEC(Sample) samples = VEC_INIT(1000000);
 *         Sample *s = vec_add(arena, &samples);        // zero-filled slot, NULL past the ceiling
 *         vec_each(Sample, it, &samples) total += it->value;
 *
 * Growing moves the items: keep indexes, not pointers, across vec_add().
 */

#include "base/arena.h"

#include <string.h>

#define VEC(Type)                          \
        struct {                           \
                Type *items;               \
                size_t len, room, ceiling; \
        }
#define VEC_INIT(max_items)            \
        {                              \
                .ceiling = (max_items) \
        }

#define vec_add(arena, vec)                                                               \
        ((__typeof__((vec)->items))vec_slot((arena), (void **)&(vec)->items, &(vec)->len, \
                                            &(vec)->room, (vec)->ceiling, sizeof(*(vec)->items)))
#define vec_each(Type, it, vec) \
        for (Type *it = (vec)->items; (vec)->len && it < (vec)->items + (vec)->len; it++)
#define vec_last(vec) ((vec)->len ? &(vec)->items[(vec)->len - 1] : NULL)

/* Behind vec_add(): room for one more item, doubling; NULL past the ceiling. */
static inline void *vec_slot(Arena *arena, void **items, size_t *len, size_t *room, size_t ceiling,
                             size_t item_size)
{
        if (*len >= ceiling)
                return NULL;
        if (*len == *room) {
                size_t more = MIN(MAX(*room * 2, (size_t)8), ceiling);
                void *grown = arena_try(arena, item_size, _Alignof(max_align_t), more);

                if (!grown)
                        return NULL;
                if (*len)
                        memcpy(grown, *items, *len * item_size);
                *items = grown;
                *room = more;
        }
        return (char *)*items + item_size * (*len)++;
}
