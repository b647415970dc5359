#pragma once
/* Git worktrees for the loop: A holds the best so far, B the candidate; paths of equal length. */

#include "base/span.h"

typedef struct Repository {
        const char *top;    /* of the repository */
        const char *prefix; /* of the service's folder in it, "" or "examples/shop/" */
} Repository;

int repository_find(const char *dir, Arena *arena, Repository *ret, Error *err);
/* Full hash of a revision. */
int repository_resolve(const Repository *repo, const char *revision, Arena *arena, Span *ret,
                       Error *err);
bool repository_is_dirty(const Repository *repo, Arena *arena);

/* `path` becomes a detached checkout of the revision, clean, whatever was there before. */
int worktree_set(const Repository *repo, const char *path, Span revision, Arena *arena, Error *err);
int worktree_remove(const Repository *repo, const char *path, Arena *arena, Error *err);
/* Applies a patch file as written relative to the service's folder or to the top. */
int worktree_apply(const Repository *repo, const char *path, const char *patch, Arena *arena,
                   Error *err);
/* Commits all changes; ret_hash empty when there are none. */
int worktree_commit(const char *path, const char *message, Arena *arena, Span *ret_hash,
                    Error *err);
/* Paths changed between two revisions, relative to the service's folder. */
int repository_changed(const Repository *repo, Span from, Span to, Arena *arena,
                       const char ***ret_paths, size_t *ret_n, Error *err);
int repository_set_ref(const Repository *repo, const char *ref, Span hash, Arena *arena,
                       Error *err);
