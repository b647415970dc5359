#include "base/fs.h"
#include "base/interrupt.h"
#include "base/os.h"
#include "harness.h"
#include "instrument/bench/exec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

static Launcher *launcher_new(Arena *arena)
{
        Launcher *launcher;
        Error err = { 0 };

        assert_ok(launcher_start(arena, &launcher, &err), err);
        return launcher;
}

static ExecSample exec_ok(Launcher *launcher, Arena *arena, const ExecPlan *plan)
{
        ExecSample sample = { 0 };
        Error err = { 0 };

        assert_ok(launcher_exec(launcher, plan, arena, &sample, &err), err);
        return sample;
}

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

static pid_t number_in(Span text)
{
        uint64_t n;
        Error err = { 0 };

        assert_ok(span_to_u64(span_trim(text), &n, &err), err);
        return (pid_t)n;
}

TEST(launcher_says_what_a_program_used)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        ExecSample quick = exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("true") });
        ExecSample busy = exec_ok(launcher, arena,
                                  &(ExecPlan){ .shell = "i=0; while [ $i -lt 200000 ]; do "
                                                        "i=$((i+1)); done; exit 7" });

        assert_int_equal(quick.exit_status, 0);
        assert_false(quick.timed_out || quick.left_behind || quick.output_truncated);
        assert_true(quick.wall_ns > 0 && quick.minor_faults > 0);
        assert_int_equal(busy.exit_status, 7);
        assert_true(busy.user_ns + busy.system_ns > quick.user_ns + quick.system_ns);
        assert_true(busy.wall_ns + 20 * NS_PER_MS > busy.user_ns + busy.system_ns);
        assert_int_equal(quick.instructions, 0);
}

TEST(launcher_counts_what_children_used)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        ExecSample one = exec_ok(launcher, arena, &(ExecPlan){ .shell = ":" });
        ExecSample more = exec_ok(launcher, arena,
                                  &(ExecPlan){ .shell = "/bin/true; /bin/true; head -c 50M "
                                                        "/dev/zero | tail -c 50M | wc -c; :" });

        assert_true(more.minor_faults > 2 * one.minor_faults);
        assert_true(more.peak_rss_bytes > MiB(49));
        assert_true(more.voluntary_switches > one.voluntary_switches);
}

/* One page of each in the arena is enough for it to be resident. */
static void touch(char *bytes, size_t n)
{
        for (size_t i = 0; i < n; i += 4096)
                ((volatile char *)bytes)[i] = 1;
}

/* The peak is the program's, neither the launcher's nor that of a hone that has grown. */
TEST(launcher_tells_the_peak_of_small_and_large_programs)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(arena_freep) Arena *large = arena_new(GiB(2));
        AUTO(launcher_stopp) Launcher *before = launcher_new(arena);
        AUTO(launcher_stopp) Launcher *after = NULL;
        uint64_t peak_small = 0;

        touch(new (large, char, GiB(1)), GiB(1));
        after = launcher_new(arena);
        for (int i = 0; i < 2; i++) {
                Launcher *launcher = i ? after : before;
                ExecSample small = exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("true") });
                ExecSample big = exec_ok(launcher, arena,
                                         &(ExecPlan){ .argv = ARGV("dd", "if=/dev/zero", "bs=50M",
                                                                   "count=1", "of=/dev/null") });

                assert_false(small.rss_is_floor || big.rss_is_floor);
                assert_true(small.peak_rss_bytes > KiB(100) && small.peak_rss_bytes < MiB(8));
                assert_true(big.peak_rss_bytes >= MiB(49) && big.peak_rss_bytes < MiB(60));
                peak_small = MAX(peak_small, small.peak_rss_bytes);
        }
        /* A large request is part of the floor, and is seen to be. */
        assert_true(
                exec_ok(after, arena, &(ExecPlan){ .argv = ARGV("true"), .env_padding = KiB(60) })
                        .peak_rss_bytes < peak_small + MiB(1));
}

TEST(launcher_counts_the_disk)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        char path[] = "/var/tmp/hone-launcher-XXXXXX";
        int fd = mkostemp(path, O_CLOEXEC);
        ExecSample sample;

        assert_true(fd >= 0);
        close(fd);
        sample = exec_ok(launcher, arena,
                         &(ExecPlan){ .argv = ARGV("dd", "if=/dev/zero", "bs=1M", "count=4",
                                                   arena_printf(arena, "of=%s", path)) });
        unlink(path);
        if (!sample.io_known)
                skip_because("this kernel does not count the I/O of processes");
        if (sample.write_bytes == 0)
                skip_because("/var/tmp is in memory");
        assert_true(sample.write_bytes >= MiB(4));
}

