#pragma once
/* drop_frames and keep_frames of a pprof: what is called by a function that matches is left out
 * with it, as google's pprof does when it reads a profile ("beneath" a frame is what it calls;
 * frames before the first one that does not match stay). */

#include "import/profile/pprof.h"

typedef struct PprofPrune {
        const Pprof *b;
        uint32_t *keep_from; /* by location: the innermost line that stays; n_lines: none; NULL: off
                              */
        bool unusable;       /* the pattern is left out */
} PprofPrune;

int pprof_prune(const Pprof *b, PprofPrune *ret);
/* The first location of the stack (leaf first) that stays, and its innermost line that does. */
size_t pprof_prune_from(const PprofPrune *prune, const uint32_t *stack, size_t n,
                        uint32_t *ret_first_line);
