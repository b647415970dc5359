#include "base/map.h"

#define FIRST_ROOM ((size_t)16)

/* A key with a NULL ptr is an integer; the empty text gets a place of its own. */
static Span text_key(Span key)
{
        return key.ptr ? key : SPAN("");
}

static uint64_t integer_hash(uint64_t key)
{
        key ^= key >> 32; /* a 64-bit finaliser: every bit of the key reaches every bit */
        key *= UINT64_C(0xd6e8feb86659fd93);
        key ^= key >> 32;
        key *= UINT64_C(0xd6e8feb86659fd93);
        return key ^ (key >> 32);
}

static bool same_key(const MapSlot *slot, Span key, uint64_t hash)
{
        if (slot->hash != hash || !slot->key.ptr != !key.ptr)
                return false;
        return key.ptr ? span_eq(slot->key, key) : slot->key.len == key.len;
}

/* The slot that holds the key, or the free one where it belongs. The room is a power of two and
 * never full, so the walk ends. */
static MapSlot *slot_for(MapSlot *slots, size_t room, Span key, uint64_t hash)
{
        size_t at = hash & (room - 1);

        while (slots[at].used && !same_key(&slots[at], key, hash))
                at = (at + 1) & (room - 1);
        return &slots[at];
}

static bool grow(Map *map)
{
        size_t room = map->room ? map->room * 2 : FIRST_ROOM;
        MapSlot *slots = new_try(map->arena, MapSlot, room);

        if (!slots)
                return false;
        map_each (slot, map)
                *slot_for(slots, room, slot->key, slot->hash) = *slot;
        map->slots = slots;
        map->room = room;
        return true;
}

static MapSlot *add(Map *map, Span key, uint64_t hash)
{
        MapSlot *slot = map->room ? slot_for(map->slots, map->room, key, hash) : NULL;

        if (slot && slot->used)
                return slot;
        if (map->len >= map->ceiling)
                return NULL;
        if (map->len >= map->room / 4 * 3) {
                if (!grow(map))
                        return NULL;
                slot = slot_for(map->slots, map->room, key, hash);
        }
        *slot = (MapSlot){ .key = key, .hash = hash, .used = true };
        map->len++;
        return slot;
}

static MapSlot *find(const Map *map, Span key, uint64_t hash)
{
        MapSlot *slot = map->room ? slot_for(map->slots, map->room, key, hash) : NULL;

        return slot && slot->used ? slot : NULL;
}

Map map_in(Arena *arena, size_t max_keys)
{
        return (Map){ .arena = arena, .ceiling = max_keys };
}

MapSlot *map_add(Map *map, Span key)
{
        key = text_key(key);
        return add(map, key, span_hash_seeded(key, map->seed));
}

MapSlot *map_find(const Map *map, Span key)
{
        key = text_key(key);
        return find(map, key, span_hash_seeded(key, map->seed));
}

MapSlot *map_add_u64(Map *map, uint64_t key)
{
        return add(map, (Span){ NULL, key }, integer_hash(key));
}

MapSlot *map_find_u64(const Map *map, uint64_t key)
{
        return find(map, (Span){ NULL, key }, integer_hash(key));
}
