/* Every point at which writing can be cut short or fail, one after the other. */

#include "store/fault_vfs.h"
#include "store/store_example.h"
#include "store/store_int.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "harness.h"

#define RUNS_FIRST 1 /* stored before the faults begin */
#define MOST_OPERATIONS 5000

/* What the child does: opens, stores one run, then two at once, then a document. Writes a byte
 * into `told` after each success, so that the parent knows what was promised. */
static void work(const char *path, int told)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Run *pair[] = { example_run(arena, 3), example_run(arena, 4) };
        Store *store;
        uint64_t id, ids[2];

        if (store_open(path, STORE_WRITE, arena, &store, NULL) < 0)
                _exit(1);
        if (store_put(store, example_run(arena, 2), &id, NULL) < 0 || write(told, "1", 1) != 1)
                _exit(2);
        if (store_put_all(store, pair, 2, ids, NULL) < 0 || write(told, "2", 1) != 1)
                _exit(3);
        if (store_put_document(store, "doc", SPAN("whole"), NULL) < 0 || write(told, "3", 1) != 1)
                _exit(4);
        store_close(store);
        _exit(0);
}

/* Runs the child with the plan; returns how it ended and how many successes it told. */
static int run_child(const char *path, FaultPlan plan, int *ret_told)
{
        char bytes[16];
        int fds[2], status;
        pid_t pid;

        assert_int_equal(pipe(fds), 0);
        pid = fork();
        if (pid == 0) {
                fault_vfs_install();
                fault_vfs_plan(plan);
                work(path, fds[1]);
        }
        assert_true(pid > 0);
        close(fds[1]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        *ret_told = (int)read(fds[0], bytes, sizeof(bytes));
        close(fds[0]);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

/* After any end the store opens, holds only whole runs, and all that was promised. */
static void assert_whole(const char *path, int told)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        static const uint64_t promised[] = { 0, 1, 3, 3 };
        Store *store = NULL;
        uint64_t runs;
        Span text;
        Error err = { 0 };
        int r;

        assert_ok(store_open(path, STORE_WRITE, arena, &store, &err), err);
        assert_ok(store_verify(store, &runs, &err), err);
        assert_true(runs == RUNS_FIRST || runs == RUNS_FIRST + 1 || runs == RUNS_FIRST + 3);
        assert_true(runs >= RUNS_FIRST + promised[told]);
        for (uint64_t i = 0; i < runs; i++) {
                Run *run;

                assert_ok(store_get(store, i + 1, arena, &run, &err), err);
                assert_example(run, i + 1);
        }
        r = store_get_document(store, "doc", arena, &text, &err);
        assert_true(r == 0 ? span_is(text, "whole") : err.code == ERR_NOT_FOUND && told < 3);
        store_close(store);
}

/* A store with one run, as bytes, to begin each round from. */
static Span first_store(Arena *arena, const char *folder)
{
        char *path = path_join(arena, folder, "first.db");
        Store *store = NULL;
        Span bytes;
        uint64_t id;
        Error err = { 0 };

        assert_ok(store_open(path, STORE_WRITE, arena, &store, &err), err);
        assert_ok(store_put(store, example_run(arena, 1), &id, &err), err);
        store_close(store);
        assert_ok(file_read(path, MiB(16), arena, &bytes, &err), err);
        return bytes;
}

static void begin_round(Arena *arena, const char *path, Span bytes)
{
        Error err = { 0 };

        unlink(arena_printf(arena, "%s-wal", path));
        unlink(arena_printf(arena, "%s-shm", path));
        assert_ok(file_write(path, bytes, &err), err);
}

static void end_at_every_operation(FaultAction action)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *folder = example_folder(arena);
        char *path = path_join(arena, folder, "hone.db");
        Span bytes = first_store(arena, folder);
        uint64_t at;

        for (at = 1; at < MOST_OPERATIONS; at++) {
                Mark mark = arena_mark(arena);
                int told, status;

                begin_round(arena, path, bytes);
                status = run_child(path, (FaultPlan){ .at = at, .action = action }, &told);
                assert_whole(path, told);
                arena_reset(arena, mark);
                if (status == 0)
                        break;
                assert_int_equal(status, FAULT_EXIT_STATUS);
        }
        print_message("# %d operations\n", (int)at - 1);
        assert_true(at > 20 && at < MOST_OPERATIONS);
}

TEST(kill_at_every_write_leaves_whole_runs_only)
{
        end_at_every_operation(FAULT_EXIT);
}

TEST(power_lost_at_every_write_leaves_whole_runs_only)
{
        end_at_every_operation(FAULT_POWER);
}

