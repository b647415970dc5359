#pragma once
/* Stacks laid out along an axis: frames that open and close. In time, where the profile knows when
 * its samples were taken; else side by side, children in the order of the trie, each as wide as it
 * weighs.
 *
 *         size_t n = timelines(p, scratch, &lines);        // one a thread; 0: no times are known
 *         r = timeline_walk(p, &lines[0], scratch, &steps);
 *         r = timeline_layout(p, scratch, &steps);         // without times
 *
 * Every sample is as long as it weighs, so that what is read back weighs the same: a sample that
 * would begin before the one before it has ended begins there. Neighbours with the same frames are
 * not closed between. Times are in the profile's unit.
 */

#include "model/profile.h"

typedef struct Timeline {
        uint32_t thread;
        uint32_t *samples; /* numbers, by time */
        size_t n;
} Timeline;

/* What is called while walking; a negative answer ends it. */
typedef struct TimelineSteps {
        int (*open)(void *context, uint32_t frame, uint64_t at);
        int (*close)(void *context, uint32_t frame, uint64_t at);
        void *context;
        uint64_t end; /* written: where the last frame closed */
} TimelineSteps;

/* 0: the times of some samples are not known, or the weights are no time; UINT32_MAX: no memory. */
size_t timelines(const Profile *p, Arena *arena, Timeline **ret);
int timeline_walk(const Profile *p, const Timeline *line, Arena *arena, TimelineSteps *steps);
int timeline_layout(const Profile *p, Arena *arena, TimelineSteps *steps);
/* Frame numbers of a node's chain, root first; at most `room`, counted in *ret_n. */
void node_chain(const Profile *p, uint32_t node, uint32_t *chain, size_t *ret_n);
size_t deepest_node(const Profile *p);
