#pragma once
/* The kernel side: one cpu-clock event per thread and CPU, one ring buffer per CPU.
 *
 *         PerfEvents *events;
 *         r = perf_events_open(&(PerfEventsPlan){ .targets = threads, ... }, arena, &events, err);
 *         r = perf_events_enable(events, err);
 *         ... read events->rings ...
 *         perf_events_disable(events);
 *         perf_events_close(events);
 *
 * A per-thread event with inherit=1 needs a CPU to have a ring buffer, so each thread gets one
 * event per CPU; the events of one CPU write into one ring. The kernel's part of the stack is
 * left out, and said so, where it is not permitted. Sources: perf_event_open(2),
 * Documentation/admin-guide/perf-security.rst.
 */

#include "instrument/profile/perf_ring.h"
#include "instrument/profile/task_list.h"

typedef struct PerfEventsPlan {
        const TaskList *targets; /* threads; NULL: the whole machine */
        double rate_hz;
        uint32_t stack_bytes;
        bool no_kernel; /* no kernel frames; time in the kernel counts for its caller */
        bool enable_on_exec;
} PerfEventsPlan;

typedef struct PerfEvents {
        VEC(int) fds;
        PerfRing *rings; /* one per CPU */
        int *ring_fds;
        size_t n_rings;
        size_t ring_bytes;
        bool with_kernel; /* samples are also taken while a thread is in the kernel */
        bool some_gone;   /* threads that ended before they could be attached to */
} PerfEvents;

/* Cleans up after itself on failure. */
int perf_events_open(const PerfEventsPlan *plan, Arena *arena, PerfEvents **ret, Error *err);
int perf_events_enable(PerfEvents *events, Error *err);
void perf_events_disable(PerfEvents *events);
PerfEvents *perf_events_close(PerfEvents *events); /* accepts NULL, returns NULL */
