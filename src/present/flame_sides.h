#pragma once
/* One side of a profile diff as a flame graph: widths are the side's own, colour is the change of a
 * box with all it calls, where the diff is sure of it. Before: what shrank and vanished; after:
 * what grew and is new. The rest is pale, and dashed where nothing can be said. */

#include "analysis/profile_diff.h"
#include "present/flame.h"

typedef enum FlameSide { FLAME_BEFORE, FLAME_AFTER } FlameSide;

typedef struct FlameSidePlan {
        const char *title;
        FlameSide side;
        int width; /* px; 0: 1200 */
} FlameSidePlan;

/* `p`: the side's profile_diff_merge(). */
int flame_sides_svg(const Profile *p, const ProfileDiff *diff, const FlameSidePlan *plan, Buf *out,
                    Error *err);