TEST(launcher_gives_words_folder_and_environment)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        ExecSample sample =
                exec_ok(launcher, arena,
                        &(ExecPlan){ .argv = ARGV("printf", "%s|", "a b", "$HOME", "*", ""),
                                     .max_output = 100 });

        assert_span(sample.output, "a b|$HOME|*||");
        setenv("HONE_TEST_A", "old", 1);
        sample = exec_ok(launcher, arena,
                         &(ExecPlan){ .shell = "pwd; echo $HONE_TEST_A $HONE_TEST_B $HONE_PADDING",
                                      .dir = "/proc",
                                      .extra_env = ARGV("HONE_TEST_A=new", "HONE_TEST_B=b=c"),
                                      .env_padding = 3,
                                      .max_output = 100 });
        unsetenv("HONE_TEST_A");
        assert_span(sample.output, "/proc\nnew b=c xxx\n");
}

/* A relative path is one in the folder the program runs in. */
TEST(launcher_finds_a_program_in_its_folder)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);

        exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("./true"), .dir = "/bin" });
}

/* The launcher's descriptors and hone's stay out of the program; signals are at their default. */
TEST(launcher_starts_programs_clean)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        int stray = fcntl(0, F_DUPFD, 200);
        AUTO(launcher_stopp) Launcher *launcher = NULL;
        ExecSample sample;

        signal(SIGPIPE, SIG_IGN);
        launcher = launcher_new(arena);
        signal(SIGPIPE, SIG_DFL);
        sample = exec_ok(launcher, arena,
                         &(ExecPlan){ .shell = "ls /proc/self/fd | tr '\\n' ' '; grep -E "
                                               "'Sig(Blk|Ign)' /proc/self/status | tr -d '\\n'; "
                                               ":",
                                      .max_output = 1000 });
        close(stray);
        assert_true(span_starts(sample.output, "0 1 2 3 "));
        assert_false(span_contains(sample.output, "200"));
        assert_true(span_contains(sample.output, "SigBlk:\t0000000000000000"));
        assert_false(span_contains(sample.output, "SigIgn:\t0000000000001000"));
}

TEST(launcher_keeps_output_to_a_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        ExecSample sample = exec_ok(launcher, arena,
                                    &(ExecPlan){ .shell = "printf 0123456789; head -c 10000000 "
                                                          "/dev/zero; echo error >&2; exit 3",
                                                 .max_output = 5 });

        assert_span(sample.output, "01234");
        assert_true(sample.output_truncated);
        assert_int_equal(sample.exit_status, 3);
        sample = exec_ok(launcher, arena,
                         &(ExecPlan){ .argv = ARGV("printf", "12345"), .max_output = 5 });
        assert_span(sample.output, "12345");
        assert_false(sample.output_truncated);
        /* Past the arena it is truncated, not fatal. */
        sample = exec_ok(launcher, arena,
                         &(ExecPlan){ .argv = ARGV("head", "-c", "50000000", "/dev/zero"),
                                      .max_output = GiB(1) });
        assert_true(sample.output_truncated);
        assert_int_equal(sample.exit_status, 0);
}

static char *temporary(Arena *arena)
{
        char *path = arena_printf(arena, "/tmp/hone-launcher-XXXXXX");
        int fd = mkostemp(path, O_CLOEXEC);

        assert_true(fd >= 0);
        close(fd);
        return path;
}

/* Each execution has them from the beginning. */
TEST(launcher_reads_and_writes_files)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        const char *in = temporary(arena), *out = temporary(arena);
        Span text;
        Error err = { 0 };

        assert_ok(file_write(in, SPAN("some input\n"), &err), err);
        for (int i = 0; i < 3; i++) {
                exec_ok(launcher, arena,
                        &(ExecPlan){ .shell = "cat; echo o; echo e >&2",
                                     .input_path = in,
                                     .output_path = out });
                assert_ok(file_read(out, 1000, arena, &text, &err), err);
                assert_span(text, "some input\no\ne\n");
        }
        unlink(in);
        unlink(out);
}

typedef struct Failing {
        ExecPlan plan;
        int code;
        const char *message, *hint; /* parts */
} Failing;

