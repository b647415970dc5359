#include "stats/rng.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *state)
{
        uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
}

Rng rng_from_seed(uint64_t seed)
{
        Rng rng;

        for (size_t i = 0; i < COUNT(rng.s); i++)
                rng.s[i] = splitmix64(&seed);
        return rng;
}

static uint64_t rotate_left(uint64_t x, unsigned by)
{
        return x << by | x >> (64 - by);
}

uint64_t rng_next(Rng *rng)
{
        uint64_t *s = rng->s;
        uint64_t result = rotate_left(s[1] * 5, 7) * 9;
        uint64_t t = s[1] << 17;

        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = rotate_left(s[3], 45);
        return result;
}

/* Lemire 2019: the high word of a product is uniform once the few short low words are redrawn. */
uint64_t rng_below(Rng *rng, uint64_t n)
{
        uint64_t redraw_below;
        unsigned __int128 product;

        BUG_IF(n == 0);
        redraw_below = (0 - n) % n;
        do
                product = (unsigned __int128)rng_next(rng) * n;
        while ((uint64_t)product < redraw_below);
        return (uint64_t)(product >> 64);
}

double rng_unit(Rng *rng)
{
        return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

/* Marsaglia's polar method; its second value is dropped so that an Rng stays plain state. */
double rng_normal(Rng *rng)
{
        double u, v, s;

        do {
                u = 2 * rng_unit(rng) - 1;
                v = 2 * rng_unit(rng) - 1;
                s = u * u + v * v;
        } while (s >= 1 || s == 0);
        return u * sqrt(-2 * log(s) / s);
}

static void swap_bytes(char *a, char *b, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                char kept = a[i];

                a[i] = b[i];
                b[i] = kept;
        }
}

void rng_shuffle(Rng *rng, void *items, size_t n, size_t item_size)
{
        char *bytes = items;

        for (size_t i = n; i > 1; i--) {
                size_t other = (size_t)rng_below(rng, i);

                if (other != i - 1)
                        swap_bytes(bytes + other * item_size, bytes + (i - 1) * item_size,
                                   item_size);
        }
}
