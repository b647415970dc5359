#include "instrument/bench/callgrind.h"

#include "base/fs.h"
#include "instrument/bench/exec_request.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES KiB(64) /* holds the command line */
#define TAIL_BYTES KiB(4)
#define MOST_PROCESSES 100000
#define MOST_WORDS 8192
#define OUTPUT_PREFIX "out."
#define LOG_PREFIX "log."

static bool find_line(Span text, const char *label, Span *ret_rest)
{
        bool found = false;
        Span line;

        while (span_next_line(&text, &line)) {
                if (!span_starts(line, label))
                        continue;
                *ret_rest = span_from(line, strlen(label));
                found = true;
        }
        return found;
}

int callgrind_parse(Span head, Span tail, uint64_t *ret_instructions, Error *err)
{
        Span events, totals, word;

        if (!span_starts(head, "# callgrind format\n"))
                return fail(err, ERR_CORRUPT, "line 1: not an output file of callgrind");
        if (!find_line(head, "events:", &events) || !span_next_word(&events, &word))
                return fail(err, ERR_CORRUPT, "no line \"events:\" in the beginning");
        if (!span_is(word, "Ir"))
                return fail(err, ERR_CORRUPT, "counts '%.*s' first, not instructions (Ir)",
                            SPAN_ARG(span_first(word, 40)));
        /* The last byte is missing before the last number is known to be whole. */
        if (!span_ends(tail, "\n") || !find_line(tail, "totals:", &totals) ||
            !span_next_word(&totals, &word))
                return fail(err, ERR_CORRUPT, "no line \"totals:\" at the end: it is not whole");
        if (span_to_u64(word, ret_instructions, err) < 0) {
                fail(err, ERR_CORRUPT, "the total '%.*s' is no number",
                     SPAN_ARG(span_first(word, 40)));
                return -ERR_CORRUPT;
        }
        return 0;
}

static int read_at(int fd, off_t at, size_t most, Arena *arena, Span *ret)
{
        char *text = new (arena, char, most);
        ssize_t n = pread(fd, text, most, at);

        if (n < 0)
                return -errno;
        *ret = (Span){ text, (size_t)n };
        return 0;
}