static void assert_each_fails(Launcher *launcher, Arena *arena, const Failing *each, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                ExecSample sample = { .exit_status = 77 };
                Error err = { 0 };

                assert_fails(launcher_exec(launcher, &each[i].plan, arena, &sample, &err), err,
                             each[i].code);
                if (!strstr(err.message, each[i].message) || !strstr(err.hint, each[i].hint))
                        fail_msg("%s (%s)", err.message, err.hint);
                assert_int_equal(sample.exit_status, 77);
        }
        assert_int_equal(exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("true") }).exit_status,
                         0);
}

static char *script(Arena *arena, const char *text, mode_t mode)
{
        char *path = temporary(arena);
        Error err = { 0 };

        assert_ok(file_write(path, span_of(text), &err), err);
        assert_int_equal(chmod(path, mode), 0);
        return path;
}

TEST(launcher_says_why_a_program_does_not_start)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        const char *bare = script(arena, "echo hello\n", 0755);
        const char *barred = script(arena, "#!/bin/sh\n", 0644);
        const char *orphan = script(arena, "#!/no/such/shell\n", 0755);
        const Failing each[] = {
                { { .argv = ARGV("hone-no-such") }, ERR_NOT_FOUND, "'hone-no-such'", "PATH" },
                { { .argv = ARGV("") }, ERR_NOT_FOUND, "''", "PATH" },
                { { .argv = ARGV("/no/such") }, ERR_NOT_FOUND, "'/no/such'", "path" },
                { { .argv = ARGV("/tmp") }, EISDIR, "'/tmp'", "program in it" },
                { { .argv = ARGV(bare) }, ENOEXEC, bare, "#!/bin/sh" },
                { { .argv = ARGV(barred) }, EACCES, barred, "chmod +x" },
                { { .argv = ARGV(orphan) }, ERR_NOT_FOUND, "interpreter", "#!" },
                { { .argv = ARGV("true"), .dir = "/no/dir" }, ERR_NOT_FOUND, "'/no/dir'", "" },
                { { .argv = ARGV("true"), .dir = "/etc/passwd" }, ENOTDIR, "'/etc/passwd'", "" },
                { { .argv = ARGV("cat"), .input_path = "/no/in" }, ERR_NOT_FOUND, "'/no/in'", "" },
                { { .argv = ARGV("cat"), .input_path = "/tmp" }, EISDIR, "'/tmp'", "" },
                { { .argv = ARGV("true"), .output_path = "/no/out" }, ENOENT, "'/no/out'", "" },
                { { .argv = ARGV("true"), .output_path = "/dev/full" },
                  ENOSPC,
                  "'/dev/full'",
                  "room" },
                { { .argv = ARGV("true"), .env_padding = MiB(1) }, ERR_LIMIT, "padding", "" },
        };

        assert_each_fails(launcher, arena, each, COUNT(each));
        unlink(bare);
        unlink(barred);
        unlink(orphan);
}

TEST(launcher_refuses_words_without_end)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        Buf megabytes = buf_in(arena, MiB(16));
        char *some;
        ExecSample sample;
        Error err = { 0 };

        buf_repeat(&megabytes, 'x', MiB(1));
        some = span_text(arena, buf_span(&megabytes));
        assert_fails(launcher_exec(launcher, &(ExecPlan){ .argv = ARGV("true", some) }, arena,
                                   &sample, &err),
                     err, E2BIG);
        buf_repeat(&megabytes, 'x', MiB(9));
        assert_fails(launcher_exec(launcher, &(ExecPlan){ .shell = megabytes.ptr }, arena, &sample,
                                   &err),
                     err, ERR_LIMIT);
        exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("true") });
}

TEST(launcher_tells_how_a_program_ended)
{
        static const struct {
                const char *shell;
                int exit_status;
        } each[] = {
                { "exit 255", 255 },
                { "kill -SEGV $$", 128 + SIGSEGV },
                { "kill -KILL $$", 128 + SIGKILL },
                { "exec >&-; exec 2>&-; exec <&-; exit 4", 4 },
                { "(sleep 0.1; kill -CONT $$) & kill -STOP $$; exit 6", 6 },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);

        for (size_t i = 0; i < COUNT(each); i++)
                assert_int_equal(exec_ok(launcher, arena,
                                         &(ExecPlan){ .shell = each[i].shell, .max_output = 10 })
                                         .exit_status,
                                 each[i].exit_status);
}

