#pragma once
/* Two profiles on one tree, for flame graphs that show what changed.
 *
 *         FlameDiff diff;
 *         r = flame_diff(after, before, true, arena, &diff, err);
 *         ... diff.profile has the weights of `after`, diff.was those of `before`, node by node
 *
 * Stacks are the same when their names are, whatever file and line they have: builds differ in
 * those. With `normalise` the weights of `before` are scaled to the total of `after`, as
 * difffolded.pl -n does, but without cutting fractions off.
 */

#include "model/profile.h"

typedef struct FlameDiff {
        Profile *profile;
        const double *was; /* of each node itself */
} FlameDiff;

int flame_diff(const Profile *after, const Profile *before, bool normalise, Arena *arena,
               FlameDiff *ret, Error *err);
