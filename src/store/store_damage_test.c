/* Stores that were torn, edited, made by others, or stand where nothing can be written. */

#include "store/store_example.h"
#include "store/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "harness.h"

#define RUNS 3

static Span make_store(Arena *arena, const char *path)
{
        Store *store = NULL;
        uint64_t id;
        Span bytes;
        Error err = { 0 };

        assert_ok(store_open(path, STORE_WRITE, arena, &store, &err), err);
        for (uint64_t seed = 1; seed <= RUNS; seed++)
                assert_ok(store_put(store, example_run(arena, seed), &id, &err), err);
        assert_ok(store_put_document(store, "doc", SPAN("text"), &err), err);
        store_close(store);
        assert_ok(file_read(path, MiB(16), arena, &bytes, &err), err);
        return bytes;
}

static void overwrite(const char *path, Span bytes)
{
        AUTO(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        Error err = { 0 };

        assert_true(fd >= 0);
        assert_ok(fd_write_all(fd, bytes, &err), err);
}

static void assert_says_damage(const Error *err)
{
        if (err->code != ERR_CORRUPT && err->code != ERR_INPUT && err->code != ERR_NOT_FOUND &&
            err->code != ERR_UNAVAILABLE && err->code != EIO)
                fail_msg("code %d: %s", err->code, err->message);
        assert_true(err->message[0]);
}

/* A damaged store either says so or gives what was stored; never anything else. */
static size_t probe(const char *path)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        AUTO(store_closep) Store *store = NULL;
        size_t refused = 0;
        uint64_t runs;
        Span text;
        Error err = { 0 };

        if (store_open(path, STORE_READ, arena, &store, &err) < 0) {
                assert_says_damage(&err);
                return 1;
        }
        for (uint64_t id = 1; id <= RUNS; id++) {
                Run *run;

                if (store_get(store, id, arena, &run, &err) < 0) {
                        assert_says_damage(&err);
                        refused++;
                } else {
                        assert_example(run, id);
                }
        }
        if (store_get_document(store, "doc", arena, &text, &err) < 0)
                refused++;
        else
                assert_span(text, "text");
        if (refused && store_verify(store, &runs, &err) >= 0 && runs == RUNS)
                fail_msg("verify saw nothing");
        return refused;
}

TEST(torn_store_says_so_at_every_length)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        Span bytes = make_store(arena, path);

        for (size_t len = 1; len < bytes.len; len += len < 200 ? 7 : 1531) {
                overwrite(path, span_first(bytes, len));
                assert_true(probe(path) > 0);
        }
}

TEST(flipped_bytes_of_a_store_are_noticed_or_harmless)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        Span bytes = make_store(arena, path);
        char *copy = span_text(arena, bytes);
        size_t refused = 0;

        for (size_t at = 0; at < bytes.len; at += at < 110 ? 1 : 397) {
                copy[at] = (char)(copy[at] ^ (at % 2 ? 0xff : 0x10));
                overwrite(path, (Span){ copy, bytes.len });
                refused += probe(path);
                copy[at] = bytes.ptr[at];
        }
        assert_true(refused > 20);
}

TEST(zeroed_pages_of_a_store_are_noticed_or_harmless)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        Span bytes = make_store(arena, path);
        char *copy = span_text(arena, bytes);

        for (size_t page = 0; page * 4096 < bytes.len; page++) {
                memset(copy + page * 4096, 0, 4096);
                overwrite(path, (Span){ copy, bytes.len });
                probe(path);
                memcpy(copy + page * 4096, bytes.ptr + page * 4096, 4096);
        }
}

/* Edits with SQL, past the triggers, as somebody with the sqlite3 tool could. */
static void edit(const char *path, const char *sql)
{
        sqlite3 *db;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
                fail_msg("%s: %s", sql, sqlite3_errmsg(db));
        sqlite3_close(db);
}

TEST(edited_runs_are_refused)
{
        static const char *const edits[] = {
                "DROP TRIGGER runs_stay; UPDATE runs SET label = 'better' WHERE id = 1",
                "DROP TRIGGER runs_stay; UPDATE runs SET wall_ns = wall_ns + 1 WHERE id = 1",
                "DROP TRIGGER runs_stay; UPDATE runs SET partial = 1 WHERE id = 1",
                "DROP TRIGGER runs_stay; UPDATE runs SET document = document || ' '",
                "DROP TRIGGER blobs_stay; UPDATE blobs SET data = x'28b52ffd'",
                "DROP TRIGGER blobs_stay; UPDATE blobs SET size_bytes = size_bytes + 1",
                "DROP TRIGGER blobs_stay; UPDATE blobs SET size_bytes = 9223372036854775807",
                "DROP TRIGGER blobs_stay; UPDATE blobs SET data = (SELECT data FROM blobs LIMIT 1)",
                "DROP TRIGGER blobs_last; DELETE FROM blobs",
                "DROP TRIGGER metric_values_stay; UPDATE metric_values SET value = value / 2",
                "DROP TRIGGER metric_values_stay; UPDATE metric_values SET n = n + 1",
                "DROP TRIGGER metric_values_last; DELETE FROM metric_values WHERE ordinal = 1",
                "INSERT INTO metric_values VALUES (1, 99, 'cpu', '', 1, NULL, NULL, 0)",
                "DROP TRIGGER run_blobs_last; DELETE FROM run_blobs",
                "DROP TABLE metric_values",
                "UPDATE documents SET data = x'00'",
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        Span bytes = make_store(arena, path);

        for (size_t i = 0; i < COUNT(edits); i++) {
                Mark mark = arena_mark(arena);
                Store *store = NULL;
                uint64_t runs;
                Error err = { 0 };

                overwrite(path, bytes);
                edit(path, edits[i]);
                assert_ok(store_open(path, STORE_READ, arena, &store, &err), err);
                if (store_verify(store, &runs, &err) >= 0)
                        fail_msg("not noticed: %s", edits[i]);
                assert_int_equal(err.code, ERR_CORRUPT);
                store_close(store);
                arena_reset(arena, mark);
        }
}

TEST(put_refuses_to_lean_on_a_damaged_blob)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        AUTO(store_closep) Store *store = NULL;
        uint64_t id;
        Error err = { 0 };

        make_store(arena, path);
        edit(path, "DROP TRIGGER blobs_stay; UPDATE blobs SET data = x'28b52ffd'");
        assert_ok(store_open(path, STORE_WRITE, arena, &store, &err), err);
        assert_fails(store_put(store, example_run(arena, 1), &id, &err), err, ERR_CORRUPT);
        assert_ok(store_put(store, example_run(arena, 53), &id, &err), err);
}

