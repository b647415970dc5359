/* Is comparing two hashes cheaper than comparing two texts? Only if the hash is there already. */
#define HONE_BENCH_MAIN
#include <hone_bench.h>

#include <stdlib.h>
#include <string.h>

static uint64_t fnv1a(const unsigned char *text, size_t n)
{
        uint64_t hash = 14695981039346656037U;

        for (size_t i = 0; i < n; i++)
                hash = (hash ^ text[i]) * 1099511628211U;
        return hash;
}

HONE_BENCH_LIST(hash, 64, 1024, 16384, 262144)
{
        size_t n = (size_t)hone_bench_n(b);
        unsigned char *text = calloc(n, 1);

        if (!text)
                hone_bench_fail(b, "not enough memory");
        hone_bench_bytes(b, (double)n);
        HONE_BENCH_LOOP (b) {
                hone_keep(fnv1a(text, n));
        }
        free(text);
}

HONE_BENCH_LIST(compare, 64, 1024, 16384, 262144)
{
        size_t n = (size_t)hone_bench_n(b);
        unsigned char *left = calloc(n, 1), *right = calloc(n, 1);

        if (!left || !right)
                hone_bench_fail(b, "not enough memory");
        hone_bench_bytes(b, (double)n);
        HONE_BENCH_LOOP (b) {
                hone_keep(memcmp(left, right, n));
        }
        free(left);
        free(right);
}