TEST(launcher_time_limit_ends_the_group)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        ExecSample sample = exec_ok(launcher, arena,
                                    &(ExecPlan){ .shell = "sleep 1000 & echo $!; wait",
                                                 .max_output = 100,
                                                 .timeout_ns = 200 * NS_PER_MS });

        assert_true(sample.timed_out);
        assert_int_equal(sample.exit_status, 128 + SIGTERM);
        assert_true(is_gone_soon(number_in(sample.output)));
        sample = exec_ok(launcher, arena,
                         &(ExecPlan){ .shell = "trap '' TERM; while :; do sleep 1; done",
                                      .timeout_ns = 100 * NS_PER_MS });
        assert_true(sample.timed_out);
        assert_int_equal(sample.exit_status, 128 + SIGKILL);
        sample = exec_ok(launcher, arena,
                         &(ExecPlan){ .shell = "kill -STOP $$", .timeout_ns = 100 * NS_PER_MS });
        assert_true(sample.timed_out);
        sample = exec_ok(launcher, arena,
                         &(ExecPlan){ .argv = ARGV("true"), .timeout_ns = UINT64_MAX });
        assert_false(sample.timed_out);
}

/* In its group, or in a session of its own with its streams closed. */
TEST(launcher_ends_what_a_program_left_behind)
{
        static const char *const shells[] = {
                "sleep 1000 & echo $!",
                "sleep 1000 >/dev/null 2>&1 & echo $!",
                "setsid sh -c 'echo $$; exec sleep 1000 >/dev/null 2>&1' & sleep 0.3",
                "(setsid sh -c 'echo $$; setsid sleep 1000; sleep 1000' &) & sleep 0.3",
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);

        for (size_t i = 0; i < COUNT(shells); i++) {
                ExecSample sample = exec_ok(launcher, arena,
                                            &(ExecPlan){ .shell = shells[i], .max_output = 100 });

                assert_int_equal(sample.exit_status, 0);
                assert_true(sample.left_behind);
                assert_true(is_gone(number_in(sample.output)));
        }
        assert_false(exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("true") }).left_behind);
}

/* hone's part in a process of its own: an execution that never ends. */
static pid_t start_hone(const char *shell)
{
        pid_t pid = fork();

        if (pid == 0) {
                Arena *arena = arena_new(MiB(16));
                Launcher *launcher;
                ExecSample sample;
                Error err;

                interrupt_install();
                interrupt_clear();
                if (launcher_start(arena, &launcher, &err) < 0)
                        _exit(9);
                _exit(launcher_exec(launcher, &(ExecPlan){ .shell = shell }, arena, &sample,
                                    &err) == -ERR_INTERRUPTED
                              ? 130
                              : 1);
        }
        assert_true(pid > 0);
        return pid;
}

static pid_t await_number(const char *path)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));

        for (int i = 0; i < 1000; i++) {
                Span text;

                if (file_read(path, 100, arena, &text, NULL) == 0 && span_ends(text, "\n"))
                        return number_in(text);
                os_real()->sleep_ns(os_real(), 10 * NS_PER_MS);
        }
        fail_msg("nothing was written to %s", path);
        return 0;
}

TEST(launcher_and_its_programs_end_with_hone)
{
        static const char *const shells[] = {
                "sleep 1000 & echo $! >%s; wait",
                "setsid sh -c 'echo $$ >%s; exec sleep 1000' & sleep 1000",
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));

        for (size_t i = 0; i < COUNT(shells); i++) {
                const char *path = temporary(arena);
                int status;
                pid_t hone = start_hone(arena_printf(arena, shells[i], path));
                pid_t program = await_number(path);

                assert_false(is_gone(program));
                kill(hone, SIGKILL);
                waitpid(hone, &status, 0);
                assert_true(is_gone_soon(program));
                unlink(path);
        }
}

TEST(launcher_interruption_ends_the_program)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        const char *path = temporary(arena);
        int status;
        pid_t hone = start_hone(arena_printf(arena, "sleep 1000 & echo $! >%s; wait", path));
        pid_t program = await_number(path);

        kill(hone, SIGINT);
        assert_int_equal(waitpid(hone, &status, 0), hone);
        assert_int_equal(WEXITSTATUS(status), 130);
        assert_true(is_gone_soon(program));
        unlink(path);
}

TEST(launcher_stays_usable_after_an_interruption)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        ExecSample sample;
        Error err = { 0 };

        interrupt_install();
        interrupt_clear();
        assert_fails(
                launcher_exec(launcher,
                              &(ExecPlan){ .shell = arena_printf(arena, "kill -INT %d; sleep 1000",
                                                                 getpid()) },
                              arena, &sample, &err),
                err, ERR_INTERRUPTED);
        assert_fails(
                launcher_exec(launcher, &(ExecPlan){ .argv = ARGV("true") }, arena, &sample, &err),
                err, ERR_INTERRUPTED);
        interrupt_clear();
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("true") });
}

