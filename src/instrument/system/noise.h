#pragma once
/* Behind noise_begin() and noise_end(): the facts between two looks at any /proc, for tests. */

#include "instrument/system/system.h"
#include "model/noise_judge.h"

typedef struct NoiseSetup {
        const char *proc_root;
        int pid;      /* the target; 0: none */
        int self_pid; /* this program: it and what it starts is not noise */
} NoiseSetup;

NoiseWatch *noise_begin_in(const NoiseSetup *setup, uint64_t now_ns, Arena *arena);
NoiseFacts noise_facts(NoiseWatch *watch, uint64_t now_ns);
void noise_release(NoiseWatch *watch); /* also called by the arena */