TEST(files_of_others_are_refused_by_name_and_not_touched)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "other.db");
        Span before, after;
        Store *store;
        Error err = { 0 };

        edit(path, "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)");
        assert_ok(file_read(path, MiB(1), arena, &before, &err), err);
        assert_fails(store_open(path, STORE_WRITE, arena, &store, &err), err, ERR_INPUT);
        assert_true(span_contains(span_of(err.message), path));
        assert_fails(store_open(path, STORE_READ, arena, &store, &err), err, ERR_INPUT);
        assert_ok(file_read(path, MiB(1), arena, &after, &err), err);
        assert_true(span_eq(before, after));
        overwrite(path, SPAN("this is a text file, long enough to be read as a header of SQLite, "
                             "but it is none, and so it has to be refused with its own name"));
        assert_fails(store_open(path, STORE_WRITE, arena, &store, &err), err, ERR_CORRUPT);
        assert_true(span_contains(span_of(err.message), path));
}

TEST(store_of_a_newer_hone_is_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        Store *store;
        Error err = { 0 };

        make_store(arena, path);
        edit(path, "PRAGMA user_version = 999");
        assert_fails(store_open(path, STORE_WRITE, arena, &store, &err), err, ERR_UNAVAILABLE);
        assert_true(span_contains(span_of(err.message), "schema 999"));
        assert_fails(store_open(path, STORE_READ, arena, &store, &err), err, ERR_UNAVAILABLE);
        edit(path, "PRAGMA user_version = 0");
        assert_fails(store_open(path, STORE_WRITE, arena, &store, &err), err, ERR_CORRUPT);
}

/* --- where nothing can be written --- */

static int in_child(int (*body)(const char *), const char *path)
{
        int status;
        pid_t pid = fork();

        if (pid == 0)
                _exit(body(path));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

#define CANNOT_MOUNT 77

/* The folder of `path` becomes read-only, for this process alone. */
static bool make_read_only(const char *path)
{
        char folder[4096];

        snprintf(folder, sizeof(folder), "%s", path);
        *strrchr(folder, '/') = '\0';
        return unshare(CLONE_NEWNS) == 0 &&
               mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
               mount(folder, folder, NULL, MS_BIND, NULL) == 0 &&
               mount("none", folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0;
}

static int reads_where_nothing_can_be_written(const char *path)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Store *store = NULL;
        Error err = { 0 };
        Run *run;

        if (!make_read_only(path))
                return CANNOT_MOUNT;
        if (store_open(path, STORE_WRITE, arena, &store, &err) != -EROFS || !err.hint[0])
                return 1;
        if (store_open(path, STORE_READ, arena, &store, &err) < 0)
                return 2;
        if (store_get(store, 2, arena, &run, &err) < 0)
                return 3;
        store_close(store);
        return 0;
}

TEST(store_on_a_read_only_file_system_can_be_read_and_says_that_it_cannot_be_written)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "hone?%#.db");
        int status;

        make_store(arena, path);
        status = in_child(reads_where_nothing_can_be_written, path);
        if (status == CANNOT_MOUNT)
                skip_because("mounting needs root");
        assert_int_equal(status, 0);
}

static int refuses_unfinished_work(const char *path)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Store *store = NULL;
        Error err = { 0 };
        int r;

        if (!make_read_only(path))
                return CANNOT_MOUNT;
        r = store_open(path, STORE_READ, arena, &store, &err);
        return r == -EROFS && span_contains(span_of(err.hint), "-wal") ? 0 : 1;
}

TEST(unfinished_store_on_a_read_only_file_system_is_refused_with_a_way_out)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *folder = example_folder(arena);
        char *from = path_join(arena, folder, "live.db"), *to = path_join(arena, folder, "hone.db");
        Store *store = NULL;
        uint64_t id;
        Span bytes;
        Error err = { 0 };
        int status;

        assert_ok(store_open(from, STORE_WRITE, arena, &store, &err), err);
        assert_ok(store_put(store, example_run(arena, 1), &id, &err), err);
        assert_ok(file_read(from, MiB(16), arena, &bytes, &err), err);
        overwrite(to, bytes);
        assert_ok(file_read(arena_printf(arena, "%s-wal", from), MiB(16), arena, &bytes, &err),
                  err);
        overwrite(arena_printf(arena, "%s-wal", to), bytes);
        store_close(store);
        status = in_child(refuses_unfinished_work, to);
        if (status == CANNOT_MOUNT)
                skip_because("mounting needs root");
        assert_int_equal(status, 0);
}
