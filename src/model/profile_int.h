#pragma once
/* The trie's own steps, for the files that build one from stored or foreign forms. */

#include "model/profile.h"

Profile *profile_try(Arena *arena, size_t max_nodes); /* NULL when the arena is full */
/* UINT32_MAX past the ceiling. The numbers in `frame` must be numbers of strings of `p`. */
uint32_t profile_frame_add(Profile *p, Frame frame);
/* The node below `parent` for `frame`, found or made; UINT32_MAX past the ceiling. */
uint32_t profile_child(Profile *p, uint32_t parent, uint32_t frame);
/* profile_add() and profile_add_at() at the end of a chain of profile_child(); UINT32_MAX: the
 * chain did not fit, and its samples are dropped. */
void profile_add_node(Profile *p, uint32_t node, uint64_t samples, uint64_t weight);
void profile_add_node_at(Profile *p, uint32_t node, uint32_t thread, uint64_t time_ns,
                         uint64_t weight);
