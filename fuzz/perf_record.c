/* Bytes as a perf ring's data, of 4 KiB: the first two bytes say where the tail is, so records
 * wrap; each record that can be told apart is parsed and read through. */

#include "instrument/profile/perf_ring.h"

#include <string.h>

#define RING_SIZE 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum_of(Span bytes)
{
        unsigned sum = 0;

        for (size_t i = 0; i < bytes.len; i++)
                sum += (unsigned char)bytes.ptr[i];
        return sum;
}

static unsigned read_through(const PerfRecord *r)
{
        switch (r->type) {
        case PERF_RECORD_SAMPLE:
                return sum_of(r->sample.callchain) + sum_of(r->sample.stack.bytes);
        case PERF_RECORD_MMAP2:
                return sum_of(r->mmap.path);
        case PERF_RECORD_COMM:
                return sum_of(r->comm.name);
        default:
                return 0;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t memory[RING_SIZE], linear[PERF_RECORD_MAX];
        PerfRing ring = { .data = memory, .size = RING_SIZE, .linear = linear };
        volatile unsigned sum = 0;
        PerfRecord record;
        Span bytes;

        if (size < 2)
                return 0;
        size = MIN(size, (size_t)RING_SIZE);
        memcpy(&ring.tail, data, 2);
        ring.head = ring.tail + size - 2;
        for (size_t i = 2; i < size; i++)
                memory[(ring.tail + i - 2) % RING_SIZE] = data[i];
        while (perf_ring_peek(&ring, &bytes)) {
                sum += (unsigned)perf_record_time(bytes);
                if (perf_record_parse(bytes, &record, NULL) == 0)
                        sum += read_through(&record);
                perf_ring_pop(&ring);
        }
        (void)sum;
        return 0;
}
