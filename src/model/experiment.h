#pragma once
/* Runs of A and B, interleaved, made to be compared: how they were measured, beside the Comparison
 * that says what came of it. And the same with one side against itself. */

#include "base/vec.h"
#include "model/comparison.h"
#include "model/run.h"

typedef struct Experiment {
        const char *kind;     /* "commands", "revisions", "services" */
        const char *sides[2]; /* as given */
        Span revisions[2];    /* full hashes; empty: not revisions */
        uint64_t run_ids[2];  /* 0: not stored */
        size_t n_blocks;
        size_t n_repeats, n_noisy; /* blocks measured again because of noise; that stayed noisy */
        size_t n_looks;
        double alpha, level;     /* over all looks; of the last */
        double tolerance;        /* a change surely within it is SAME */
        double memory_tolerance; /* the same for memory */
        const char *stop;        /* why it ended */
        const char *format;      /* of results in the commands' output; NULL: none were read */
        uint64_t elapsed_ns;
        Span left_out; /* results that a block lacked, so that none was compared; empty: none */
        bool partial;  /* interrupted */
        Noise noise;
} Experiment;

typedef struct NullRow {
        MetricId metric;
        Span subject;
        size_t n, n_false; /* trials that had it; that called it FASTER or SLOWER */
        double floor;      /* largest |change|, as a ratio */
} NullRow;

/* What comparing a thing with itself shows. */
typedef struct NullTrials {
        const char *side;
        const char *const *argv; /* that was run in a revision; NULL: the side is all there is */
        Span machine_id;
        uint64_t wall_ns;
        size_t n_trials, n_blocks, n_false; /* trials with any false verdict */
        double level;                       /* each was judged at, over its rows */
        Interval false_rate;                /* of trials, 95 % (Clopper and Pearson 1934) */
        VEC(NullRow) rows;
} NullTrials;
