/* What it costs threads to count: in one variable, behind a lock, or each in its own cache line. */
#define HONE_BENCH_MAIN
#include <hone_bench.h>

#include <pthread.h>

enum { MOST_THREADS = 4 };

static struct {
        uint64_t count;
        char rest[120]; /* so that no two share a cache line */
} counters[MOST_THREADS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

HONE_BENCH_THREADS(atomic, 1, 2, MOST_THREADS)
{
        hone_bench_items(b, 1);
        HONE_BENCH_LOOP (b) {
                __atomic_add_fetch(&counters[0].count, 1, __ATOMIC_RELAXED);
        }
}

HONE_BENCH_THREADS(locked, 1, 2, MOST_THREADS)
{
        hone_bench_items(b, 1);
        HONE_BENCH_LOOP (b) {
                pthread_mutex_lock(&lock);
                counters[0].count++;
                pthread_mutex_unlock(&lock);
        }
}

HONE_BENCH_THREADS(own, 1, 2, MOST_THREADS)
{
        uint64_t *count = &counters[hone_bench_thread(b)].count;

        hone_bench_items(b, 1);
        HONE_BENCH_LOOP (b) {
                ++*count;
                hone_keep_pointer(count);
        }
}
