/* What bench/profile.sh profiles: a fixed amount of CPU work under 20 callers, some of them
 * inlined. Prints its CPU seconds. Usage: profile_target ROUNDS */

#include "base/span.h"

#include <sys/resource.h>

#define LINK(name, next)                                                     \
        __attribute__((noinline)) static unsigned name(volatile unsigned *x) \
        {                                                                    \
                unsigned r = next(x);                                        \
                                                                             \
                (*x)++;                                                      \
                return r + *x;                                               \
        }

static inline __attribute__((always_inline)) unsigned mixed(unsigned x)
{
        x ^= x >> 16;
        return x * 0x7feb352du;
}

static inline __attribute__((always_inline)) unsigned spun(volatile unsigned *x)
{
        for (unsigned i = 0; i < 10000; i++)
                *x += mixed(i);
        return *x;
}

LINK(work_0, spun)
LINK(work_1, work_0)
LINK(work_2, work_1)
LINK(work_3, work_2)
LINK(work_4, work_3)
LINK(work_5, work_4)
LINK(work_6, work_5)
LINK(work_7, work_6)
LINK(work_8, work_7)
LINK(work_9, work_8)
LINK(work_10, work_9)
LINK(work_11, work_10)
LINK(work_12, work_11)
LINK(work_13, work_12)
LINK(work_14, work_13)
LINK(work_15, work_14)
LINK(work_16, work_15)

int main(int argc, char **argv)
{
        struct rusage used;
        volatile unsigned x = 0;
        uint64_t rounds;

        if (argc != 2 || span_to_u64(span_of(argv[1]), &rounds, NULL) < 0)
                return 2;
        for (uint64_t i = 0; i < rounds; i++)
                (void)work_16(&x);
        getrusage(RUSAGE_SELF, &used);
        printf("%.6f\n", (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
                                 1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec));
        return 0;
}
