/* The bodies, in a file of their own so that no benchmark inlines them. */
#include "hone_bench_bodies.h"

#include <string.h>

unsigned char body_data[BODY_BYTES], body_target[BODY_BYTES];

uint64_t body_mix(uint64_t x)
{
        x ^= x >> 33;
        x *= 0xff51afd7ed558ccdU;
        return x ^ x >> 29;
}

uint64_t body_hash(void)
{
        uint64_t hash = 14695981039346656037U;

        for (size_t i = 0; i < BODY_BYTES; i++)
                hash = (hash ^ body_data[i]) * 1099511628211U;
        return hash;
}

void body_copy(void)
{
        memcpy(body_target, body_data, BODY_BYTES);
}
