/* A main program of one's own, in a locale whose numbers have a comma. */
#define HONE_BENCH_IMPLEMENTATION
#include <hone_bench.h>

#include <locale.h>

HONE_BENCH(mine)
{
        HONE_BENCH_LOOP (b) {
                hone_keep(hone_hide(1));
        }
        hone_bench_counter(b, "half", 0.5, HONE_BENCH_NEITHER);
}

int main(int argc, char **argv)
{
        setlocale(LC_ALL, "");
        return hone_bench_run(argc, argv);
}
