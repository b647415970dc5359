/* A second file of benchmarks, without the main program. */
#include <hone_bench.h>

HONE_BENCH(other_first)
{
        HONE_BENCH_LOOP (b) {
                hone_keep(hone_hide(1));
        }
}

HONE_BENCH(other_second)
{
        HONE_BENCH_LOOP (b) {
                hone_keep(hone_hide(2.0));
        }
}
