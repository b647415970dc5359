#include "process/worktree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/subprocess.h"
#include "base/vec.h"

#define GIT_TIMEOUT_NS (120 * NS_PER_S)
#define MAX_ARGS 24

/* git with the identity and settings that must not depend on the user's own. */
static const char *const git_prefix[] = { "git",
                                          "-c",
                                          "user.name=hone",
                                          "-c",
                                          "user.email=hone@localhost",
                                          "-c",
                                          "commit.gpgsign=false",
                                          "-c",
                                          "core.hooksPath=/dev/null",
                                          "-c",
                                          "advice.detachedHead=false" };

static int git_at(const char *dir, const char *const *args, bool must, Arena *arena,
                  Subprocess *ret, Error *err)
{
        const char *argv[MAX_ARGS + 1] = { 0 };
        SubprocessPlan plan = {
                .argv = argv, .dir = dir, .timeout_ns = GIT_TIMEOUT_NS, .survives_interrupt = true
        }; /* or its locks stay behind */
        size_t n = 0;
        int r;

        for (; n < COUNT(git_prefix); n++)
                argv[n] = git_prefix[n];
        for (; *args; args++) {
                BUG_IF(n >= MAX_ARGS);
                argv[n++] = *args;
        }
        r = must ? subprocess_must(&plan, arena, ret, err) : subprocess_run(&plan, arena, ret, err);
        return r < 0 ? fail_while(err, "running git in %s", dir) : 0;
}

#define git(dir, arena, ret, err, ...) \
        git_at((dir), (const char *const[]){ __VA_ARGS__, NULL }, true, (arena), (ret), (err))
#define git_try(dir, arena, ret, err, ...) \
        git_at((dir), (const char *const[]){ __VA_ARGS__, NULL }, false, (arena), (ret), (err))

int repository_find(const char *dir, Arena *arena, Repository *ret, Error *err)
{
        Subprocess done;
        Span rest, top = { 0 }, prefix = { 0 };
        int r = git_try(dir, arena, &done, err, "rev-parse", "--show-toplevel", "--show-prefix");

        if (r < 0)
                return r;
        if (done.exit_status != 0) {
                fail(err, ERR_USAGE, "%s is not inside a git repository", dir);
                return fail_hint(err, "hone takes versions from git: run 'git init', add the files "
                                      "and commit them");
        }
        rest = done.out;
        span_next_line(&rest, &top);
        span_next_line(&rest, &prefix);
        *ret = (Repository){ .top = span_text(arena, top), .prefix = span_text(arena, prefix) };
        return 0;
}

int repository_resolve(const Repository *repo, const char *revision, Arena *arena, Span *ret,
                       Error *err)
{
        Subprocess done;
        const char *commit = arena_printf(arena, "%s^{commit}", revision);
        int r = git_try(repo->top, arena, &done, err, "rev-parse", "--verify", "--quiet", commit);

        if (r < 0)
                return r;
        if (done.exit_status != 0)
                return fail(err, ERR_NOT_FOUND, "no revision '%s' in %s", revision, repo->top);
        *ret = span_trim(done.out);
        return 0;
}

bool repository_is_dirty(const Repository *repo, Arena *arena)
{
        Subprocess done;

        return git_try(repo->top, arena, &done, NULL, "status", "--porcelain",
                       "--untracked-files=no") == 0 &&
               done.out.len > 0;
}

int worktree_remove(const Repository *repo, const char *path, Arena *arena, Error *err)
{
        Subprocess done;
        int r = git_try(repo->top, arena, &done, err, "worktree", "remove", "--force", path);

        if (r == 0 && path_exists(path))
                r = tree_remove(path, err);
        if (r == 0)
                r = git_try(repo->top, arena, &done, err, "worktree", "prune");
        return r;
}

int worktree_set(const Repository *repo, const char *path, Span revision, Arena *arena, Error *err)
{
        const char *hash = span_text(arena, revision);
        Subprocess done;
        int r;

        if (path_exists(path_join(arena, path, ".git"))) {
                r = git_try(path, arena, &done, err, "reset", "--hard", "--quiet", hash);
                if (r == 0 && done.exit_status == 0)
                        return git(path, arena, &done, err, "clean", "-ffdxq");
        }
        r = worktree_remove(repo, path, arena, err);
        if (r < 0)
                return r;
        return git(repo->top, arena, &done, err, "worktree", "add", "--detach", "--force", path,
                   hash);
}

static int git_apply(const char *path, const char *directory, const char *patch, Arena *arena,
                     Subprocess *ret, Error *err)
{
        const char *in = arena_printf(arena, "--directory=%s", directory);

        return git_try(path, arena, ret, err, "apply", "--index", in, patch);
}

/* A patch may be written relative to the service's folder or to the top of the repository. When
 * it fits neither, what is wrong with the first is what matters. */
int worktree_apply(const Repository *repo, const char *path, const char *patch, Arena *arena,
                   Error *err)
{
        const char *const directories[] = { repo->prefix, "" };
        char absolute[PATH_MAX];
        Subprocess done[COUNT(directories)];

        if (!realpath(patch, absolute))
                return fail(err, ERR_NOT_FOUND, "cannot find the patch '%s'", patch);
        for (size_t i = 0; i < COUNT(directories); i++) {
                int r = git_apply(path, directories[i], absolute, arena, &done[i], err);

                if (r < 0 || done[i].exit_status == 0)
                        return r;
        }
        return fail(err, ERR_INPUT, "%.*s", SPAN_ARG(span_trim(done[0].error)));
}

int worktree_commit(const char *path, const char *message, Arena *arena, Span *ret_hash, Error *err)
{
        Subprocess done;
        int r = git(path, arena, &done, err, "add", "--all");

        if (r == 0)
                r = git_try(path, arena, &done, err, "diff", "--cached", "--quiet");
        if (r < 0)
                return r;
        if (done.exit_status == 0) {
                *ret_hash = (Span){ 0 };
                return 0;
        }
        r = git(path, arena, &done, err, "commit", "--quiet", "--no-verify", "-m", message);
        if (r == 0)
                r = git(path, arena, &done, err, "rev-parse", "HEAD");
        if (r == 0)
                *ret_hash = span_trim(done.out);
        return r;
}

int repository_changed(const Repository *repo, Span from, Span to, Arena *arena,
                       const char ***ret_paths, size_t *ret_n, Error *err)
{
        VEC(const char *) paths = VEC_INIT(100000);
        size_t prefix = strlen(repo->prefix);
        Subprocess done;
        Span rest, line;
        int r = git(repo->top, arena, &done, err, "diff", "--name-only", "--no-renames",
                    span_text(arena, from), span_text(arena, to));

        if (r < 0)
                return r;
        rest = done.out;
        while (span_next_line(&rest, &line)) {
                const char **slot = vec_add(arena, &paths);

                if (!slot)
                        return fail(err, ERR_LIMIT, "a candidate changes too many files");
                if (span_starts(line, repo->prefix))
                        line = span_from(line, prefix);
                else
                        line = span_of(arena_printf(arena, "/%.*s", SPAN_ARG(line)));
                *slot = span_text(arena, line);
        }
        *ret_paths = paths.items;
        *ret_n = paths.len;
        return 0;
}

int repository_set_ref(const Repository *repo, const char *ref, Span hash, Arena *arena, Error *err)
{
        Subprocess done;

        return git(repo->top, arena, &done, err, "update-ref", ref, span_text(arena, hash));
}
