#pragma once
/* What load, profile and system have in common: one instrument, one window, one stored run. */

#include "command/command.h"
#include "process/measure.h"

typedef struct Measuring {
        const Instrument *instrument;
        const void *plan;
        const Target *target;
        bool ends;            /* by itself: a load, a command */
        uint64_t duration_ns; /* for what does not */
        const char *label;    /* NULL: none */
        bool no_store;
        bool no_print; /* standard output is for something else */
        void (*view)(Doc *doc, const Run *run);
} Measuring;

/* Measures under the lock, stores, prints. ret_run may be NULL. Exit status 0, or 130 when it was
 * interrupted and the partial run was kept, or 3 when nothing was seen. */
int measuring_run(Context *ctx, const Measuring *m, Run **ret_run, Error *err);
/* Stores a run that was measured otherwise. */
int measuring_store(Context *ctx, Run *run, Error *err);
/* A load without an answer, a profile without a sample: exit status 3. */
bool saw_nothing(const Recording *recording);
/* A target from "PID", or from a command after "--". */
int target_from_args(Context *ctx, const TextList *args, Target *ret, Error *err);
/* Is the file that a user asked for ("-") standard output? NULL is none. */
bool is_stdout(const char *path);
/* Writes a text that a user asked for as a file; "-" is standard output. */
int write_output(Context *ctx, const char *path, Span bytes, Error *err);
