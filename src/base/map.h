#pragma once
/* A hash table in an arena: Span or integer keys to a pointer or an integer; open addressing.
 *
 *         Map names = map_in(arena, 100000);
 *         MapSlot *slot = map_add(&names, key);   // finds or makes; NULL past the ceiling
 *         if (!slot->number) slot->number = ++next;
 *
 * Span keys are not copied: they must outlive the map. Slots move when the map grows. A map whose
 * keys a stranger chooses gets a `seed` that he cannot know.
 */

#include "base/span.h"

typedef struct MapSlot {
        Span key; /* key.ptr NULL with used = true: an integer key, in key.len */
        uint64_t hash;
        bool used;
        union {
                void *pointer;
                uint64_t number;
        };
} MapSlot;

typedef struct Map {
        Arena *arena;
        MapSlot *slots;
        size_t len, room, ceiling;
        uint64_t seed; /* of the text keys' hash; set before the first key, 0 is fine */
} Map;

Map map_in(Arena *arena, size_t max_keys);
MapSlot *map_add(Map *map, Span key);
MapSlot *map_find(const Map *map, Span key); /* NULL when absent */
MapSlot *map_add_u64(Map *map, uint64_t key);
MapSlot *map_find_u64(const Map *map, uint64_t key);

/* Every used slot, in no particular order. */
#define map_each(slot, map)                                                                  \
        for (MapSlot *slot = (map)->slots; (map)->room && slot < (map)->slots + (map)->room; \
             slot++)                                                                         \
                if (slot->used)
