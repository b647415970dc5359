#pragma once
/* From the rings to chains: records in the order of their time, each sample unwound at once.
 *
 *         StackSampler *s = stack_sampler_new(arena, events, max_chains);
 *         stack_sampler_drain(s, now_ns);                 // again and again, while events are
 * enabled stack_sampler_drain(s, UINT64_MAX);             // the last time
 *
 * The rings of all CPUs are merged by time, so that a mapping is known before the samples that
 * use it; records younger than the drain's start wait for the next one.
 */

#include "instrument/profile/chain.h"
#include "instrument/profile/perf_events.h"
#include "instrument/profile/unwind.h"

typedef struct SampleCounts {
        uint64_t samples, lost, throttled, broken; /* broken: records that could not be read */
        uint64_t ends[UNWIND_END_COUNT_];          /* of samples */
        uint64_t read_bytes;                       /* that went through the rings */
} SampleCounts;

typedef struct StackSampler {
        PerfEvents *events;
        ModuleTable *modules;
        ProcessTable *processes;
        Unwinder *unwinder;
        ChainStore *chains;
        SampleCounts counts;
        uint32_t own_pid; /* left out when the whole machine is sampled */
        Place *frames;    /* room for one stack */
        uint32_t *locations;
} StackSampler;

StackSampler *stack_sampler_new(Arena *arena, PerfEvents *events, size_t max_chains);
void stack_sampler_drain(StackSampler *s, uint64_t until_ns);
/* One record, as the drain does it: also the seam for tests. */
void stack_sampler_take(StackSampler *s, Span record);
