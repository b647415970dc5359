#include "process/blame.h"

#include "base/subprocess.h"

#define GIT_TIMEOUT_NS (120 * NS_PER_S)
#define LARGEST_ORDER MiB(448)
#define LARGEST_LOG MiB(4)
#define LONGEST_HASH 64
#define MAX_ARGS 24

static const char *const git_prefix[] = { "git", "--no-pager",
                                          "-c",  "core.hooksPath=/dev/null",
                                          "-c",  "log.showSignature=false",
                                          "-c",  "i18n.logOutputEncoding=UTF-8" };
static const char *const git_env[] = { "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
                                       NULL };

/* 0: done; its exit status may be any. That git cannot be started is an answer, too. */
static int git_at(const char *dir, size_t max_output, const char *const *args, Arena *arena,
                  Subprocess *ret, Error *err)
{
        const char *argv[MAX_ARGS + 1] = { 0 };
        SubprocessPlan plan = { .argv = argv,
                                .dir = dir,
                                .extra_env = git_env,
                                .timeout_ns = GIT_TIMEOUT_NS,
                                .max_output = max_output };
        Error cause = { 0 };
        size_t n = 0;
        int r;

        for (; n < COUNT(git_prefix); n++)
                argv[n] = git_prefix[n];
        for (; *args; args++) {
                BUG_IF(n >= MAX_ARGS);
                argv[n++] = *args;
        }
        r = subprocess_run(&plan, arena, ret, &cause);
        if (r == 0)
                return 0;
        if (cause.code == ERR_INTERRUPTED || cause.code == ERR_LIMIT) {
                *err = cause;
                return fail_while(err, "running git in %s", dir);
        }
        *ret = (Subprocess){ .exit_status = 127,
                             .error = span_of(arena_printf(arena, "%s", cause.message)) };
        return 0;
}

#define git(dir, max_output, arena, ret, err, ...)                                              \
        git_at((dir), (max_output), (const char *const[]){ __VA_ARGS__, NULL }, (arena), (ret), \
               (err))

/* The first line of what git says is wrong, without its "fatal: ". */
static Span complaint(const Subprocess *done, Arena *arena)
{
        Span rest = span_trim(done->error), line = { 0 };

        if (done->timed_out)
                return SPAN("git did not finish in its time");
        span_next_line(&rest, &line);
        if (span_starts(line, "fatal: "))
                line = span_from(line, 7);
        if (span_starts(line, "not a git repository"))
                return SPAN("this is not a git repository");
        if (line.len == 0)
                return span_of(arena_printf(arena, "git ended with %d", done->exit_status));
        return span_copy(arena, line);
}

/* Empty: the history can be read whole. */
static int find_obstacle(const char *dir, Arena *arena, Span *ret_reason, Error *err)
{
        Subprocess done;
        int r = git(dir, 0, arena, &done, err, "rev-parse", "--is-shallow-repository");

        if (r < 0)
                return r;
        if (done.exit_status != 0)
                *ret_reason = complaint(&done, arena);
        else if (span_is(span_trim(done.out), "true"))
                *ret_reason = SPAN("the clone is shallow; git fetch --unshallow gets the rest");
        else
                *ret_reason = (Span){ 0 };
        return 0;
}

int commit_order_read(const char *dir, Arena *arena, CommitOrder *ret, Span *ret_reason, Error *err)
{
        CommitOrder order = { 0 };
        Span reason = { 0 };
        Subprocess done;
        int r = find_obstacle(dir, arena, &reason, err);

        if (r == 0 && reason.len == 0) {
                r = git(dir, LARGEST_ORDER, arena, &done, err, "rev-list", "--topo-order", "HEAD",
                        "--");
                if (r == 0 && done.exit_status != 0)
                        reason = SPAN("the repository has no commit yet");
                else if (r == 0 && done.truncated)
                        reason = SPAN("the repository has too many commits");
                else if (r == 0)
                        r = commit_order_parse(done.out, arena, &order, err);
        }
        if (r < 0)
                return fail_while(err, "reading the order of commits");
        *ret = order;
        *ret_reason = reason;
        return 0;
}

/* --- the commits of a range --- */

