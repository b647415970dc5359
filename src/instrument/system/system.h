#pragma once
/* A process tree and its machine, once a second, from /proc: CPU, run-queue wait, memory, faults,
 * switches, disk, network, descriptors, threads, PSI and steal. */

#include "instrument/instrument.h"
#include "model/run.h"

typedef struct SystemPlan {
        uint64_t interval_ns; /* 0: 1 s */
        uint64_t duration_ns; /* 0: until stopped */
} SystemPlan;

/* The process that listens on a local TCP port (the topmost of a group of them), through
 * /proc/net/tcp{,6} and /proc/PID/fd. ERR_NOT_FOUND says what could not be looked at. */
int process_on_port(uint16_t port, int *ret_pid, Error *err);
/* The process and all below it, at most `max`. */
size_t process_tree(int pid, int *ret_pids, size_t max);
/* Name of the executable (basename), empty when it is gone. */
Span process_name(int pid, Arena *arena);

/* The machine and the repository around `dir` (NULL: the working directory). */
int fingerprint_take(const char *dir, Arena *arena, Fingerprint *ret, Error *err);

/* What the rest of the machine does between begin and end; `pid` 0: nothing is the target.
 * Processes of this program (the generator, the profiler) do not count as noise. */
typedef struct NoiseWatch NoiseWatch;
NoiseWatch *noise_begin(int pid, Arena *arena);
Noise noise_end(NoiseWatch *watch, Arena *arena);
