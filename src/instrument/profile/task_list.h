#pragma once
/* Which threads to attach to: those of a process and of all processes below it, from /proc.
 *
 * Threads and processes that start afterwards are followed by the kernel (inherited events). */

#include "base/span.h"
#include "base/vec.h"

#define MAX_TASKS 65536

typedef VEC(int) TaskList;

/* A list of one. */
TaskList task_list_of(int id, Arena *arena);
/* The process and its descendants. ERR_NOT_FOUND when it does not exist. */
int task_processes(int pid, Arena *arena, TaskList *ret, Error *err);
/* The threads of one process; empty when it is gone. */
int task_threads(int pid, Arena *arena, TaskList *ret, Error *err);
