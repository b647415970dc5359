#include "instrument/profile/launch.h"

#include "instrument/profile/task_list.h"

#include "harness.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_for_end(int pid)
{
        siginfo_t info;

        assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

TEST(a_command_starts_when_it_is_let_go)
{
        const char *const argv[] = { "sh", "-c", "exit 7", NULL };
        Launch launch = LAUNCH_NONE;
        Error err = { 0 };

        assert_ok(launch_prepare(argv, &launch, &err), err);
        assert_int_equal(waitpid(launch.pid, NULL, WNOHANG), 0);
        assert_ok(launch_go(&launch, &err), err);
        wait_for_end(launch.pid);
        launch_stop(&launch);
        assert_int_equal(launch.pid, 0);
        assert_int_equal(launch.exit_status, 7);
}

TEST(a_program_that_is_not_there_is_an_error)
{
        const char *const argv[] = { "/nonexistent/program", NULL };
        const char *const none[] = { NULL };
        Launch launch = LAUNCH_NONE;
        Error err = { 0 };

        assert_ok(launch_prepare(argv, &launch, &err), err);
        assert_fails(launch_go(&launch, &err), err, ENOENT);
        assert_int_equal(launch.pid, 0);
        assert_fails(launch_prepare(none, &launch, &err), err, ERR_USAGE);
        assert_fails(launch_prepare(NULL, &launch, &err), err, ERR_USAGE);
}

TEST(a_command_that_never_went_never_runs)
{
        const char *const argv[] = { "sh", "-c", "exit 7", NULL };
        Launch launch = LAUNCH_NONE;
        Error err = { 0 };

        assert_ok(launch_prepare(argv, &launch, &err), err);
        launch_stop(&launch);
        assert_int_equal(launch.pid, 0);
        assert_int_equal(launch.exit_status, 128 + SIGKILL);
        launch_stop(&launch);
}

TEST(stopping_ends_the_command_and_its_children)
{
        const char *const argv[] = { "sh", "-c", "sleep 1000 & sleep 1000", NULL };
        Launch launch = LAUNCH_NONE;
        Error err = { 0 };
        int group;

        assert_ok(launch_prepare(argv, &launch, &err), err);
        group = launch.pid;
        assert_ok(launch_go(&launch, &err), err);
        launch_stop(&launch);
        assert_int_equal(launch.exit_status, 128 + SIGTERM);
        for (int i = 0; i < 500 && kill(-group, 0) == 0; i++)
                usleep(10000);
        assert_int_equal(kill(-group, 0), -1);
        assert_int_equal(errno, ESRCH);
}

TEST(a_process_and_its_children_are_listed)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        TaskList list = { 0 }, threads = { 0 };
        Error err = { 0 };
        bool found = false;
        int pid = fork();

        if (pid == 0) {
                pause();
                _exit(0);
        }
        assert_ok(task_processes(getpid(), arena, &list, &err), err);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        assert_int_equal(list.items[0], getpid());
        vec_each (int, it, &list)
                found |= *it == pid;
        assert_true(found);
        assert_ok(task_threads(getpid(), arena, &threads, &err), err);
        assert_true(threads.len >= 1);
        assert_int_equal(threads.items[0], getpid());
}

TEST(a_process_that_is_not_there_is_not_found)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        TaskList list = { 0 };
        Error err = { 0 };

        assert_fails(task_processes(0x7ffffff0, arena, &list, &err), err, ERR_NOT_FOUND);
        assert_ok(task_threads(0x7ffffff0, arena, &list, &err), err);
        assert_int_equal(list.len, 0);
}
