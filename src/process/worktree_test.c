#include "process/worktree.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/subprocess.h"
#include "harness.h"

/* A repository with one service in a folder, in a temporary folder of its own. */
typedef struct Fixture {
        Arena *arena;
        char dir[64];
        Repository repo;
        Span base;
        const char *tree;
} Fixture;

static void shell(Fixture *f, const char *command)
{
        Subprocess done;
        Error err = { 0 };

        assert_ok(subprocess_must(&(SubprocessPlan){ .shell = command, .dir = f->dir }, f->arena,
                                  &done, &err),
                  err);
}

static void fixture_begin(Fixture *f)
{
        Error err = { 0 };

        f->arena = arena_new(MiB(64));
        snprintf(f->dir, sizeof(f->dir), "/tmp/hone-worktree-XXXXXX");
        assert_non_null(mkdtemp(f->dir));
        shell(f, "git init -q . && mkdir -p app/src && echo one > app/src/a.txt && "
                 "echo x > other.txt && git add -A && "
                 "git -c user.name=t -c user.email=t@t commit -qm base && "
                 "printf '%s\\n' '--- a/src/a.txt' '+++ b/src/a.txt' '@@ -1 +1 @@' '-one' '+two' "
                 "> change.patch");
        assert_ok(repository_find(path_join(f->arena, f->dir, "app"), f->arena, &f->repo, &err),
                  err);
        assert_ok(repository_resolve(&f->repo, "HEAD", f->arena, &f->base, &err), err);
        f->tree = path_join(f->arena, f->dir, "tree");
        assert_ok(worktree_set(&f->repo, f->tree, f->base, f->arena, &err), err);
}

static void fixture_end(Fixture *f)
{
        assert_int_equal(tree_remove(f->dir, NULL), 0);
        f->arena = arena_free(f->arena);
}

TEST(worktree_applies_a_patch_relative_to_the_service_and_commits_it)
{
        const char **paths;
        Fixture f;
        Error err = { 0 };
        Span hash, again;
        size_t n;

        fixture_begin(&f);
        assert_string_equal(f.repo.prefix, "app/");
        assert_ok(worktree_apply(&f.repo, f.tree, path_join(f.arena, f.dir, "change.patch"),
                                 f.arena, &err),
                  err);
        assert_ok(worktree_commit(f.tree, "change", f.arena, &hash, &err), err);
        assert_int_equal(hash.len, 40);
        assert_ok(worktree_commit(f.tree, "nothing", f.arena, &again, &err), err);
        assert_int_equal(again.len, 0);
        assert_ok(repository_changed(&f.repo, f.base, hash, f.arena, &paths, &n, &err), err);
        assert_int_equal(n, 1);
        assert_string_equal(paths[0], "src/a.txt");
        fixture_end(&f);
}

TEST(worktree_set_makes_it_clean_whatever_was_there)
{
        Fixture f;
        Error err = { 0 };
        Span text;

        fixture_begin(&f);
        shell(&f, "echo dirt > tree/app/src/a.txt && echo built > tree/app/out.o");
        assert_ok(worktree_set(&f.repo, f.tree, f.base, f.arena, &err), err);
        assert_false(path_exists(path_join(f.arena, f.tree, "app/out.o")));
        assert_ok(file_read(path_join(f.arena, f.tree, "app/src/a.txt"), 100, f.arena, &text, &err),
                  err);
        assert_span(text, "one\n");
        shell(&f, "rm -rf tree && mkdir tree && echo rubble > tree/x");
        assert_ok(worktree_set(&f.repo, f.tree, f.base, f.arena, &err), err);
        assert_true(path_exists(path_join(f.arena, f.tree, "app/src/a.txt")));
        assert_ok(worktree_remove(&f.repo, f.tree, f.arena, &err), err);
        assert_false(path_exists(f.tree));
        fixture_end(&f);
}

TEST(worktree_says_why_a_patch_does_not_apply)
{
        Fixture f;
        Error err = { 0 };

        fixture_begin(&f);
        shell(&f, "sed -i s/one/other/ change.patch");
        assert_fails(worktree_apply(&f.repo, f.tree, path_join(f.arena, f.dir, "change.patch"),
                                    f.arena, &err),
                     err, ERR_INPUT);
        assert_non_null(strstr(err.message, "does not apply"));
        assert_fails(worktree_apply(&f.repo, f.tree, "/nowhere.patch", f.arena, &err), err,
                     ERR_NOT_FOUND);
        fixture_end(&f);
}

TEST(repository_find_says_what_to_do_outside_of_one)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Repository repo;
        Error err = { 0 };

        assert_fails(repository_find("/", arena, &repo, &err), err, ERR_USAGE);
        assert_non_null(strstr(err.hint, "git init"));
}