static bool is_hash(Span s)
{
        if (s.len < COMMIT_SHORTEST || s.len > LONGEST_HASH)
                return false;
        for (size_t i = 0; i < s.len; i++)
                if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') ||
                      (s.ptr[i] >= 'a' && s.ptr[i] <= 'f') || (s.ptr[i] >= 'A' && s.ptr[i] <= 'F')))
                        return false;
        return true;
}

/* Sets the reason when the revision is no commit of the repository. */
static int check_commit(const char *dir, Span revision, Arena *arena, Blame *blame, Error *err)
{
        Subprocess done;
        int r;

        if (revision.len == 0) {
                blame->reason = SPAN("the runs have no revision");
                return 0;
        }
        if (!is_hash(revision)) {
                blame->reason = span_of(
                        arena_printf(arena, "'%.*s' is no hash of a commit", SPAN_ARG(revision)));
                return 0;
        }
        r = git(dir, 0, arena, &done, err, "rev-parse", "--verify", "--quiet",
                arena_printf(arena, "%.*s^{commit}", SPAN_ARG(revision)));
        if (r == 0 && done.exit_status != 0)
                blame->reason = span_of(arena_printf(arena, "commit %.*s is not in this repository",
                                                     SPAN_ARG(span_first(revision, 12))));
        return r;
}

/* "hash\nauthor\ndate\nsubject" */
static Commit parse_commit(Span record)
{
        Commit commit = { 0 };

        span_next_line(&record, &commit.hash);
        span_next_line(&record, &commit.author);
        span_next_line(&record, &commit.date);
        commit.subject = record;
        return commit;
}

static void parse_log(Span text, Arena *arena, Blame *blame)
{
        blame->commits = new (arena, Commit, BLAME_MOST_COMMITS);
        while (text.len && blame->len < BLAME_MOST_COMMITS) {
                Span record = span_cut(&text, '\0');

                if (record.len)
                        blame->commits[blame->len++] = parse_commit(record);
        }
}

static int count_range(const char *dir, const char *range, Arena *arena, Blame *blame, Error *err)
{
        Subprocess done;
        int r = git(dir, 0, arena, &done, err, "rev-list", "--count", range, "--");

        if (r < 0)
                return r;
        if (done.exit_status != 0) {
                blame->reason = complaint(&done, arena);
                return 0;
        }
        r = span_to_u64(span_trim(done.out), &blame->total, err);
        if (r == 0 && blame->total == 0)
                blame->reason = SPAN("no commit lies between");
        return r;
}

static int read_range(const char *dir, const char *range, Arena *arena, Blame *blame, Error *err)
{
        Subprocess done;
        int r = git(dir, LARGEST_LOG, arena, &done, err, "log", "--topo-order", "-z", "--no-color",
                    arena_printf(arena, "--max-count=%d", BLAME_MOST_COMMITS),
                    "--format=%H%n%an%n%aI%n%s", range, "--");

        if (r < 0)
                return r;
        if (done.exit_status != 0)
                blame->reason = complaint(&done, arena);
        else
                parse_log(done.out, arena, blame);
        return 0;
}

int blame_find(const char *dir, Span good, Span bad, Arena *arena, Blame *ret, Error *err)
{
        Blame blame = { .good = good, .bad = bad };
        Error unused = { 0 };
        const char *range;
        Span obstacle;
        int r;

        err = err ? err : &unused;
        r = find_obstacle(dir, arena, &obstacle, err);
        if (r == 0)
                blame.reason = obstacle;
        if (r == 0 && blame.reason.len == 0)
                r = check_commit(dir, good, arena, &blame, err);
        if (r == 0 && blame.reason.len == 0)
                r = check_commit(dir, bad, arena, &blame, err);
        range = arena_printf(arena, "%.*s..%.*s", SPAN_ARG(good), SPAN_ARG(bad));
        if (r == 0 && blame.reason.len == 0)
                r = count_range(dir, range, arena, &blame, err);
        if (r == 0 && blame.reason.len == 0)
                r = read_range(dir, range, arena, &blame, err);
        if (r < 0)
                return fail_while(err, "looking for the commits of a change");
        *ret = blame;
        return 0;
}
