#pragma once
/* From an address to frames of the profile: symbol, inlined functions, source line.
 *
 *         Symboliser *s = symboliser_new(&(SymboliserPlan){ ... }, arena);
 *         n = symboliser_frames(s, &location, frames, COUNT(frames));     // outermost first
 *
 * Runs after the window. What a module needs (an index of its symbols and debug information, a
 * perf map, the kernel's list) is read when its first address comes up. Every address is asked for
 * once: the chains refer to locations by number, and the caller keeps the answer.
 */

#include "instrument/profile/chain.h"
#include "instrument/profile/symbol_index.h"

#include "model/recording.h"

typedef struct SymboliserPlan {
        Profile *profile; /* where frames go */
        Recording *notes; /* what could not be read */
        size_t n_modules;
        bool no_inlines;
        bool no_cache;   /* neither read nor write indexes on disk */
        bool debuginfod; /* ask servers for debug information that is not on this machine */
} SymboliserPlan;

typedef struct Symboliser Symboliser;

Symboliser *symboliser_new(const SymboliserPlan *plan, Arena *arena);
/* At least one; UINT32_MAX among them where the profile is full. */
size_t symboliser_frames(Symboliser *s, const Location *location, uint32_t *ret, size_t max);
