/* Everything that hone_bench.h offers, in what C99 and C++11 have in common. */
#define HONE_BENCH_MAIN
#include <hone_bench.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
        long parts[8];
} Large;
typedef struct {
        unsigned a : 3;
} Bits;
enum Colour { RED, GREEN };

static int add(int a, int b)
{
        return a + b;
}

HONE_BENCH(keeps_and_hides)
{
        Large large;
        Bits bits = { 3 };
        char text[] = "text";
        float real = 1.5F;
        const volatile int hidden = 3;
        const double fixed = 2;
        enum Colour colour = GREEN;
        memset(&large, 1, sizeof large);
        HONE_BENCH_LOOP (b) {
                hone_keep(large);
                hone_keep(bits.a);
                hone_keep(text);
                hone_keep("literal");
                hone_keep(real * 2);
                hone_keep(1.0L);
                hone_keep(hidden);
                hone_keep(colour);
                hone_keep(add(hone_hide(1), 2));
                hone_keep(&add);
                hone_keep(hone_hide(fixed));
                hone_keep(hone_hide(1.0L));
                hone_keep(hone_hide((short)3));
                hone_keep(hone_hide(colour));
                hone_keep(*hone_hide(text));
                hone_keep(hone_hide(large).parts[1]);
                hone_keep_pointer(&large);
                hone_keep_pointer(&hidden);
                hone_clobber();
        }
        hone_bench_counter(b, "iterations", (double)hone_bench_iterations(b), HONE_BENCH_HIGHER);
}

static void spin(int64_t times)
{
        for (int64_t i = 0; i < times; i++)
                hone_clobber();
}

HONE_BENCH(cheap)
{
        HONE_BENCH_LOOP (b) {
                spin(hone_hide(10));
        }
}

/* A name that is a macro stays what is written, as `linux` does. */
#define a_macro 7
HONE_BENCH(a_macro)
{
        HONE_BENCH_LOOP (b) {
                spin(hone_hide(10));
        }
}

HONE_BENCH(dear)
{
        HONE_BENCH_LOOP (b) {
                spin(hone_hide(1000));
        }
}

HONE_BENCH_RANGE(range, 1, 100, 8)
{
        hone_bench_items(b, (double)hone_bench_n(b));
        HONE_BENCH_LOOP (b) {
                spin(hone_bench_n(b));
        }
}

HONE_BENCH_LIST(list, 3, 1 << 3, -1)
{
        hone_bench_bytes(b, 4);
        hone_bench_complexity(b, 7);
        HONE_BENCH_LOOP (b) {
                hone_keep(hone_bench_n(b));
                continue;
        }
}

HONE_BENCH_TEXTS(texts, "plain", "\"quoted\\\n\x01", "\xc3\xa9", "torn \xc3")
{
        HONE_BENCH_LOOP (b) {
                hone_keep(hone_bench_text(b));
        }
}

static long shared;

HONE_BENCH_THREADS(threads, 1, 3)
{
        if (hone_bench_thread(b) == 0)
                shared = 0;
        hone_bench_sync(b);
        hone_bench_items(b, 1);
        HONE_BENCH_LOOP (b) {
                __atomic_add_fetch(&shared, 1, __ATOMIC_RELAXED);
        }
        hone_bench_counter(b, "took part", 1, HONE_BENCH_NEITHER);
        hone_bench_counter(b, "done", (double)hone_bench_iterations(b), HONE_BENCH_NEITHER);
        hone_bench_sync(b);
        if (hone_bench_thread(b) == 0)
                hone_bench_counter(b, "added", (double)shared, HONE_BENCH_NEITHER);
}

HONE_BENCH_MATRIX(matrix, (1, 2), ("a", ""), (0, 2))
{
        HONE_BENCH_LOOP (b) {
                hone_keep(hone_bench_threads(b) + (int)strlen(hone_bench_text(b)));
        }
}

HONE_BENCH(sleeps_paused)
{
        struct timespec nap = { 0, 2000000 };
        HONE_BENCH_LOOP (b) {
                hone_bench_pause(b);
                nanosleep(&nap, NULL);
                hone_bench_resume(b);
                spin(hone_hide(10));
        }
}

HONE_BENCH(sleeps)
{
        struct timespec nap = { 0, 2000000 };
        HONE_BENCH_LOOP (b) {
                nanosleep(&nap, NULL);
        }
}

HONE_BENCH(optimised_away)
{
        int x = 0;
        HONE_BENCH_LOOP (b) {
                x = add(x, 1);
        }
}

HONE_BENCH(skipped)
{
        hone_bench_skip(b, "lacks \"%s\"", "it");
        HONE_BENCH_LOOP (b) {
                abort();
        }
}
