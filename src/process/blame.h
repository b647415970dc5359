#pragma once
/* What git knows about a history: the order of commits, and those among which a change lies.
 *
 *         commit_order_read(dir, arena, &order, &reason, err);      // reason: why there is none
 *         blame_find(dir, good, bad, arena, &blame, err);           // good..bad, newest first
 *
 * Only `git rev-list`, `git log` and `git rev-parse` are run, without pager, hooks, signatures or
 * the user's own formats. That there is no git, no repository, or no such commit is no error: the
 * reason is told instead. Texts of commits come from strangers; whoever prints them makes them
 * harmless (Doc does).
 */

#include "analysis/history.h"

#define BLAME_MOST_COMMITS 20

/* All commits of HEAD in topological order. An empty order and a reason when git cannot tell: no
 * repository, no commit, a shallow clone. */
int commit_order_read(const char *dir, Arena *arena, CommitOrder *ret, Span *ret_reason,
                      Error *err);
/* The commits in `bad` that are not in `good`. */
int blame_find(const char *dir, Span good, Span bad, Arena *arena, Blame *ret, Error *err);
