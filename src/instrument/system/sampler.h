#pragma once
/* A thread that looks every interval, by absolute deadlines, until it is stopped.
 *
 *         Sampler *s;
 *         r = sampler_start(&setup, arena, &s, err);     // the first look is made here
 *         sampler_wait(s, timeout_ns);                   // true: the window is over
 *         sampler_stop(s);                               // the last look; then read s->observer
 *         sampler_close(s);
 *
 * Deadlines are multiples of the interval from the start, so a late look does not move the later
 * ones; ticks that were missed altogether have no value in the series. The window is over at the
 * plan's end, or when no process of the target is left.
 *
 * A look at thousands of processes costs tens of milliseconds of CPU. What it costs is kept below
 * a twentieth of a core by leaving ticks out after a dear look (looks of less than 10 ms are never
 * thinned: a short interval is the caller's choice).
 */

#include "instrument/system/system.h"
#include "instrument/system/system_rows.h"

#include <pthread.h>

#define SHORTEST_INTERVAL_NS (10 * NS_PER_MS)

typedef struct SamplerSetup {
        ObserverSetup observer;
        uint64_t interval_ns, duration_ns; /* 0: 1 s; until stopped */
        const Os *os;                      /* for the clocks */
} SamplerSetup;

typedef struct Sampler {
        SamplerSetup setup;
        Observer observer;
        SystemTrack track;
        uint64_t start_ns, wall_ns;
        uint64_t end_ns;  /* of the last look; after sampler_stop() */
        uint64_t cost_ns; /* CPU time of the thread; after sampler_stop() */
        uint64_t skipped; /* ticks left out to keep the cost down */
        bool reached_end; /* the plan's duration went by */
        pthread_t thread;
        bool running; /* the thread is there to be joined */
        pthread_mutex_t lock;
        pthread_cond_t changed;
        bool stop, over; /* under the lock */
} Sampler;

int sampler_start(const SamplerSetup *setup, Arena *arena, Sampler **ret, Error *err);
bool sampler_wait(Sampler *s, uint64_t timeout_ns);
void sampler_stop(Sampler *s);
void sampler_close(Sampler *s);
/* How many of the coming ticks pay for a look that cost so much. */
uint64_t sampler_ticks_to_skip(uint64_t interval_ns, uint64_t cost_ns);
