#pragma once
/* From what the rest of the machine did to a verdict: a table of limits.
 *
 * Steal and the CPU that others used disturb whatever the target does, and count as they are.
 * Waiting (run queue, CPU pressure) is also what a target brings about that is loaded to the
 * limit, so it counts in the share of the CPU work that was not the target's or ours: half the
 * work by others, half the waiting is theirs. Whose I/O pressure is cannot be told, so it makes a
 * run noisy at most.
 *
 * The limits are for comparisons that look for effects of a few per cent: what may shift a number
 * by about 1 % is noisy, by about 5 % unreliable. They are conventions, not measurements.
 */

#include "model/run.h"

typedef struct NoiseFacts {
        double window_s;
        double cpus;
        double steal, runqueue_wait, psi_cpu, psi_io; /* shares of elapsed time; NaN: not known */
        bool wait_of_target; /* the target's first threads waited; otherwise all threads, per CPU */
        double other_cpu, target_cpu, own_cpu; /* cores; NaN: not known */
        Span busiest;                          /* among the others: its name */
        int busiest_pid;
        double busiest_cpu; /* cores */
} NoiseFacts;

#define NOISE_SHORTEST_WINDOW_S 0.2 /* CPU time is counted in steps of 10 ms */

/* NOISE_UNKNOWN when the window is too short or neither steal nor others could be read. */
Noise noise_judge(const NoiseFacts *facts, Arena *arena);
