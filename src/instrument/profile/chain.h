#pragma once
/* What is kept of the samples: each distinct chain of addresses once, with its count.
 *
 *         ChainStore *store = chain_store_new(arena, 1 << 20);
 *         uint32_t at = chain_location(store, &place);         // a number per module and address
 *         chain_add(store, &key, locations, n, period_ns);     // innermost first
 *
 * No stack bytes and no names: 4 bytes a frame for a chain that was not seen before, none for one
 * that was. Samples past the ceilings are counted in `dropped`.
 */

#include "instrument/profile/process.h"

#include "base/vec.h"

typedef struct Location {
        Module *module;
        uint64_t vaddr; /* inside the call for callers, see unwind.h */
} Location;

/* What tells chains apart besides their addresses. */
typedef struct ChainKey {
        Span thread; /* its name; lives as long as the store */
        bool truncated;
} ChainKey;

typedef struct Chain {
        ChainKey key;
        const uint32_t *locations; /* innermost first */
        uint32_t n;
        uint64_t samples, weight;
} Chain;

typedef struct ChainStore {
        Arena *arena;
        VEC(Location) locations;
        VEC(Chain) chains;
        Map location_ids, chain_ids;
        VEC(uint32_t) scratch; /* the key of the chain that is added */
        uint64_t dropped;
        uint64_t kept_bytes; /* of chains: what a sample costs in memory */
} ChainStore;

ChainStore *chain_store_new(Arena *arena, size_t max_chains);
/* UINT32_MAX past the ceiling. */
uint32_t chain_location(ChainStore *store, const Place *place);
void chain_add(ChainStore *store, const ChainKey *key, const uint32_t *locations, size_t n,
               uint64_t weight);
