#include "instrument/profile/perf_ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int perf_ring_map(int fd, size_t size_bytes, Arena *arena, PerfRing *ret, Error *err)
{
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        size_t map_size = page + size_bytes;
        uint8_t *map = mmap(NULL, map_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        if (map == MAP_FAILED)
                return fail(err, errno, "cannot map a perf ring buffer of %zu KiB",
                            size_bytes >> 10);
        *ret = (PerfRing){ .control = (struct perf_event_mmap_page *)(void *)map,
                           .map_size = map_size,
                           .data = map + page,
                           .size = size_bytes,
                           .linear = new (arena, uint8_t, PERF_RECORD_MAX) };
        return 0;
}

void perf_ring_unmap(PerfRing *ring)
{
        if (ring->control)
                munmap(ring->control, ring->map_size);
        ring->control = NULL;
}

void perf_ring_refresh(PerfRing *ring)
{
        ring->head = __atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);
}

static void copy_out(const PerfRing *ring, uint64_t from, void *to, size_t n)
{
        size_t at = (size_t)(from & (ring->size - 1));
        size_t first = MIN(n, ring->size - at);

        memcpy(to, ring->data + at, first);
        memcpy((uint8_t *)to + first, ring->data, n - first);
}

/* Length of the record at the tail; 0 when it cannot be true. */
static size_t next_size(const PerfRing *ring)
{
        uint64_t waiting = ring->head - ring->tail;
        struct perf_event_header header;

        if (waiting < sizeof(header) || waiting > ring->size)
                return 0;
        copy_out(ring, ring->tail, &header, sizeof(header));
        return header.size >= sizeof(header) && header.size <= waiting ? header.size : 0;
}

bool perf_ring_peek(PerfRing *ring, Span *ret)
{
        size_t at = (size_t)(ring->tail & (ring->size - 1)), n;

        if (ring->tail == ring->head)
                return false;
        n = next_size(ring);
        if (n == 0) {
                ring->broken++;
                ring->tail = ring->head;
                return false;
        }
        if (n <= ring->size - at) {
                *ret = (Span){ (const char *)ring->data + at, n };
                return true;
        }
        copy_out(ring, ring->tail, ring->linear, n);
        *ret = (Span){ (const char *)ring->linear, n };
        return true;
}

void perf_ring_pop(PerfRing *ring)
{
        size_t n = next_size(ring);

        ring->tail = n ? ring->tail + n : ring->head;
}

void perf_ring_release(PerfRing *ring)
{
        __atomic_store_n(&ring->control->data_tail, ring->tail, __ATOMIC_RELEASE);
}
