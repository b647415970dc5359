#pragma once
/* The series of a run: throughput, median, p99 and failures per step, from all threads.
 *
 * Each thread hands in its step when it is over; the last thread to do so closes it. A thread that
 * lags behind (no CPU for seconds) keeps at most STEPS_OPEN steps open: then the oldest is closed
 * without it, and what it still brings for that step is counted in `late` (it is in the totals,
 * only not in the series).
 *
 * Subject 0 is the total, subject 1 + i endpoint i (only when there are several). The series stop
 * at STEPS_MAX steps: about a day in seconds.
 */

#include "instrument/load/tally.h"

#include <pthread.h>

#define STEPS_OPEN 8
#define STEPS_MAX 100000

typedef VEC(double) StepValues;

typedef struct StepSubject {
        StepValues throughput, p50, p99, error_rate;
} StepSubject;

typedef struct OpenCell {
        Hist *latency;
        uint64_t answers, failures, errors;
} OpenCell;

typedef struct Steps {
        pthread_mutex_t lock;
        Arena *arena; /* used under the lock */
        uint64_t step_ns;
        unsigned n_threads, n_endpoints, n_subjects;
        OpenCell *cells;              /* [STEPS_OPEN][n_subjects] */
        unsigned arrived[STEPS_OPEN]; /* threads that handed the step in */
        uint64_t oldest;              /* the first step that is not closed */
        uint64_t late, cut;           /* answers that came for a closed step; steps not kept */
        StepSubject *subjects;
} Steps;

size_t steps_bytes(unsigned n_endpoints);
Steps *steps_new(Arena *arena, uint64_t step_ns, unsigned n_threads, unsigned n_endpoints);
/* Hands in step number `step` of one thread and clears it in the tallies. */
void steps_add(Steps *steps, uint64_t step, Tally *tallies);
/* After the threads ended: closes every step that lies whole within the window. */
void steps_finish(Steps *steps, uint64_t window_ns);
