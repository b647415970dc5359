#pragma once
/* The main job: a running service -> what is slow and why.
 *
 * Find the process behind the URL, measure it alone for a moment (one connection), then under
 * load while it is profiled and the system sampled over the same window, judge the evidence.
 */

#include "analysis/diagnose.h"
#include "instrument/load/load.h"
#include "process/measure.h"

typedef struct ExaminePlan {
        const char *const *urls; /* at least one */
        size_t n_urls;
        const LoadRequest *requests; /* instead of urls */
        size_t n_requests;
        int pid; /* 0: found by the port */
        uint64_t duration_ns, alone_ns, warmup_ns;
        unsigned connections;
        double rate_per_s;
        bool no_profile;
        const char *advice_dir;
        Span label;
        const Os *os;
        Progress *progress;
} ExaminePlan;

#define EXAMINE_MAX_RUNS 4

typedef struct Examination {
        Target target;
        Run *runs[EXAMINE_MAX_RUNS]; /* alone, load, profile, system; NULL: not measured */
        size_t n_runs;
        Run *alone, *load, *profile, *system;
        const char *executable; /* of the target; NULL: unknown */
        Diagnosis diagnosis;
        VEC(Span) not_examined;
} Examination;

int examine(const ExaminePlan *plan, Arena *arena, Examination *ret, Error *err);
