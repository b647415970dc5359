#pragma once
/* The trie's own steps, for the files that build one from stored or foreign forms. */

#include "model/profile.h"

Profile *profile_try(Arena *arena, size_t max_nodes); /* NULL when the arena is full */
/* UINT32_MAX past the ceiling. The numbers in `frame` must be numbers of strings of `p`. */
uint32_t profile_frame_add(Profile *p, Frame frame);
/* The node below `parent` for `frame`, found or made; UINT32_MAX past the ceiling. */
uint32_t profile_child(Profile *p, uint32_t parent, uint32_t frame);
