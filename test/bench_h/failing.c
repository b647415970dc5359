/* Benchmarks that must not look as if they had been measured. */
#define HONE_BENCH_MAIN
#include <hone_bench.h>

#include <stdio.h>
#include <stdlib.h>

HONE_BENCH(never_enters)
{
}

HONE_BENCH(breaks)
{
        HONE_BENCH_LOOP (b) {
                break;
        }
}

HONE_BENCH(returns)
{
        HONE_BENCH_LOOP (b) {
                return;
        }
}

HONE_BENCH(loops_twice)
{
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
}

HONE_BENCH(says_so)
{
        HONE_BENCH_LOOP (b) {
                hone_bench_fail(b, "wrong result %d", 7);
        }
}

HONE_BENCH(says_so_after)
{
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
        hone_bench_fail(b, "sum is off");
        hone_bench_fail(b, "a second reason");
}

HONE_BENCH(pauses_on)
{
        HONE_BENCH_LOOP (b) {
                hone_bench_pause(b);
        }
}

HONE_BENCH(resumes_only)
{
        HONE_BENCH_LOOP (b) {
                hone_bench_resume(b);
        }
}

HONE_BENCH(bad_counter)
{
        volatile double zero = 0;
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
        hone_bench_counter(b, "share", zero / zero, HONE_BENCH_LOWER);
}

HONE_BENCH(taken_counter)
{
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
        hone_bench_counter(b, "time", 1, HONE_BENCH_LOWER);
}

HONE_BENCH(many_counters)
{
        char name[16];
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
        for (int i = 0; i < 100; i++) {
                snprintf(name, sizeof name, "c%d", i);
                hone_bench_counter(b, name, i, HONE_BENCH_LOWER);
        }
}

HONE_BENCH_THREADS(one_of_many_stays_away, 3)
{
        if (hone_bench_thread(b) == 1)
                return;
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
}

HONE_BENCH_THREADS(one_of_many_fails, 3)
{
        if (hone_bench_thread(b) == 2)
                hone_bench_fail(b, "thread 2");
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
}

HONE_BENCH(prints)
{
        puts("a line of its own");
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
}

#ifdef ENDS
HONE_BENCH(ends_the_program)
{
        HONE_BENCH_LOOP (b) {
                exit(0);
        }
}
#endif

#ifdef BAD_RANGE
HONE_BENCH_RANGE(bad_range, 8, 4, 2)
{
        HONE_BENCH_LOOP (b) {
                hone_clobber();
        }
}
#endif
