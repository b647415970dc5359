#pragma once
/* The operating system behind a seam: clocks, sleep and random bytes.
 *
 * Code that waits or reads a clock takes `const Os *` so that a test can run an hour in a
 * millisecond. os_real() is the machine; os_fake() in tests advances only when told or slept.
 */

#include "base/macros.h"

typedef struct Os Os;
struct Os {
        uint64_t (*now_ns)(const Os *);         /* monotonic */
        uint64_t (*wall_ns)(const Os *);        /* since 1970, UTC */
        void (*sleep_ns)(const Os *, uint64_t); /* the real one ends early once interrupted() */
        void (*entropy)(const Os *, void *bytes, size_t n);
        void *state;
};

const Os *os_real(void);

typedef struct FakeClock {
        uint64_t now_ns, wall_ns, entropy; /* entropy: the next byte sequence's seed */
} FakeClock;
/* `clock` outlives the Os. Sleeping advances both clocks. */
Os os_fake(FakeClock *clock);

static inline uint64_t os_now(const Os *os)
{
        return os->now_ns(os);
}

/* "2026-11-21T06:30:12Z" in UTC; `text` has room for at least 21 bytes. */
#define WALL_TEXT_SIZE 32
void os_wall_text(uint64_t wall_ns, char text[static WALL_TEXT_SIZE]);
