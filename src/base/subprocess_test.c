#include "base/fs.h"
#include "base/interrupt.h"
#include "base/os.h"
#include "base/subprocess.h"
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static Subprocess run_ok(Arena *arena, const SubprocessPlan *plan)
{
        Subprocess done = { 0 };
        Error err = { 0 };

        assert_ok(subprocess_run(plan, arena, &done, &err), err);
        return done;
}

/* Gone, or dead and waiting for a parent that does not reap (a container's init). */
static bool is_gone(pid_t pid)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span stat;

        if (file_read(arena_printf(arena, "/proc/%d/stat", pid), KiB(8), arena, &stat, NULL) < 0)
                return true;
        return span_contains(stat, ") Z");
}

static bool is_gone_soon(pid_t pid)
{
        for (int i = 0; i < 1000; i++) {
                if (is_gone(pid))
                        return true;
                os_real()->sleep_ns(os_real(), 10 * NS_PER_MS);
        }
        return false;
}

static size_t open_fds(bool inherited_only)
{
        DIR *dir = opendir("/proc/self/fd");
        struct dirent *entry;
        size_t n = 0;

        assert_non_null(dir);
        while ((entry = readdir(dir))) {
                uint64_t fd;

                if (span_to_u64(span_of(entry->d_name), &fd, NULL) < 0 || (int)fd == dirfd(dir))
                        continue;
                n += !inherited_only || !(fcntl((int)fd, F_GETFD) & FD_CLOEXEC);
        }
        closedir(dir);
        return n;
}

TEST(subprocess_keeps_both_streams_and_the_status)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done =
                run_ok(arena, &(SubprocessPlan){ .shell = "echo out; echo err >&2; exit 7" });

        assert_int_equal(done.exit_status, 7);
        assert_span(done.out, "out\n");
        assert_span(done.error, "err\n");
        assert_false(done.timed_out);
        assert_false(done.truncated);
        assert_true(done.wall_ns > 0);
}

TEST(subprocess_gives_words_without_a_shell)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done = run_ok(
                arena, &(SubprocessPlan){ .argv = ARGV("printf", "%s|", "a b", "$HOME", "*", "") });

        assert_span(done.out, "a b|$HOME|*||");
}

TEST(subprocess_merges_streams_in_order)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done = run_ok(arena, &(SubprocessPlan){ .shell = "echo 1; echo 2 >&2; echo 3",
                                                           .merge_streams = true });

        assert_span(done.out, "1\n2\n3\n");
        assert_span(done.error, "");
}

TEST(subprocess_feeds_input_of_any_size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        char *large = new (arena, char, MiB(4));
        Subprocess done = run_ok(arena, &(SubprocessPlan){ .argv = ARGV("cat"),
                                                           .input = { large, MiB(4) },
                                                           .max_output = MiB(8) });

        assert_int_equal(done.out.len, MiB(4));
        /* A program that does not read its input must not disturb us. */
        done = run_ok(arena, &(SubprocessPlan){ .argv = ARGV("true"), .input = { large, MiB(4) } });
        assert_int_equal(done.exit_status, 0);
        done = run_ok(arena, &(SubprocessPlan){ .argv = ARGV("cat") });
        assert_span(done.out, "");
}

TEST(subprocess_sets_the_folder_and_the_environment)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done;

        setenv("HONE_TEST_A", "old", 1);
        done = run_ok(arena,
                      &(SubprocessPlan){ .shell = "pwd; echo $HONE_TEST_A $HONE_TEST_B",
                                         .dir = "/proc",
                                         .extra_env = ARGV("HONE_TEST_A=new", "HONE_TEST_B=b=c") });
        assert_span(done.out, "/proc\nnew b=c\n");
        unsetenv("HONE_TEST_A");
}

