#pragma once
/* One measurement at a time on a machine: two would measure each other.
 *
 * The lock is a listening socket in the abstract namespace, so the kernel releases it with the
 * process that holds it, however that ends, and whoever waits can be told who holds it.
 */

#include "base/error.h"
#include "base/os.h"

#define MEASURE_LOCK_WAIT_NS (60 * NS_PER_S) /* what commands wait for one that measures */

typedef struct MeasureLock {
        int fd;
} MeasureLock;

/* ERR_BUSY naming the holder's pid when it is not free within wait_ns. */
int measure_lock(const Os *os, uint64_t wait_ns, MeasureLock *ret, Error *err);
void measure_unlock(MeasureLock *lock); /* harmless twice */
