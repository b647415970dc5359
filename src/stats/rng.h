#pragma once
/* xoshiro256** with splitmix64 seeding (Blackman & Vigna): results that a stored seed repeats. */

#include "base/macros.h"

typedef struct Rng {
        uint64_t s[4];
} Rng;

Rng rng_from_seed(uint64_t seed);
uint64_t rng_next(Rng *rng);
uint64_t rng_below(Rng *rng, uint64_t n); /* 0..n-1 without bias; n > 0 */
double rng_unit(Rng *rng);                /* [0, 1) */
double rng_normal(Rng *rng);
void rng_shuffle(Rng *rng, void *items, size_t n, size_t item_size);