TEST(subprocess_keeps_the_first_bytes_and_drains_the_rest)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done = run_ok(
                arena, &(SubprocessPlan){ .shell = "printf 0123456789; head -c 10000000 /dev/zero; "
                                                   "head -c 300000 /dev/zero >&2; exit 3",
                                          .max_output = 5 });

        assert_span(done.out, "01234");
        assert_int_equal(done.error.len, 5);
        assert_true(done.truncated);
        assert_int_equal(done.exit_status, 3);
        done = run_ok(arena, &(SubprocessPlan){ .argv = ARGV("printf", "12345"), .max_output = 5 });
        assert_false(done.truncated);
}

TEST(subprocess_output_past_the_arena_is_truncated_not_fatal)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        Subprocess done = run_ok(arena, &(SubprocessPlan){ .shell = "head -c 10000000 /dev/zero",
                                                           .max_output = GiB(1) });

        assert_true(done.truncated);
        assert_true(done.out.len > 0);
        assert_int_equal(done.exit_status, 0);
}

TEST(subprocess_reports_the_signal_that_ended_it)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done = run_ok(arena, &(SubprocessPlan){ .shell = "kill -SEGV $$" });

        assert_int_equal(done.exit_status, 128 + SIGSEGV);
}

TEST(subprocess_children_start_with_default_signals)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done;

        signal(SIGPIPE, SIG_IGN);
        done = run_ok(arena, &(SubprocessPlan){ .shell = "kill -PIPE $$; echo survived" });
        signal(SIGPIPE, SIG_DFL);
        assert_int_equal(done.exit_status, 128 + SIGPIPE);
        signal(SIGCHLD, SIG_IGN);
        done = run_ok(arena, &(SubprocessPlan){ .shell = "exit 5" });
        assert_int_equal(done.exit_status, 5);
}

TEST(subprocess_measures_what_it_cost)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done = run_ok(
                arena, &(SubprocessPlan){ .shell = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); "
                                                   "done; head -c 50M /dev/zero | tail -c 50M",
                                          .max_output = 1 });

        assert_true(done.user_ns > 0);
        assert_true(done.user_ns + done.system_ns > NS_PER_MS);
        /* 0 only where our own peak is above it (a sanitizer's). */
        assert_true(done.peak_rss_bytes == 0 || done.peak_rss_bytes > MiB(40));
}

TEST(subprocess_time_limit_ends_the_whole_group)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done = run_ok(arena, &(SubprocessPlan){ .shell = "sleep 1000 & echo $!; wait",
                                                           .timeout_ns = 200 * NS_PER_MS });
        uint64_t pid;
        Error err;

        assert_true(done.timed_out);
        assert_int_equal(done.exit_status, 128 + SIGTERM);
        assert_ok(span_to_u64(span_trim(done.out), &pid, &err), err);
        assert_true(is_gone_soon((pid_t)pid));
}

TEST(subprocess_time_limit_kills_what_ignores_it)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done = run_ok(
                arena,
                &(SubprocessPlan){ .shell = "trap '' TERM; echo started; while :; do sleep 1; done",
                                   .timeout_ns = 200 * NS_PER_MS });

        assert_true(done.timed_out);
        assert_int_equal(done.exit_status, 128 + SIGKILL);
        assert_span(done.out, "started\n");
}

TEST(subprocess_time_limit_holds_while_it_floods_us)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done = run_ok(arena, &(SubprocessPlan){ .argv = ARGV("yes"),
                                                           .timeout_ns = 200 * NS_PER_MS,
                                                           .max_output = 4 });

        assert_true(done.timed_out);
        assert_true(done.truncated);
        assert_span(done.out, "y\ny\n");
}

TEST(subprocess_ends_what_a_finished_command_left_behind)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const char *const commands[] = { "sleep 1000 & echo $!",
                                         "sleep 1000 >/dev/null 2>&1 & echo $!" };

        for (size_t i = 0; i < COUNT(commands); i++) {
                Subprocess done = run_ok(arena, &(SubprocessPlan){ .shell = commands[i] });
                uint64_t pid;
                Error err;

                assert_int_equal(done.exit_status, 0);
                assert_false(done.timed_out);
                assert_ok(span_to_u64(span_trim(done.out), &pid, &err), err);
                assert_true(is_gone_soon((pid_t)pid));
        }
}

