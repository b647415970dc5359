#pragma once
/* Profiles drawn from one known program, for tests and for bench/profile_diff_table.c: the share of
 * each function wanders from run to run, samples come in clumps, and a change can be planted.
 *
 *         DrawPlan plan = { .samples = 1000, .wander = 0.05 };
 *         Run *run = draw_run(&plan, &rng, arena);
 */

#include "model/run.h"
#include "stats/rng.h"

enum { DRAWN_LEAVES = 60 }; /* functions that do work; their shares fall as 1 / rank */

typedef struct DrawPlan {
        size_t samples;
        double wander;      /* sigma of the logarithm of each leaf's weight, from run to run */
        size_t clump;       /* samples in a row that are the same; 0: 1 */
        bool timed;         /* keeps the samples in time */
        double grown;       /* points of share that leaf DRAWN_MIDDLE has more */
        bool with_new;      /* leaf "arrived" has 2 points */
        bool without_third; /* leaf "work_3" does nothing */
        double load;        /* samples are so many times more, in the same window; 0: 1 */
} DrawPlan;

#define DRAWN_MIDDLE 4 /* "work_4": between two and six per cent */

double drawn_share(size_t leaf); /* of an unchanged program */
Run *draw_run(const DrawPlan *plan, Rng *rng, Arena *arena);
