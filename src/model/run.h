#pragma once
/* A stored Recording with everything needed to judge and repeat it. Immutable once stored. */

#include "model/recording.h"
#include "model/target.h"

/* The machine and the code at the time. `machine_id` hashes what must be equal for numbers to be
 * comparable (CPU model, count, memory, kernel release), never measured frequencies. */
typedef struct Fingerprint {
        Span machine_id, hostname, kernel, cpu_model, governor, virtualization;
        uint64_t cpus, memory_bytes;
        Span git_revision; /* empty: not in a repository */
        bool git_dirty;
        Span hone_version;
} Fingerprint;

#define NOISE_VERDICTS(X) \
        X(QUIET, "quiet") X(NOISY, "noisy") X(UNRELIABLE, "unreliable") X(UNKNOWN, "unknown")

typedef enum NoiseVerdict {
#define X(id, name) NOISE_##id,
        NOISE_VERDICTS(X)
#undef X
} NoiseVerdict;

/* What the rest of the machine did meanwhile; shares of elapsed time, NaN: not available. */
typedef struct Noise {
        NoiseVerdict verdict;
        double steal, runqueue_wait, psi_cpu, psi_io, other_cpu; /* other_cpu: cores used by
                                                                    processes outside the target */
        Span reason; /* one line for people; empty when quiet */
} Noise;

typedef struct Run {
        uint64_t id; /* 0: not stored yet */
        Span label;  /* given by the user, may be empty */
        Span group;  /* runs of one command share it: "diagnose-20261121-063012-4f2a" */
        Target target;
        Span plan_json; /* the exact parameters */
        Fingerprint fingerprint;
        Noise noise;
        Recording *recording;
} Run;

const char *noise_verdict_name(NoiseVerdict verdict);
