#include "process/blame.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/subprocess.h"
#include "harness.h"

typedef struct Fixture {
        Arena *arena;
        char dir[64];
} Fixture;

#define GIT "git -c user.name=t -c user.email=t@t -c commit.gpgsign=false "

static Span shell(Fixture *f, const char *command)
{
        Subprocess done;
        Error err = { 0 };

        assert_ok(subprocess_must(&(SubprocessPlan){ .shell = command, .dir = f->dir }, f->arena,
                                  &done, &err),
                  err);
        return span_trim(done.out);
}

static void fixture_begin(Fixture *f)
{
        f->arena = arena_new(GiB(1));
        snprintf(f->dir, sizeof(f->dir), "/tmp/hone-blame-XXXXXX");
        assert_non_null(mkdtemp(f->dir));
}

static void fixture_end(Fixture *f)
{
        assert_int_equal(tree_remove(f->dir, NULL), 0);
        f->arena = arena_free(f->arena);
}

static Span commit(Fixture *f, const char *message)
{
        shell(f, arena_printf(f->arena,
                              GIT "commit -q --allow-empty --author 'Ana <ana@example.org>' "
                                  "--date '2027-01-31T12:00:00+0100' -m '%s'",
                              message));
        return shell(f, "git rev-parse HEAD");
}

TEST(order_of_commits_is_that_of_git)
{
        CommitOrder order;
        Span hashes[4], reason;
        Fixture f;
        Error err = { 0 };
        size_t at;

        fixture_begin(&f);
        shell(&f, "git init -q .");
        for (size_t i = 0; i < COUNT(hashes); i++)
                hashes[i] = commit(&f, "c");
        assert_ok(commit_order_read(f.dir, f.arena, &order, &reason, &err), err);
        assert_int_equal(reason.len, 0);
        assert_int_equal(order.len, COUNT(hashes));
        for (size_t i = 0; i < COUNT(hashes); i++) {
                assert_true(commit_order_find(&order, hashes[i], &at));
                assert_int_equal(at, i);
        }
        fixture_end(&f);
}

TEST(order_without_a_repository_says_why)
{
        CommitOrder order = { .len = 77 };
        Fixture f;
        Error err = { 0 };
        Span reason;

        fixture_begin(&f);
        assert_ok(commit_order_read(f.dir, f.arena, &order, &reason, &err), err);
        assert_int_equal(order.len, 0);
        assert_span(reason, "this is not a git repository");
        shell(&f, "git init -q .");
        assert_ok(commit_order_read(f.dir, f.arena, &order, &reason, &err), err);
        assert_span(reason, "the repository has no commit yet");
        fixture_end(&f);
}

TEST(order_of_a_shallow_clone_says_why)
{
        CommitOrder order;
        Fixture f;
        Error err = { 0 };
        Span reason;

        fixture_begin(&f);
        shell(&f, "git init -q a && cd a && for i in 1 2 3; do " GIT
                  "commit -q --allow-empty -m $i; done; cd .. && git clone -q --depth 1 "
                  "\"file://$PWD/a\" b");
        assert_ok(commit_order_read(path_join(f.arena, f.dir, "b"), f.arena, &order, &reason, &err),
                  err);
        assert_int_equal(order.len, 0);
        assert_true(span_starts(reason, "the clone is shallow"));
        fixture_end(&f);
}

TEST(blame_names_the_commits_of_a_range_newest_first)
{
        Fixture f;
        Blame blame;
        Span good, bad;
        Error err = { 0 };

        fixture_begin(&f);
        shell(&f, "git init -q .");
        good = commit(&f, "base");
        commit(&f, "slower: sort twice");
        bad = commit(&f, "subject\n\nand a body");
        assert_ok(blame_find(f.dir, good, bad, f.arena, &blame, &err), err);
        assert_int_equal(blame.reason.len, 0);
        assert_int_equal(blame.total, 2);
        assert_int_equal(blame.len, 2);
        assert_true(span_eq(blame.commits[0].hash, bad));
        assert_span(blame.commits[0].subject, "subject");
        assert_span(blame.commits[1].subject, "slower: sort twice");
        assert_span(blame.commits[1].author, "Ana");
        assert_span(blame.commits[1].date, "2027-01-31T12:00:00+01:00");
        assert_ok(blame_find(f.dir, span_first(good, 8), span_first(bad, 8), f.arena, &blame, &err),
                  err);
        assert_int_equal(blame.total, 2);
        fixture_end(&f);
}

TEST(blame_shows_twenty_and_counts_the_rest)
{
        Fixture f;
        Blame blame;
        Span good, bad;
        Error err = { 0 };

        fixture_begin(&f);
        shell(&f, "git init -q .");
        good = commit(&f, "base");
        shell(&f, "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do " GIT
                  "commit -q --allow-empty -m $i; done");
        bad = shell(&f, "git rev-parse HEAD");
        assert_ok(blame_find(f.dir, good, bad, f.arena, &blame, &err), err);
        assert_int_equal(blame.len, BLAME_MOST_COMMITS);
        assert_int_equal(blame.total, 23);
        assert_span(blame.commits[0].subject, "23");
        fixture_end(&f);
}

TEST(blame_of_hostile_messages_is_one_record_a_commit)
{
        Fixture f;
        Blame blame;
        Span good, bad;
        Error err = { 0 };

        fixture_begin(&f);
        shell(&f, "git init -q .");
        good = commit(&f, "base");
        shell(&f, "printf '\\033[31mred\\r\\b \\342\\200\\256 <b>\\n\\n%%H%%n --format=x' >m; " GIT
                  "commit -q --allow-empty --author '-x\033 <e@e>' -F m");
        bad = commit(&f, "--output=/tmp/x");
        assert_ok(blame_find(f.dir, good, bad, f.arena, &blame, &err), err);
        assert_int_equal(blame.len, 2);
        assert_span(blame.commits[0].subject, "--output=/tmp/x");
        assert_span(blame.commits[1].subject, "\x1b[31mred\r\b \xe2\x80\xae <b>");
        assert_true(span_starts(blame.commits[1].author, "-x"));
        fixture_end(&f);
}

TEST(blame_that_cannot_be_told_says_why)
{
        static const struct {
                const char *good, *bad, *reason;
        } rows[] = {
                { "", "", "the runs have no revision" },
                { "aaa0", "aaa1", "'aaa0' is no hash of a commit" },
                { "--all", "--all", "'--all' is no hash of a commit" },
                { "0123456789", "HEAD", "commit 0123456789 is not in this repository" },
        };
        Fixture f;
        Blame blame;
        Span base;
        Error err = { 0 };

        fixture_begin(&f);
        assert_ok(blame_find(f.dir, SPAN("0123456"), SPAN("0123456"), f.arena, &blame, &err), err);
        assert_span(blame.reason, "this is not a git repository");
        shell(&f, "git init -q .");
        base = commit(&f, "base");
        for (size_t i = 0; i < COUNT(rows); i++) {
                assert_ok(blame_find(f.dir, span_of(rows[i].good), span_of(rows[i].bad), f.arena,
                                     &blame, &err),
                          err);
                assert_span(blame.reason, rows[i].reason);
                assert_int_equal(blame.len, 0);
        }
        assert_ok(blame_find(f.dir, base, base, f.arena, &blame, &err), err);
        assert_span(blame.reason, "no commit lies between");
        fixture_end(&f);
}
