/* barriers WHAT WORK: a million rounds of the barrier WHAT around 0, 1 or 2 times the work. How
 * many instructions each executes, callgrind tells: that is proof where time is not. */
#include <hone_bench.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200000 };

static inline uint64_t mix(uint64_t x)
{
        x ^= x >> 33;
        x *= 0xff51afd7ed558ccdU;
        x ^= x >> 29;
        x *= 0xc4ceb9fe1a85ec53U;
        return x ^ x >> 32;
}

static inline uint64_t work(uint64_t x, int times)
{
        return times == 0 ? x : times == 1 ? mix(x) : mix(mix(x));
}

#define ROUNDS_OF(times, statement)        \
        for (int i = 0; i < ROUNDS; i++) { \
                enum { TIMES = times };    \
                statement;                 \
        }
#define VARIANT(name, declarations, statement) \
        static void name##_0(void)             \
        {                                      \
                declarations;                  \
                ROUNDS_OF(0, statement)        \
        }                                      \
        static void name##_1(void)             \
        {                                      \
                declarations;                  \
                ROUNDS_OF(1, statement)        \
        }                                      \
        static void name##_2(void)             \
        {                                      \
                declarations;                  \
                ROUNDS_OF(2, statement)        \
        }

static uint64_t global;

VARIANT(keep, uint64_t x = 3, hone_keep(work(hone_hide(x), TIMES)))
VARIANT(keep_real, double x = 3, hone_keep((double)work((uint64_t)(int64_t)hone_hide(x), TIMES)))
VARIANT(keep_pointer, uint64_t x = 3; uint64_t y, y = work(hone_hide(x), TIMES);
        hone_keep_pointer(&y))
VARIANT(clobber, , global = work(global, TIMES); hone_clobber())
/* What the barriers are against: nothing of these is left in the loop. */
VARIANT(nothing, uint64_t x = 3; uint64_t y = 0, y += work(x, TIMES))
VARIANT(folded, , hone_keep(work(3, TIMES)))

static const struct {
        const char *name;
        void (*run[3])(void);
} variants[] = {
        { "keep", { keep_0, keep_1, keep_2 } },
        { "keep_real", { keep_real_0, keep_real_1, keep_real_2 } },
        { "keep_pointer", { keep_pointer_0, keep_pointer_1, keep_pointer_2 } },
        { "clobber", { clobber_0, clobber_1, clobber_2 } },
        { "nothing", { nothing_0, nothing_1, nothing_2 } },
        { "folded", { folded_0, folded_1, folded_2 } },
};

int main(int argc, char **argv)
{
        for (size_t i = 0; argc == 3 && i < sizeof variants / sizeof variants[0]; i++)
                if (!strcmp(variants[i].name, argv[1])) {
                        variants[i].run[argv[2][0] - '0']();
                        return 0;
                }
        return 2;
}