TEST(subprocess_is_interrupted_unless_it_cleans_up)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done;
        Error err = { 0 };

        interrupt_install();
        interrupt_clear();
        assert_fails(subprocess_run(&(SubprocessPlan){ .shell = "kill -TERM $PPID; sleep 1000" },
                                    arena, &done, &err),
                     err, ERR_INTERRUPTED);
        assert_fails(subprocess_run(&(SubprocessPlan){ .argv = ARGV("true") }, arena, &done, &err),
                     err, ERR_INTERRUPTED);
        done = run_ok(arena, &(SubprocessPlan){ .shell = "sleep 0.1; exit 4",
                                                .survives_interrupt = true });
        interrupt_clear();
        assert_int_equal(done.exit_status, 4);
}

TEST(subprocess_appends_to_a_file)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char path[] = "/tmp/hone-subprocess-XXXXXX";
        int fd = mkostemp(path, O_CLOEXEC);
        Subprocess done;
        Span text;
        Error err = { 0 };

        assert_true(fd >= 0);
        close(fd);
        for (int i = 0; i < 2; i++)
                done = run_ok(arena, &(SubprocessPlan){ .shell = "echo o; echo e >&2",
                                                        .output_path = path });
        assert_span(done.out, "");
        assert_ok(file_read(path, 100, arena, &text, &err), err);
        assert_span(text, "o\ne\no\ne\n");
        unlink(path);
        assert_fails(subprocess_run(&(SubprocessPlan){ .argv = ARGV("true"),
                                                       .output_path = "/no/such/file" },
                                    arena, &done, &err),
                     err, ENOENT);
}

TEST(subprocess_says_why_it_cannot_start)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done;
        Error err = { 0 };

        assert_fails(subprocess_run(&(SubprocessPlan){ .argv = ARGV("hone-no-such") }, arena, &done,
                                    &err),
                     err, ENOENT);
        assert_string_equal(err.message, "cannot run 'hone-no-such': No such file or directory");
        assert_non_null(strstr(err.hint, "PATH"));
        assert_fails(subprocess_run(&(SubprocessPlan){ .argv = ARGV("/etc/passwd") }, arena, &done,
                                    &err),
                     err, EACCES);
        assert_non_null(strstr(err.hint, "executed"));
        assert_fails(subprocess_run(&(SubprocessPlan){ .argv = ARGV("true"), .dir = "/no/such" },
                                    arena, &done, &err),
                     err, ENOENT);
        assert_non_null(strstr(err.message, "cannot enter '/no/such'"));
}

typedef struct Failing {
        SubprocessPlan plan;
        int code;
        const char *message;
} Failing;

TEST(subprocess_must_quotes_what_the_program_said_last)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const Failing cases[] = {
                { { .shell = "echo fatal: no >&2; echo >&2; echo out; exit 128" },
                  ERR_FAILED,
                  "failed with exit status 128: fatal: no" },
                { { .shell = "echo first; echo last; exit 1" }, ERR_FAILED, "status 1: last" },
                { { .argv = ARGV("false") }, ERR_FAILED, "'false' failed with exit status 1" },
                { { .shell = "printf 'a\\033[2Jb' >&2; exit 1" }, ERR_FAILED, "1: a?[2Jb" },
                { { .shell = "head -c 9000 /dev/zero | tr '\\0' x; exit 1" },
                  ERR_FAILED,
                  "xxx..." },
                { { .argv = ARGV("false", "0123456789012345678901234567890123456789", "second word",
                                 "0123456789012345678901234567890123456789", "more", "and more") },
                  ERR_FAILED,
                  "second word 0123456789012345678901234567890123456...'" },
                { { .shell = "kill -KILL $$" }, ERR_FAILED, "was ended by signal 9 (Killed)" },
                { { .shell = "sleep 100", .timeout_ns = 50 * NS_PER_MS },
                  ERR_TIMEOUT,
                  "'sleep 100' did not end within 50 ms" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
                Subprocess done = { .exit_status = 77 };
                Error err = { 0 };

                assert_fails(subprocess_must(&cases[i].plan, arena, &done, &err), err,
                             cases[i].code);
                assert_int_equal(done.exit_status, 77);
                if (!strstr(err.message, cases[i].message))
                        fail_msg("'%s' does not say '%s'", err.message, cases[i].message);
        }
}

