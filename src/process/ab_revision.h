#pragma once
/* Two revisions of a repository, each checked out and built in a worktree; paths of equal length,
 * since a path is part of a program's environment and moves its stack. */

#include "process/ab_int.h"
#include "process/worktree.h"

typedef struct AbRevisions {
        Repository repo;
        const char *worktrees[AB_SIDES]; /* of the whole repository */
        const char *dirs[AB_SIDES];      /* the folder in it that hone was called in */
        const char *logs[AB_SIDES];
} AbRevisions;

/* Sets ab->revisions. Built by the plan's `setup`, else by the build of hone.yaml. */
int ab_revisions_open(Ab *ab, Error *err);
void ab_revisions_close(Ab *ab); /* removes the worktrees */
