#include "instrument/bench/callgrind.h"

#include "base/fs.h"
#include "harness.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define HEAD \
        "# callgrind format\nversion: 1\npid: 1\ncmd: true\nevents: Ir\nsummary: 7\n\nfn=(1) a\n"

TEST(callgrind_reads_the_total)
{
        uint64_t n = 0;
        Error err = { 0 };

        assert_ok(callgrind_parse(SPAN(HEAD), SPAN("0 6\n\ntotals: 12345\n"), &n, &err), err);
        assert_int_equal(n, 12345);
        assert_ok(callgrind_parse(SPAN("# callgrind format\nevents: Ir Dr\n"),
                                  SPAN("totals: 1\ntotals: 5 6\n"), &n, &err),
                  err);
        assert_int_equal(n, 5);
}

TEST(callgrind_refuses_what_is_not_whole)
{
        static const struct {
                Span head, tail;
                const char *message;
        } files[] = {
                { { 0 }, { 0 }, "not an output file" },
                { SPAN("hello\n"), SPAN("totals: 5\n"), "not an output file" },
                { SPAN("# callgrind format\n"), SPAN("totals: 5\n"), "events:" },
                { SPAN("# callgrind format\nevents:\n"), SPAN("totals: 5\n"), "events:" },
                { SPAN("# callgrind format\nevents: Dr Ir\n"), SPAN("totals: 5\n"), "'Dr' first" },
                { SPAN(HEAD), { 0 }, "not whole" },
                { SPAN(HEAD), SPAN("0 6\n"), "not whole" },
                { SPAN(HEAD), SPAN("totals: 123"), "not whole" },
                { SPAN(HEAD), SPAN("totals:\n"), "not whole" },
                { SPAN(HEAD), SPAN("totals: -5\n"), "no number" },
                { SPAN(HEAD), SPAN("totals: 99999999999999999999\n"), "no number" },
        };

        for (size_t i = 0; i < COUNT(files); i++) {
                uint64_t n = 77;
                Error err = { 0 };

                assert_fails(callgrind_parse(files[i].head, files[i].tail, &n, &err), err,
                             ERR_CORRUPT);
                if (!strstr(err.message, files[i].message))
                        fail_msg("%s", err.message);
                assert_int_equal(n, 77);
        }
}

static Launcher *launcher_new(Arena *arena)
{
        Launcher *launcher;
        Error err = { 0 };

        assert_ok(launcher_start(arena, &launcher, &err), err);
        return launcher;
}

static bool has_valgrind(void)
{
        return path_exists("/usr/bin/valgrind");
}

static size_t entries_in(const char *path)
{
        DIR *dir = opendir(path);
        struct dirent *entry;
        size_t n = 0;

        assert_non_null(dir);
        while ((entry = readdir(dir)))
                n += entry->d_name[0] != '.';
        closedir(dir);
        return n;
}

TEST(callgrind_counts_nearly_the_same_every_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        const ExecPlan plan = { .argv = ARGV("sort", "/proc/self/environ") };
        uint64_t counts[2];
        Error err = { 0 };

        if (!has_valgrind())
                skip_because("valgrind is not installed");
        for (size_t i = 0; i < COUNT(counts); i++) {
                CallgrindCount count;

                assert_ok(callgrind_count(launcher, &plan, arena, &count, &err), err);
                assert_int_equal(count.n_processes, 1);
                assert_int_equal(count.exit_status, 0);
                counts[i] = count.instructions;
        }
        assert_true(counts[0] > 50000);
        assert_near((double)counts[1] / (double)counts[0], 1, 0.001);
}

TEST(callgrind_follows_children_and_tells_the_status)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        CallgrindCount one, more;
        Error err = { 0 };

        if (!has_valgrind())
                skip_because("valgrind is not installed");
        assert_ok(callgrind_count(launcher, &(ExecPlan){ .shell = "exit 5" }, arena, &one, &err),
                  err);
        assert_int_equal(one.exit_status, 5);
        assert_ok(callgrind_count(launcher,
                                  &(ExecPlan){ .shell = "/bin/true; /bin/echo said; exit 3",
                                               .max_output = 100 },
                                  arena, &more, &err),
                  err);
        assert_int_equal(more.exit_status, 3);
        assert_int_equal(one.n_processes, 1);
        assert_int_equal(more.n_processes, 3);
        assert_true(more.instructions > 2 * one.instructions);
}

TEST(callgrind_says_why_it_counts_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        const char *path = getenv("PATH");
        char *saved = arena_printf(arena, "%s", path ? path : "");
        char temporary[] = "/tmp/hone-test-XXXXXX";
        CallgrindCount count;
        Error err = { 0 };

        setenv("PATH", "/no/such", 1);
        assert_fails(
                callgrind_count(launcher, &(ExecPlan){ .argv = ARGV("true") }, arena, &count, &err),
                err, ERR_UNAVAILABLE);
        assert_non_null(strstr(err.hint, "valgrind"));
        setenv("PATH", saved, 1);
        if (!has_valgrind())
                skip_because("valgrind is not installed");
        assert_non_null(mkdtemp(temporary));
        setenv("TMPDIR", temporary, 1);
        assert_fails(callgrind_count(launcher, &(ExecPlan){ .argv = ARGV("hone-no-such") }, arena,
                                     &count, &err),
                     err, ERR_NOT_FOUND);
        assert_non_null(strstr(err.message, "'hone-no-such'"));
        assert_fails(callgrind_count(launcher, &(ExecPlan){ .argv = ARGV("/no/such/program") },
                                     arena, &count, &err),
                     err, ERR_NOT_FOUND);
        assert_fails(callgrind_count(launcher,
                                     &(ExecPlan){ .argv = ARGV("sleep", "1000"),
                                                  .timeout_ns = 300 * NS_PER_MS },
                                     arena, &count, &err),
                     err, ERR_TIMEOUT);
        assert_non_null(strstr(err.hint, "50 times"));
        assert_int_equal(entries_in(temporary), 0);
        unsetenv("TMPDIR");
        assert_int_equal(rmdir(temporary), 0);
}
