#pragma once
/* From a finished sampling to a Recording: the folded stacks, their quality, what it cost. */

#include "instrument/profile/profiler.h"
#include "instrument/profile/stack_sampler.h"

typedef struct ProfileWindow {
        const ProfilePlan *plan;
        const StackSampler *sampler;
        uint64_t wall_ns, duration_ns, reader_cpu_ns;
        bool partial;
        bool target_ended; /* before the plan's end */
        int exit_status;   /* of the command; -1: there was none, or it was stopped */
} ProfileWindow;

#define PROFILE_TIER "perf_event + .eh_frame"

Recording *profile_record(const ProfileWindow *window, Arena *arena);
