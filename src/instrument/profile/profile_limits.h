#pragma once
/* How much a sampling may remember: past it new things are counted as dropped, never stored. */

#include "base/arena.h"

#define PROFILE_ARENA_BYTES GiB(2)
#define PROFILE_ROOM_BYTES GiB(1) /* what grows with the target stops here */
#define PROFILE_MAX_DEPTH 512     /* frames of one stack */

/* The rest of the arena is for allocations whose size the program chose. */
static inline bool profile_has_room(const Arena *arena)
{
        return arena_used(arena) < PROFILE_ROOM_BYTES;
}
