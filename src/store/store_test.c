#include "store/store_example.h"
#include "store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "harness.h"

static Store *open_store(Arena *arena, const char *path, StoreMode mode)
{
        Store *store = NULL;
        Error err = { 0 };

        assert_ok(store_open(path, mode, arena, &store, &err), err);
        return store;
}

static uint64_t put(Store *store, const Run *run)
{
        Error err = { 0 };
        uint64_t id = 0;

        assert_ok(store_put(store, run, &id, &err), err);
        return id;
}

static int64_t number(Store *store, const char *sql)
{
        Error err = { 0 };
        int64_t n = 0;

        assert_ok(sql_number(store, sql, &n, &err), err);
        return n;
}

TEST(store_gives_back_what_was_put)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "a/b/hone.db");
        AUTO(store_closep) Store *store = open_store(arena, path, STORE_WRITE);
        Error err = { 0 };
        uint64_t runs;
        Run *run;

        for (uint64_t seed = 1; seed <= 5; seed++)
                assert_int_equal(put(store, example_run(arena, seed)), seed);
        store_closep(&store);
        store = open_store(arena, path, STORE_READ);
        for (uint64_t seed = 1; seed <= 5; seed++) {
                assert_ok(store_get(store, seed, arena, &run, &err), err);
                assert_int_equal(run->id, seed);
                assert_example(run, seed);
        }
        assert_fails(store_get(store, 6, arena, &run, &err), err, ERR_NOT_FOUND);
        assert_ok(store_verify(store, &runs, &err), err);
        assert_int_equal(runs, 5);
}

TEST(store_keeps_equal_blobs_once)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = open_store(arena, path, STORE_WRITE);
        Run *run = example_run(arena, 1);

        put(store, run);
        assert_int_equal(number(store, "SELECT count(*) FROM blobs"), 3);
        put(store, run);
        assert_int_equal(number(store, "SELECT count(*) FROM blobs"), 3);
        assert_int_equal(number(store, "SELECT count(*) FROM run_blobs"), 6);
        put(store, example_run(arena, 8)); /* the profile of seed 1, the rest is new */
        assert_int_equal(number(store, "SELECT count(*) FROM blobs"), 5);
}

TEST(stored_runs_cannot_be_changed_or_deleted)
{
        static const char *const statements[] = {
                "UPDATE runs SET label = 'x'",        "DELETE FROM runs",
                "UPDATE metric_values SET value = 1", "DELETE FROM metric_values",
                "UPDATE run_blobs SET run_id = 2",    "DELETE FROM run_blobs",
                "UPDATE blobs SET data = x'00'",      "DELETE FROM blobs",
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = open_store(arena, path, STORE_WRITE);

        put(store, example_run(arena, 1));
        for (size_t i = 0; i < COUNT(statements); i++) {
                Error err = { 0 };

                if (sql_exec(store, statements[i], "change", &err) >= 0)
                        fail_msg("'%s' was allowed", statements[i]);
                assert_true(span_contains(span_of(err.message), "never"));
        }
}

TEST(store_put_all_is_all_or_none)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = open_store(arena, path, STORE_WRITE);
        Run *runs[3] = { example_run(arena, 1), example_run(arena, 2), example_run(arena, 3) };
        uint64_t ids[3] = { 77, 77, 77 };
        char *plan = new (arena, char, MiB(1) + 10);
        Error err = { 0 };

        memset(plan, ' ', MiB(1) + 9);
        runs[2]->plan_json = span_of(plan); /* too large */
        assert_fails(store_put_all(store, runs, 3, ids, &err), err, ERR_LIMIT);
        assert_int_equal(ids[0], 77);
        assert_int_equal(number(store, "SELECT count(*) FROM runs"), 0);
        assert_int_equal(number(store, "SELECT count(*) FROM blobs"), 0);
        runs[2]->plan_json = SPAN("{}");
        assert_ok(store_put_all(store, runs, 3, ids, &err), err);
        assert_true(ids[0] < ids[1] && ids[1] < ids[2]);
        assert_int_equal(number(store, "SELECT count(*) FROM runs"), 3);
        assert_ok(store_put_all(store, runs, 0, ids, &err), err);
}

