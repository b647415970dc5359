#pragma once
/* What the calling thread has cost: CPU it used, and time it was ready but had to wait for one.
 *
 * CPU from getrusage(RUSAGE_THREAD)'s clock (CLOCK_THREAD_CPUTIME_ID, the same sum in nanoseconds);
 * waiting from the second field of /proc/thread-self/schedstat, 0 where the kernel has none.
 */

#include "base/macros.h"

typedef struct ThreadCost {
        uint64_t cpu_ns, runqueue_ns;
} ThreadCost;

ThreadCost thread_cost(void);
