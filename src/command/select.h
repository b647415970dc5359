#pragma once
/* Which runs a user means: "12", "last", "last~2", a label, a group, or several with commas. */

#include "command/command.h"

typedef struct RunSet {
        Run **items;
        size_t len;
} RunSet;

/* All runs that `words` (separated by commas) name: each an id or reference of store_resolve(), or
 * a label or group, which stands for all its runs. Loaded whole. */
int select_runs(Store *store, Span words, Arena *arena, RunSet *ret, Error *err);
/* The newest load, profile and system run of one group: the newest group there is, or `words`. */
int select_latest(Store *store, Span words, Arena *arena, RunSet *ret, Error *err);
/* Of the set, those of one instrument. */
RunSet select_instrument(const RunSet *set, Span instrument, Arena *arena);