TEST(launcher_killed_in_between_is_an_error)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        const char *path = temporary(arena);
        const char *shell = arena_printf(
                arena, "(sleep 1000 & echo $! >%s; wait) & sleep 0.3; kill -KILL $PPID; wait",
                path);
        pid_t pid = launcher_pid(launcher);
        ExecSample sample;
        Error err = { 0 };

        assert_fails(launcher_exec(launcher, &(ExecPlan){ .shell = shell }, arena, &sample, &err),
                     err, ERR_FAILED);
        assert_true(is_gone_soon(await_number(path)));
        unlink(path);
        assert_non_null(strstr(err.message, "launcher"));
        assert_true(is_gone(pid));
        assert_fails(
                launcher_exec(launcher, &(ExecPlan){ .argv = ARGV("true") }, arena, &sample, &err),
                err, ERR_FAILED);
        launcher_stop(launcher);
        launcher_stop(launcher);
        launcher_stop(NULL);

        launcher = launcher_new(arena);
        kill(launcher_pid(launcher), SIGKILL);
        assert_fails(
                launcher_exec(launcher, &(ExecPlan){ .argv = ARGV("true") }, arena, &sample, &err),
                err, ERR_FAILED);
}

TEST(launcher_ends_with_its_arena)
{
        Arena *arena = arena_new(MiB(16));
        pid_t pid = launcher_pid(launcher_new(arena));

        arena_free(arena);
        assert_true(is_gone(pid));
}

TEST(launcher_without_descriptors_fails_and_recovers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        struct rlimit before, none;
        Launcher *second;
        ExecSample sample;
        Error err = { 0 };

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        assert_fails(launcher_exec(launcher, &(ExecPlan){ .argv = ARGV("true"), .max_output = 10 },
                                   arena, &sample, &err),
                     err, EMFILE);
        assert_fails(launcher_start(arena, &second, &err), err, EMFILE);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("true"), .max_output = 10 });
        /* The launcher's own. */
        assert_int_equal(prlimit(launcher_pid(launcher), RLIMIT_NOFILE, &none, NULL), 0);
        assert_fails(launcher_exec(launcher, &(ExecPlan){ .argv = ARGV("true"), .max_output = 10 },
                                   arena, &sample, &err),
                     err, EMFILE);
        assert_int_equal(prlimit(launcher_pid(launcher), RLIMIT_NOFILE, &before, NULL), 0);
        exec_ok(launcher, arena, &(ExecPlan){ .argv = ARGV("true"), .max_output = 10 });
}

static size_t open_fds(pid_t pid, Arena *arena)
{
        DIR *dir = opendir(arena_printf(arena, "/proc/%d/fd", pid));
        size_t n = 0;

        assert_non_null(dir);
        while (readdir(dir))
                n++;
        closedir(dir);
        return n;
}

static uint64_t resident_kib(pid_t pid, Arena *arena)
{
        Span text, line, word;
        Error err = { 0 };

        assert_ok(
                file_read(arena_printf(arena, "/proc/%d/status", pid), KiB(64), arena, &text, &err),
                err);
        while (span_next_line(&text, &line))
                if (span_starts(line, "VmRSS:") && span_next_word(&line, &word) &&
                    span_next_word(&line, &word))
                        return (uint64_t)number_in(word);
        fail_msg("no VmRSS");
        return 0;
}

#define MANY 10000

TEST(launcher_leaks_nothing_in_many_executions)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        const ExecPlan plan = { .argv = ARGV("/bin/true"),
                                .input_path = "/dev/null",
                                .max_output = 100 };
        pid_t pid = launcher_pid(launcher);
        size_t ours = 0, its = 0, used = 0;
        uint64_t our_kib = 0, its_kib = 0;

        for (int i = 0; i < MANY; i++) {
                Mark mark = arena_mark(arena);

                assert_int_equal(exec_ok(launcher, arena, &plan).exit_status, 0);
                arena_reset(arena, mark);
                if (i != 100)
                        continue;
                ours = open_fds(getpid(), arena);
                its = open_fds(pid, arena);
                our_kib = resident_kib(getpid(), arena);
                its_kib = resident_kib(pid, arena);
                used = arena_used(arena);
        }
        assert_true(arena_used(arena) <= used);
        assert_int_equal(open_fds(getpid(), arena), ours);
        assert_int_equal(open_fds(pid, arena), its);
        assert_true(resident_kib(pid, arena) <= its_kib + 256); /* the kernel counts in batches */
        assert_true(resident_kib(getpid(), arena) <= our_kib + 4096);
}
