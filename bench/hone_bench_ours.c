/* The bodies measured by hone_bench.h. */
#define HONE_BENCH_MAIN
#include "hone_bench.h"

#include "hone_bench_bodies.h"

HONE_BENCH(mix)
{
        uint64_t x = 1;

        HONE_BENCH_LOOP (b) {
                x = body_mix(x);
                hone_keep(x);
        }
}

HONE_BENCH(hash)
{
        HONE_BENCH_LOOP (b) {
                hone_keep(body_hash());
        }
}

HONE_BENCH(copy)
{
        HONE_BENCH_LOOP (b) {
                body_copy();
                hone_clobber();
        }
}