TEST(subprocess_must_can_fail_when_output_has_filled_the_arena)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Subprocess done;
        Error err = { 0 };

        for (int i = 0; i < 5; i++)
                assert_fails(subprocess_must(&(SubprocessPlan){ .shell = "yes | head -c 1000000; "
                                                                         "echo why >&2; exit 1",
                                                                .max_output = GiB(1) },
                                             arena, &done, &err),
                             err, ERR_FAILED);
}

TEST(subprocess_leaks_no_descriptors_to_us_or_to_children)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        size_t before = open_fds(false), inherited = open_fds(true);
        Subprocess done;
        uint64_t seen;
        Error err = { 0 };

        for (int i = 0; i < 50; i++) {
                done = run_ok(arena, &(SubprocessPlan){ .argv = ARGV("ls", "/proc/self/fd"),
                                                        .input = SPAN("x") });
                assert_true(subprocess_run(&(SubprocessPlan){ .argv = ARGV("hone-no-such") }, arena,
                                           &done, NULL) < 0);
        }
        assert_int_equal(open_fds(false), before);
        done = run_ok(arena, &(SubprocessPlan){ .shell = "ls /proc/self/fd | wc -l" });
        assert_ok(span_to_u64(span_trim(done.out), &seen, &err), err);
        assert_int_equal(seen, inherited + 1); /* ls opens the folder */
}

TEST(subprocess_works_without_standard_streams)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Subprocess done;
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                close(0);
                close(1);
                close(2);
                if (subprocess_run(
                            &(SubprocessPlan){ .shell = "cat; echo e >&2", .input = SPAN("in") },
                            arena, &done, NULL) < 0)
                        _exit(1);
                _exit(!span_is(done.out, "in") || !span_is(done.error, "e\n"));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

TEST(child_runs_until_it_is_stopped)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Child child = { 0 };
        Error err = { 0 };
        pid_t pid;

        assert_false(child_alive(&child));
        child_stop(&child);
        assert_ok(subprocess_start(&(SubprocessPlan){ .argv = ARGV("sleep", "1000") }, arena,
                                   &child, &err),
                  err);
        pid = child.pid;
        assert_true(child_alive(&child));
        assert_int_equal(getpgid(pid), pid);
        child_stop(&child);
        assert_int_equal(child.pid, 0);
        assert_true(is_gone(pid));
        assert_false(child_alive(&child));
}

TEST(child_that_ended_is_noticed_and_reaped)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Child child;
        Error err = { 0 };
        pid_t pid;

        assert_ok(subprocess_start(&(SubprocessPlan){ .argv = ARGV("true") }, arena, &child, &err),
                  err);
        pid = child.pid;
        for (int i = 0; i < 1000 && child_alive(&child); i++)
                os_real()->sleep_ns(os_real(), 10 * NS_PER_MS);
        assert_int_equal(child.pid, 0);
        assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
        assert_fails(subprocess_start(&(SubprocessPlan){ .argv = ARGV("hone-no-such") }, arena,
                                      &child, &err),
                     err, ENOENT);
}

/* A hone that is killed: its child must follow. */
TEST(child_dies_with_its_parent)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        int ends[2], status;
        pid_t parent, pid = 0;

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
        parent = fork();
        assert_true(parent >= 0);
        if (parent == 0) {
                Child child = { 0 };

                subprocess_start(&(SubprocessPlan){ .argv = ARGV("sleep", "1000") }, arena, &child,
                                 NULL);
                if (write(ends[1], &child.pid, sizeof(child.pid)) < 0)
                        _exit(1);
                pause();
        }
        assert_int_equal(read(ends[0], &pid, sizeof(pid)), sizeof(pid));
        assert_true(pid > 0);
        assert_int_equal(kill(parent, SIGKILL), 0);
        assert_int_equal(waitpid(parent, &status, 0), parent);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
        close(ends[0]);
        close(ends[1]);
}
