#pragma once
/* One side measured against itself: how often this machine shows a change where there is none, and
 * how far two equal things may lie apart on it.
 *
 *         r = ab_null(&plan, 20, arena, &null, err);      // plan.sides[AB_SIDE_A] against itself
 *         r = ab_null_store(store, &null, err);
 *         r = ab_null_tolerance(store, machine_id, &plan, arena, err);    // before comparing it
 *
 * Each trial is a comparison at the first look of the plan. The floor of a row is the largest
 * estimate of a change over the trials. What many blocks can tell is finer, by the root of their
 * number; a tolerance below even that asks of this machine what it cannot give, and is refused.
 * Nulls are kept by machine and by what was measured.
 */

#include "model/experiment.h"
#include "process/ab.h"
#include "store/store.h"

int ab_null(const AbPlan *plan, size_t n_trials, Arena *arena, NullTrials *ret, Error *err);
int ab_null_store(Store *store, const NullTrials *null, Error *err);
/* The plan's tolerance made, or checked, against the floors that are known for its sides on this
 * machine at its max_blocks: one of 0 becomes the default or the floor, whichever is larger; one
 * below a floor is ERR_USAGE. `store` may be NULL: no floor is known. */
int ab_null_tolerance(Store *store, Span machine_id, AbPlan *plan, Arena *arena, Error *err);
