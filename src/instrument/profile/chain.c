#include "instrument/profile/chain.h"

#include "instrument/profile/profile_limits.h"

#include <string.h>

#define MAX_LOCATIONS (4u << 20)

ChainStore *chain_store_new(Arena *arena, size_t max_chains)
{
        ChainStore *s = new (arena, ChainStore, 1);

        s->arena = arena;
        s->locations.ceiling = MAX_LOCATIONS;
        s->chains.ceiling = max_chains;
        s->location_ids = map_in(arena, MAX_LOCATIONS);
        s->chain_ids = map_in(arena, max_chains);
        return s;
}

static uint32_t location_new(ChainStore *s, const Place *place, uint64_t key)
{
        Location *item;
        MapSlot *slot;

        if (!profile_has_room(s->arena))
                return UINT32_MAX;
        item = vec_add(s->arena, &s->locations);
        if (!item)
                return UINT32_MAX;
        slot = map_add_u64(&s->location_ids, key);
        if (!slot)
                return UINT32_MAX;
        *item = (Location){ place->module, place->vaddr };
        slot->number = s->locations.len - 1;
        return (uint32_t)slot->number;
}

uint32_t chain_location(ChainStore *s, const Place *place)
{
        /* 24 bits of module, 64 of address: the halves are mixed so that few keys meet, and what
         * is stored settles whether they did. */
        const uint64_t spread = (uint64_t)place->module->number * UINT64_C(0x9e3779b97f4a7c15);
        uint64_t key = place->vaddr ^ spread;

        for (;; key++) {
                MapSlot *slot = map_find_u64(&s->location_ids, key);
                const Location *item;

                if (!slot)
                        return location_new(s, place, key);
                item = &s->locations.items[slot->number];
                if (item->module == place->module && item->vaddr == place->vaddr)
                        return (uint32_t)slot->number;
        }
}

/* The chain's identity as bytes in `scratch`: thread name by address, flag, locations. */
static Span chain_key(ChainStore *s, const ChainKey *key, const uint32_t *locations, size_t n)
{
        uint64_t name = (uint64_t)(uintptr_t)key->thread.ptr;
        const uint32_t head[] = { (uint32_t)name, (uint32_t)(name >> 32), key->truncated };
        size_t need = COUNT(head) + n;

        if (s->scratch.room < need) {
                s->scratch.room = MAX(need, 2 * s->scratch.room);
                s->scratch.items = new (s->arena, uint32_t, s->scratch.room);
        }
        memcpy(s->scratch.items, head, sizeof(head));
        if (n)
                memcpy(s->scratch.items + COUNT(head), locations, n * sizeof(*locations));
        return (Span){ (const char *)s->scratch.items, need * sizeof(uint32_t) };
}

static Chain *chain_new(ChainStore *s, const ChainKey *key, Span id, size_t n)
{
        size_t head = id.len - n * sizeof(uint32_t);
        char *copy = profile_has_room(s->arena)
                             ? (char *)new_try(s->arena, uint32_t, id.len / sizeof(uint32_t))
                             : NULL;
        Chain *chain;
        MapSlot *slot;

        if (!copy || s->chains.len == s->chains.ceiling)
                return NULL;
        memcpy(copy, id.ptr, id.len);
        slot = map_add(&s->chain_ids, (Span){ copy, id.len });
        if (!slot)
                return NULL;
        chain = vec_add(s->arena, &s->chains);
        if (!chain)
                return NULL;
        *chain = (Chain){ .key = *key,
                          .locations = (const uint32_t *)(const void *)(copy + head),
                          .n = (uint32_t)n };
        slot->number = s->chains.len - 1;
        s->kept_bytes += id.len + sizeof(*chain) + sizeof(*slot);
        return chain;
}

void chain_add(ChainStore *s, const ChainKey *key, const uint32_t *locations, size_t n,
               uint64_t weight)
{
        Span id = chain_key(s, key, locations, n);
        MapSlot *slot = map_find(&s->chain_ids, id);
        Chain *chain = slot ? &s->chains.items[slot->number] : chain_new(s, key, id, n);

        if (!chain) {
                s->dropped++;
                return;
        }
        chain->samples++;
        chain->weight += weight;
}
