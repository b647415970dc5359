#pragma once
/* What a flame graph draws: the profile's stacks with equal functions under one caller merged,
 * largest child first, or by name, or in the order of time (then only neighbours are merged). Node
 * 0 is the root, "all"; parents come before their children.
 *
 *         FlameTree t;
 *         if (flame_tree(p, min_share, scratch, &t, err) < 0) ...
 *         for (uint32_t c = t.nodes[0].first; c; c = t.nodes[c].next) ...
 */

#include "model/profile.h"

typedef struct FlameNode {
        uint32_t parent, first, next; /* 0: none */
        uint32_t depth;
        uint32_t n_children;
        FrameKind kind;
        Span symbol, module, source; /* as recorded: not escaped */
        uint32_t line;
        uint64_t total, self;       /* weight */
        uint64_t before;            /* weight of what is to the left, of the whole picture */
        double was_total, was_self; /* weights in the profile it is compared with */
} FlameNode;

typedef struct FlameTree {
        const Profile *profile;
        FlameNode *nodes;
        size_t len;
        uint32_t depth; /* of the deepest node */
} FlameTree;

typedef enum FlameOrder { FLAME_BY_SIZE, FLAME_BY_NAME, FLAME_BY_TIME } FlameOrder;

typedef struct FlameShape {
        double min_share; /* nodes below it are left out with all below them */
        FlameOrder order; /* BY_TIME needs samples in time: ERR_UNAVAILABLE without */
        double total;     /* what the root stands for when that is more than its weight */
        /* One weight per node of the profile, of its own, in the profile it is compared with. */
        const double *was;
} FlameShape;

int flame_tree_shaped(const Profile *p, const FlameShape *shape, Arena *arena, FlameTree *ret,
                      Error *err);
/* Largest first. */
int flame_tree(const Profile *p, double min_share, Arena *arena, FlameTree *ret, Error *err);
double flame_share(const FlameTree *t, uint32_t node);
/* Offset of a node from the left, 0..1. */
double flame_left(const FlameTree *t, uint32_t node);
/* Samples that this share of the weight stands for, and their time; NaN: no rate is known. */
uint64_t flame_samples(const FlameTree *t, double share);
double flame_time_ns(const Profile *p, double share);