static void end_making_a_store(FaultAction action)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        uint64_t at;

        for (at = 1; at < MOST_OPERATIONS; at++) {
                Mark mark = arena_mark(arena);
                Store *store = NULL;
                uint64_t runs, id;
                Error err = { 0 };
                int told, status;

                begin_round(arena, path, SPAN(""));
                status = run_child(path, (FaultPlan){ .at = at, .action = action }, &told);
                assert_ok(store_open(path, STORE_WRITE, arena, &store, &err), err);
                assert_ok(store_verify(store, &runs, &err), err);
                assert_true(runs == 0 || runs == 1 || runs == 3);
                assert_ok(store_put(store, example_run(arena, 9), &id, &err), err);
                store_close(store);
                arena_reset(arena, mark);
                if (status == 0 || told > 0)
                        break;
        }
        assert_true(at > 5 && at < MOST_OPERATIONS);
}

TEST(kill_at_every_write_of_a_new_store_leaves_a_store)
{
        end_making_a_store(FAULT_EXIT);
}

TEST(power_lost_at_every_write_of_a_new_store_leaves_a_store)
{
        end_making_a_store(FAULT_POWER);
}

TEST(disk_full_at_every_write_of_a_new_store_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *path = path_join(arena, example_folder(arena), "hone.db");
        bool passed = false;
        uint64_t at = 0;

        fault_vfs_install();
        while (!passed && at++ < MOST_OPERATIONS) {
                Mark mark = arena_mark(arena);
                Store *store = NULL;
                Error err = { 0 };
                int r;

                begin_round(arena, path, SPAN(""));
                fault_vfs_plan((FaultPlan){ .at = at, .action = FAULT_FULL, .stays = true });
                r = store_open(path, STORE_WRITE, arena, &store, &err);
                passed = fault_vfs_count() < at;
                fault_vfs_plan((FaultPlan){ 0 });
                if (r < 0)
                        assert_int_equal(err.code, ENOSPC);
                store_close(store);
                assert_ok(store_open(path, STORE_WRITE, arena, &store, &err), err);
                store_close(store);
                arena_reset(arena, mark);
        }
        fault_vfs_remove();
        assert_true(passed && at > 5);
}

/* One round of storing with an error at the n-th operation; true when none was met any more. */
static bool fail_once(Arena *arena, const char *path, FaultPlan plan, int code)
{
        Store *store = NULL;
        uint64_t runs, id = 0, again;
        Error err = { 0 };
        Run *run;
        int r;

        assert_ok(store_open(path, STORE_WRITE, arena, &store, &err), err);
        fault_vfs_plan(plan);
        r = store_put(store, example_run(arena, 2), &id, &err);
        if (r < 0)
                assert_int_equal(err.code, code);
        if (r < 0 && code == ENOSPC)
                assert_true(span_contains(span_of(err.message), "No space left on device"));
        r = fault_vfs_count() >= plan.at ? r : 1;
        fault_vfs_plan((FaultPlan){ 0 });
        assert_ok(store_verify(store, &runs, &err), err);
        assert_int_equal(runs, r < 0 ? RUNS_FIRST : RUNS_FIRST + 1);
        assert_ok(store_put(store, example_run(arena, 3), &again, &err), err);
        assert_ok(store_get(store, again, arena, &run, &err), err);
        assert_example(run, 3);
        assert_true(again > id);
        store_close(store);
        return r == 1;
}

static void fail_at_every_operation(FaultAction action, bool stays, int code)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        char *folder = example_folder(arena);
        char *path = path_join(arena, folder, "hone.db");
        Span bytes = first_store(arena, folder);
        bool passed = false;
        uint64_t at = 0;

        fault_vfs_install();
        while (!passed && at++ < MOST_OPERATIONS) {
                Mark mark = arena_mark(arena);

                begin_round(arena, path, bytes);
                passed = fail_once(arena, path,
                                   (FaultPlan){ .at = at, .action = action, .stays = stays }, code);
                arena_reset(arena, mark);
        }
        fault_vfs_remove();
        assert_true(passed && at > 5);
}

TEST(disk_full_at_every_write_says_so_and_stores_nothing)
{
        fail_at_every_operation(FAULT_FULL, false, ENOSPC);
        fail_at_every_operation(FAULT_FULL, true, ENOSPC);
}

TEST(failing_disk_at_every_write_says_so_and_stores_nothing)
{
        fail_at_every_operation(FAULT_IOERR, false, EIO);
        fail_at_every_operation(FAULT_IOERR, true, EIO);
}
