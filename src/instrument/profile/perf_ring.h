#pragma once
/* One CPU's ring buffer: the kernel writes, we read; records may wrap at its end.
 *
 *         PerfRing ring;
 *         r = perf_ring_map(fd, size_bytes, arena, &ring, err);
 *         perf_ring_refresh(&ring);                 // take over what the kernel has written
 *         while (perf_ring_peek(&ring, &bytes))
 *                 ... perf_ring_pop(&ring);
 *         perf_ring_release(&ring);                 // give the room back
 *
 * A record whose length cannot be true makes everything up to the head unreadable: it is skipped
 * and counted, so that reading goes on.
 */

#include "instrument/profile/perf_record.h"

typedef struct PerfRing {
        struct perf_event_mmap_page *control; /* NULL: not mapped */
        size_t map_size;
        const uint8_t *data;
        size_t size; /* of the data, a power of two */
        uint64_t head, tail;
        uint8_t *linear; /* PERF_RECORD_MAX bytes, for records that wrap */
        uint64_t broken; /* times the ring was skipped to its head */
} PerfRing;

int perf_ring_map(int fd, size_t size_bytes, Arena *arena, PerfRing *ret, Error *err);
void perf_ring_unmap(PerfRing *ring); /* accepts an unmapped one */
void perf_ring_refresh(PerfRing *ring);
/* The next record, in place or in `linear`; false when all has been read. */
bool perf_ring_peek(PerfRing *ring, Span *ret);
void perf_ring_pop(PerfRing *ring);
void perf_ring_release(PerfRing *ring);