TEST(store_lists_newest_first_and_filters)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = open_store(arena, path, STORE_WRITE);
        RunSummary *list;
        size_t n;
        Error err = { 0 };

        for (uint64_t seed = 1; seed <= 6; seed++)
                put(store, example_run(arena, seed));
        assert_ok(store_list(store, &(RunQuery){ 0 }, arena, &list, &n, &err), err);
        assert_int_equal(n, 6);
        assert_int_equal(list[0].id, 6);
        assert_true(list[0].git_dirty && !list[1].git_dirty);
        assert_span(list[0].instrument, "system");
        assert_span(list[0].git_revision, "deadbeef");
        assert_int_equal(list[0].noise, NOISE_QUIET);
        assert_true(list[0].wall_ns == UINT64_C(1800000000000000006));
        assert_ok(store_list(store, &(RunQuery){ .instrument = SPAN("load"), .limit = 2 }, arena,
                             &list, &n, &err),
                  err);
        assert_int_equal(n, 2);
        assert_int_equal(list[1].id, 3);
        assert_ok(store_list(store, &(RunQuery){ .before_id = 3, .group = SPAN("a group") }, arena,
                             &list, &n, &err),
                  err);
        assert_int_equal(n, 2);
        assert_int_equal(list[0].id, 2);
        assert_ok(
                store_list(store, &(RunQuery){ .label = SPAN("label-4") }, arena, &list, &n, &err),
                err);
        assert_int_equal(n, 1);
        assert_span(list[0].label, "label-4");
        assert_ok(store_list(store, &(RunQuery){ .target = SPAN("' OR 1=1 --") }, arena, &list, &n,
                             &err),
                  err);
        assert_int_equal(n, 0);
}

static void assert_resolves(Store *store, const char *reference, uint64_t expected)
{
        Error err = { 0 };
        uint64_t id = 0;

        assert_ok(store_resolve(store, span_of(reference), &id, &err), err);
        if (id != expected)
                fail_msg("'%s' is run %d, not %d", reference, (int)id, (int)expected);
}

static void assert_unresolved(Store *store, const char *reference, const char *hint)
{
        Error err = { 0 };
        uint64_t id = 0;

        assert_fails(store_resolve(store, span_of(reference), &id, &err), err, ERR_NOT_FOUND);
        assert_string_equal(err.hint, hint);
}

TEST(store_resolves_references)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = open_store(arena, path, STORE_WRITE);
        Run *again;
        Error err = { 0 };
        uint64_t id;

        assert_unresolved(store, "last", "");
        for (uint64_t seed = 1; seed <= 4; seed++)
                put(store, example_run(arena, seed));
        again = example_run(arena, 5);
        again->label = SPAN("label-1");
        put(store, again);
        assert_resolves(store, "3", 3);
        assert_resolves(store, "#3", 3);
        assert_resolves(store, "last", 5);
        assert_resolves(store, "last~0", 5);
        assert_resolves(store, "last~4", 1);
        assert_resolves(store, "last:system", 4);
        assert_resolves(store, "last:load~1", 3);
        assert_resolves(store, "label-1", 5);
        assert_resolves(store, "label-2", 2);
        assert_unresolved(store, "9", "the nearest is run 5");
        assert_unresolved(store, "99999999999999999999", "");
        assert_unresolved(store, "last~5", "it does not go back that far; the newest is run 5");
        assert_unresolved(store, "last:lod", "did you mean 'last:load'?");
        assert_unresolved(store, "lable-2", "did you mean 'label-2'?");
        assert_unresolved(store, "something quite different", "");
        assert_fails(store_resolve(store, SPAN(""), &id, &err), err, ERR_USAGE);
}

TEST(store_documents_are_replaced_whole)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = open_store(arena, path, STORE_WRITE);
        Span text;
        Error err = { 0 };

        assert_fails(store_get_document(store, "baseline", arena, &text, &err), err, ERR_NOT_FOUND);
        assert_ok(store_put_document(store, "baseline", SPAN("one"), &err), err);
        assert_ok(store_put_document(store, "empty", SPAN(""), &err), err);
        assert_ok(store_put_document(store, "baseline", SPAN("two\0bytes"), &err), err);
        assert_ok(store_get_document(store, "baseline", arena, &text, &err), err);
        assert_true(span_eq(text, SPAN("two\0bytes")));
        assert_ok(store_get_document(store, "empty", arena, &text, &err), err);
        assert_int_equal(text.len, 0);
}

TEST(store_that_is_not_there_is_not_found_for_readers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        Store *store = NULL;
        Error err = { 0 };

        assert_fails(store_open(path, STORE_READ, arena, &store, &err), err, ERR_NOT_FOUND);
        assert_true(err.hint[0]);
        assert_false(path_exists(path));
        assert_null(store);
        assert_ok(file_write(path, SPAN(""), &err), err);
        assert_fails(store_open(path, STORE_READ, arena, &store, &err), err, ERR_NOT_FOUND);
}

