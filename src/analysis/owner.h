#pragma once
/* Who in the target's own code asked for the cost: attribution of every sample to one function.
 *
 * The owner of a sample is the leaf-most frame whose module is the target's executable. An owner
 * reached from three or more different callers, none with more than 60 % of its cost, is a shared
 * helper: its cost moves to its callers, once per level, until it settles on a function that is
 * entered in one way or is the request's own handler.
 */

#include "model/profile.h"

typedef struct OwnerCost {
        Span function, source; /* "file.c:120" of the hottest line, may be empty */
        Span module;
        uint64_t weight;       /* owned, itself included */
        double share;          /* of all samples */
        Span hottest_callee;   /* where below it the time went: "sqlite3_step"; may be empty */
        double callee_share;   /* of the owner's weight */
        Span callers;          /* "main > serve > handle" above it */
} OwnerCost;

/* Largest first. `executable` NULL: the module with the most weight among files. */
size_t owner_costs(const Profile *p, const char *executable, Arena *arena, OwnerCost **ret);
