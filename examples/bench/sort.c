/* Two ways of sorting over growing sizes: which one is faster depends on the size, and the fitted
 * growth says why. Sorting needs unsorted input each time; copying it is outside the clock. */
#define HONE_BENCH_MAIN
#include <hone_bench.h>

#include <stdlib.h>
#include <string.h>

static int by_value(const void *left, const void *right)
{
        int a = *(const int *)left, b = *(const int *)right;

        return (a > b) - (a < b);
}

static void library_sort(int *values, size_t n)
{
        qsort(values, n, sizeof *values, by_value);
}

static void insertion_sort(int *values, size_t n)
{
        for (size_t i = 1; i < n; i++) {
                int value = values[i];
                size_t at = i;

                for (; at > 0 && values[at - 1] > value; at--)
                        values[at] = values[at - 1];
                values[at] = value;
        }
}

static int *random_numbers(size_t n)
{
        int *numbers = malloc(n * sizeof *numbers);
        uint32_t state = 1;

        for (size_t i = 0; numbers && i < n; i++) {
                state = state * 1664525 + 1013904223;
                numbers[i] = (int)(state >> 1);
        }
        return numbers;
}

static void bench_sort(hone_bench *b, void (*sort)(int *values, size_t n))
{
        size_t n = (size_t)hone_bench_n(b);
        int *input = random_numbers(n), *values = random_numbers(n);

        if (!input || !values)
                hone_bench_fail(b, "not enough memory");
        hone_bench_items(b, (double)n);
        HONE_BENCH_LOOP (b) {
                hone_bench_pause(b);
                memcpy(values, input, n * sizeof *values);
                hone_bench_resume(b);
                sort(values, n);
                hone_keep_pointer(values);
        }
        for (size_t i = 1; values && i < n; i++)
                if (values[i - 1] > values[i])
                        hone_bench_fail(b, "not sorted at %zu", i);
        free(input);
        free(values);
}

HONE_BENCH_RANGE(qsort, 16, 1 << 14, 4)
{
        bench_sort(b, library_sort);
}

HONE_BENCH_RANGE(insertion_sort, 16, 1 << 12, 4)
{
        bench_sort(b, insertion_sort);
}