static int read_total(const char *path, Arena *arena, uint64_t *ret, Error *err)
{
        AUTO(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct stat st;
        Span head, tail;

        if (fd < 0 || fstat(fd, &st) < 0)
                return fail(err, errno, "cannot open '%s'", path);
        if (read_at(fd, 0, HEAD_BYTES, arena, &head) < 0 ||
            read_at(fd, MAX(st.st_size - (off_t)TAIL_BYTES, (off_t)0), TAIL_BYTES, arena, &tail) <
                    0)
                return fail(err, errno, "cannot read '%s'", path);
        if (callgrind_parse(head, tail, ret, err) < 0)
                return fail_while(err, "reading what valgrind wrote");
        return 0;
}

static int add_file(const char *dir, const char *name, Arena *arena, CallgrindCount *count,
                    Error *err)
{
        Mark mark = arena_mark(arena);
        uint64_t total;
        int r = read_total(path_join(arena, dir, name), arena, &total, err);

        arena_reset(arena, mark);
        if (r < 0)
                return r;
        if (++count->n_processes > MOST_PROCESSES)
                return fail(err, ERR_LIMIT, "more than %d processes", MOST_PROCESSES);
        if (__builtin_add_overflow(count->instructions, total, &count->instructions))
                return fail(err, ERR_LIMIT, "more instructions than can be counted");
        return 0;
}

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

static int add_files(const char *path, Arena *arena, CallgrindCount *count, Error *err)
{
        AUTO(closedirp) DIR *dir = opendir(path);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return fail(err, errno, "cannot list '%s'", path);
        while (r == 0 && (entry = readdir(dir)))
                if (span_starts(span_of(entry->d_name), OUTPUT_PREFIX))
                        r = add_file(path, entry->d_name, arena, count, err);
        return r;
}

/* valgrind with options of ours only: neither VALGRIND_OPTS nor a .valgrindrc may change what is
 * counted, and nothing is asked of a debuginfod. */
static int words_of(const ExecPlan *plan, const char *dir, Arena *arena, const char *const **ret,
                    Error *err)
{
        const char *const shell[] = { "/bin/sh", "-c", plan->shell, NULL };
        const char *const *of_plan = plan->shell ? shell : plan->argv;
        const char *const ours[] = {
                "valgrind",
                "--tool=callgrind",
                "--quiet",
                "--command-line-only=yes",
                "--dump-line=no",
                "--trace-children=yes",
                "--cache-sim=no",
                "--branch-sim=no",
                arena_printf(arena, "--callgrind-out-file=%s/" OUTPUT_PREFIX "%%p", dir),
                arena_printf(arena, "--log-file=%s/" LOG_PREFIX "%%p", dir),
                "--",
        };
        size_t n = 0;
        const char **words;

        while (of_plan[n])
                n++;
        if (n > MOST_WORDS)
                return fail(err, ERR_LIMIT, "a command of more than %d words", MOST_WORDS);
        words = new (arena, const char *, COUNT(ours) + n + 1);
        memcpy(words, ours, sizeof(ours));
        memcpy(words + COUNT(ours), of_plan, n * sizeof(*words));
        *ret = words;
        return 0;
}

static int extend_env(const ExecPlan *plan, Arena *arena, const char *const **ret, Error *err)
{
        const char **all;
        size_t n = 0;

        while (plan->extra_env && plan->extra_env[n])
                n++;
        if (n > MOST_WORDS)
                return fail(err, ERR_LIMIT, "more than %d variables", MOST_WORDS);
        all = new (arena, const char *, n + 2);
        if (n)
                memcpy(all, plan->extra_env, n * sizeof(*all));
        all[n] = "DEBUGINFOD_URLS=";
        *ret = all;
        return 0;
}

static int run_in(Launcher *launcher, const ExecPlan *plan, const char *dir, Arena *arena,
                  ExecSample *ret, Error *err)
{
        ExecPlan run = *plan;
        int r = words_of(plan, dir, arena, &run.argv, err);

        if (r == 0)
                r = extend_env(plan, arena, &run.extra_env, err);
        if (r < 0)
                return r;
        run.shell = NULL;
        run.counters = false;
        run.env_padding = 0;
        r = launcher_exec(launcher, &run, arena, ret, err);
        if (r < 0)
                return r;
        if (!ret->timed_out)
                return 0;
        fail(err, ERR_TIMEOUT, "valgrind did not finish counting instructions in the time limit");
        return fail_hint(err, "under valgrind a program is some 50 times slower: raise the time "
                              "limit or give it less to do");
}

static int check_programs(const ExecPlan *plan, Arena *arena, Error *err)
{
        const char *path;
        int r = exec_find_program(plan, "valgrind", arena, &path, NULL);

        if (r < 0) {
                fail(err, ERR_UNAVAILABLE, "instructions cannot be counted: valgrind is missing");
                return fail_hint(err, "install the package valgrind");
        }
        return plan->shell ? 0 : exec_find_program(plan, plan->argv[0], arena, &path, err);
}

static int make_dir(Arena *arena, char **ret, Error *err)
{
        const char *base = getenv("TMPDIR");
        char *path = arena_printf(arena, "%s/hone-callgrind-XXXXXX",
                                  base && base[0] == '/' ? base : "/tmp");

        if (!mkdtemp(path))
                return fail(err, errno, "cannot make the folder '%s'", path);
        *ret = path;
        return 0;
}

int callgrind_count(Launcher *launcher, const ExecPlan *plan, Arena *arena, CallgrindCount *ret,
                    Error *err)
{
        CallgrindCount count = { 0 };
        ExecSample sample;
        char *dir;
        int r = check_programs(plan, arena, err);

        if (r == 0)
                r = make_dir(arena, &dir, err);
        if (r < 0)
                return r;
        r = run_in(launcher, plan, dir, arena, &sample, err);
        if (r == 0)
                r = add_files(dir, arena, &count, err);
        (void)tree_remove(dir, NULL);
        if (r < 0)
                return r;
        if (count.n_processes == 0)
                return fail(err, ERR_FAILED, "valgrind counted nothing of '%s' (exit status %d)",
                            plan->shell ? plan->shell : plan->argv[0], sample.exit_status);
        count.exit_status = sample.exit_status;
        *ret = count;
        return 0;
}