TEST(store_in_a_folder_that_cannot_be_made_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char *folder = example_folder(arena);
        Store *store;
        Error err = { 0 };

        assert_ok(file_write(path_join(arena, folder, "file"), SPAN("x"), &err), err);
        assert_fails(store_open(path_join(arena, folder, "file/hone.db"), STORE_WRITE, arena,
                                &store, &err),
                     err, ENOTDIR);
        assert_true(store_open(folder, STORE_WRITE, arena, &store, &err) < 0);
        assert_true(span_contains(span_of(err.message), folder));
}

TEST(store_reader_does_not_write)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *writer = open_store(arena, path, STORE_WRITE);
        AUTO(store_closep) Store *reader = open_store(arena, path, STORE_READ);
        uint64_t id;
        Error err = { 0 };

        assert_fails(store_put(reader, example_run(arena, 1), &id, &err), err, EROFS);
        assert_fails(store_put_document(reader, "x", SPAN(""), &err), err, EROFS);
        put(writer, example_run(arena, 1));
}

TEST(store_reads_while_another_writes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *writer = open_store(arena, path, STORE_WRITE);
        AUTO(store_closep) Store *reader = NULL;
        Error err = { 0 };
        Run *run;

        put(writer, example_run(arena, 1));
        assert_ok(sql_begin(writer, &err), err);
        assert_ok(sql_exec(writer, "INSERT INTO documents VALUES ('x', printf('%064d', 0), 0, x'')",
                           "write", &err),
                  err);
        reader = open_store(arena, path, STORE_READ);
        assert_ok(store_get(reader, 1, arena, &run, &err), err);
        assert_example(run, 1);
        assert_int_equal(number(reader, "SELECT count(*) FROM documents"), 0);
        assert_ok(sql_end(writer, 0, &err), err);
        assert_int_equal(number(reader, "SELECT count(*) FROM documents"), 1);
}

TEST(second_writer_waits_and_then_is_told_that_the_store_is_busy)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *first = open_store(arena, path, STORE_WRITE);
        AUTO(store_closep) Store *second = open_store(arena, path, STORE_WRITE);
        Error err = { 0 };
        uint64_t id;

        sqlite3_busy_timeout(second->db, 50);
        assert_ok(sql_begin(first, &err), err);
        assert_fails(store_put(second, example_run(arena, 1), &id, &err), err, ERR_BUSY);
        assert_ok(sql_end(first, 0, &err), err);
        assert_int_equal(put(second, example_run(arena, 1)), 1);
}

#define WRITERS 4
#define RUNS_EACH 8

static pid_t start_writer(const char *path)
{
        pid_t pid = fork();

        if (pid == 0) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
                Store *store;
                uint64_t id;

                if (store_open(path, STORE_WRITE, arena, &store, NULL) < 0)
                        _exit(1);
                for (uint64_t seed = 1; seed <= RUNS_EACH; seed++)
                        if (store_put(store, example_run(arena, seed), &id, NULL) < 0)
                                _exit(2);
                store_close(store);
                _exit(0);
        }
        assert_true(pid > 0);
        return pid;
}

TEST(writers_at_once_make_one_store_and_lose_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = NULL;
        pid_t writers[WRITERS];
        RunSummary *list;
        uint64_t runs;
        size_t n;
        Error err = { 0 };

        for (size_t i = 0; i < WRITERS; i++)
                writers[i] = start_writer(path);
        for (size_t i = 0; i < WRITERS; i++) {
                int status;

                assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
                assert_true(WIFEXITED(status));
                assert_int_equal(WEXITSTATUS(status), 0);
        }
        store = open_store(arena, path, STORE_READ);
        assert_ok(store_verify(store, &runs, &err), err);
        assert_int_equal(runs, WRITERS * RUNS_EACH);
        assert_ok(
                store_list(store, &(RunQuery){ .label = SPAN("label-5") }, arena, &list, &n, &err),
                err);
        assert_int_equal(n, WRITERS);
        assert_int_equal(number(store, "SELECT count(*) FROM blobs"), RUNS_EACH * 2 + 7);
}

TEST(store_numbers_too_large_for_sqlite_are_kept_in_the_document)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = open_store(arena, path, STORE_WRITE);
        Run *run = example_run(arena, 1), *back;
        uint64_t runs;
        Error err = { 0 };

        run->recording->duration_ns = UINT64_MAX;
        run->recording->values.items[0].n = UINT64_MAX;
        run->label = SPAN("not \xff UTF-8 \0 and a NUL");
        put(store, run);
        assert_ok(store_get(store, 1, arena, &back, &err), err);
        assert_true(back->recording->duration_ns == UINT64_MAX);
        assert_true(back->recording->values.items[0].n == UINT64_MAX);
        assert_ok(store_verify(store, &runs, &err), err);
}
