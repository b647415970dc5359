#pragma once
/* Between the files that build a FlameTree: raw nodes first, one per box, parents before their
 * children, in no order among the children but that of time where it is asked for. */

#include "present/flame_tree.h"

typedef struct Raw {
        uint32_t parent, frame;
        uint64_t total, self;
        double was_total, was_self;
} Raw;

typedef struct Build {
        const Profile *p;
        const FlameShape *shape;
        Arena *scratch;
        Raw *raw;
        size_t n_raw;
        FlameTree *tree;
        uint64_t least; /* weight below which a node is left out */
} Build;

/* Raw nodes from the samples in time. `functions`: of each frame, the frame that stands for it. */
int flame_time_nodes(Build *b, const uint32_t *functions, Error *err);
