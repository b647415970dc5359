/* How fast memory is read, written and copied, from the first cache to the memory itself. */
#define HONE_BENCH_MAIN
#include <hone_bench.h>

#include <stdlib.h>
#include <string.h>

static uint64_t sum(const uint64_t *words, size_t n)
{
        uint64_t a = 0, b = 0, c = 0, d = 0;

        for (size_t i = 0; i + 4 <= n; i += 4) {
                a += words[i];
                b += words[i + 1];
                c += words[i + 2];
                d += words[i + 3];
        }
        return a + b + c + d;
}

enum { READ, WRITE, COPY };

static void bench_memory(hone_bench *b, int what)
{
        size_t size = (size_t)hone_bench_n(b) * 1024;
        uint64_t *from = malloc(size), *to = malloc(size);

        if (!from || !to) {
                hone_bench_skip(b, "no %zu bytes", 2 * size);
                free(from);
                free(to);
                return;
        }
        memset(from, 1, size);
        memset(to, 2, size);
        hone_bench_bytes(b, (double)size);
        HONE_BENCH_LOOP (b) {
                if (what == READ)
                        hone_keep(sum(from, size / sizeof *from));
                else if (what == WRITE)
                        memset(to, 3, size);
                else
                        memcpy(to, from, size);
                hone_keep_pointer(to);
        }
        free(from);
        free(to);
}

/* n is KiB */
HONE_BENCH_LIST(read_memory, 16, 256, 4096, 65536)
{
        bench_memory(b, READ);
}

HONE_BENCH_LIST(write_memory, 16, 256, 4096, 65536)
{
        bench_memory(b, WRITE);
}

HONE_BENCH_LIST(copy_memory, 16, 256, 4096, 65536)
{
        bench_memory(b, COPY);
}
