#pragma once
/* Several instruments over one window of one target: each gives a Run of the same group.
 *
 * Parts that run until stopped (system, profile) start first; those with an end of their own
 * (load, a command) decide how long the window is. Without such a one, `duration_ns` does. All are
 * stopped even when one fails; the first error is reported. The caller holds the measuring lock.
 */

#include "base/progress.h"
#include "instrument/instrument.h"
#include "model/run.h"

typedef struct MeasurePart {
        const Instrument *instrument;
        const void *plan;
        bool ends; /* by itself, and with it the window; others run until they are stopped */
} MeasurePart;

typedef struct MeasurePlan {
        const Target *target;
        const MeasurePart *parts;
        size_t n_parts;
        uint64_t duration_ns;
        Span label, group;
        const char *what; /* for the progress line: "under load" */
        const Os *os;
        Progress *progress;
        const char *dir; /* whose git revision is recorded; NULL: the working directory */
} MeasurePlan;

/* ret_runs has room for n_parts; same order as the parts. A part that cannot run here is NULL in
 * ret_runs when `optional` has its bit, and its reason goes to the other runs as a note. */
int measure(const MeasurePlan *plan, unsigned optional, Arena *arena, Run **ret_runs, Error *err);
/* "load-20261121-063012-4f2a": what one command's runs share. */
Span measure_group(const char *command, const Os *os, Arena *arena);
