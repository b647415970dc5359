#pragma once
/* What subprocess.c, subprocess_spawn.c and subprocess_group.c share; see base/subprocess.h. */

#include "base/subprocess.h"

#include <sys/types.h>

typedef struct Spawned {
        pid_t pid;
        int out, error; /* ends to read from, non-blocking; -1: none. The caller closes them */
} Spawned;

/* Starts the plan's program in a group of its own. With `keeps_output` the streams that go to no
 * file are piped here; otherwise they are dropped. */
int subprocess_spawn(const SubprocessPlan *plan, bool keeps_output, Arena *arena, Spawned *ret,
                     Error *err);

int warden_start(pid_t group, Warden *ret, Error *err);
void warden_end(Warden *warden); /* the group is left alone; harmless twice */

/* Does a living process remain? Asked after the leader was reaped: its number is not given to
 * another process while the group has members. */
bool subprocess_group_alive(pid_t group);
