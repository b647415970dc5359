#pragma once
/* Profiles that belong together, each a Profile of its own: the values of one source (allocations
 * and their bytes, CPU time and waiting), the threads of one recording, or two sides to compare.
 *
 *         ProfileSet set = profile_set_new();
 *         Profile *p = profile_set_add(&set, SPAN("cpu"), 1 << 20, arena);
 *         profile_set_warn(&set, arena, "line %d: ...", line);
 *
 * What the items are to each other decides what "all of it" means: threads add up, values and
 * sides do not. The set is a small struct that its owner passes around; what it points to lives in
 * the arena. */

#include "model/profile.h"

typedef enum ProfileSetKind {
        PROFILES_VALUES,  /* of one source; the shown one is what people look at first */
        PROFILES_THREADS, /* of one recording: together they are the whole */
        PROFILES_SIDES,   /* before and after: two items, in this order */
} ProfileSetKind;

typedef struct ProfileSetItem {
        Span name; /* of the thread or the value: "worker 43", "alloc_space" */
        Profile *profile;
} ProfileSetItem;

typedef struct ProfileSet {
        VEC(ProfileSetItem) items;
        ProfileSetKind kind;
        size_t shown;       /* the one to begin with */
        Span producer;      /* "perf 6.1", "node 20.20"; empty: not said */
        VEC(Span) warnings; /* what was not understood; not errors; at most 1000 */
} ProfileSet;

/* At most so many profiles in a set. */
#define PROFILE_SET_MAX 4096

ProfileSet profile_set_new(void);
/* NULL past the ceiling. The name is copied. */
Profile *profile_set_add(ProfileSet *set, Span name, size_t max_nodes, Arena *arena);
/* All whose weights have this unit in one profile, with their names at the bottom of each stack. */
int profile_set_merge(const ProfileSet *set, Unit unit, Arena *arena, Profile **ret, Error *err);
/* What the set shows as one profile: all threads of it under their names, else the shown item.
 * ERR_INPUT when the set is empty. */
int profile_set_whole(const ProfileSet *set, Arena *arena, Profile **ret, Error *err);
/* By name, or by number from 1; NULL: there is none. */
Profile *profile_set_find(const ProfileSet *set, Span name);
/* Remembers a warning. Past the ceiling it is dropped. */
void profile_set_warn(ProfileSet *set, Arena *arena, const char *format, ...) PRINTF(3, 4);
