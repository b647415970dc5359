#include "process/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/interrupt.h"
#include "base/subprocess.h"
#include "harness.h"
#include "process/service_example.h"

#define PAIRS 7 /* the fewest that can prove anything with two rows */
#define LIMIT_NS (120 * NS_PER_S)

/* A service in a git repository of its own, slow enough that its delay is what is measured. */
typedef struct Fixture {
        Example example;
        Config config;
        LoopPlan plan;
        size_t n_told; /* iterations that were reported as they ended */
        size_t n_refused;
} Fixture;

static void count_iteration(void *context, const Iteration *it)
{
        Fixture *f = context;

        assert_int_equal(it->number, ++f->n_told);
}

static void fixture_begin(Fixture *f, const Candidate *candidates, size_t n)
{
        Example *e = &f->example;

        *f = (Fixture){ .n_told = 0 };
        example_begin(e);
        example_service(e, "shop", "DELAY_S = 0.012");
        example_shell(e, "cd shop && git init -q . && echo 'grep -q ok serve.py' > check.sh && "
                         "echo .loop > .gitignore && git add -A && "
                         "git -c user.name=t -c user.email=t@localhost commit -qm base");
        f->config = example_config(e, PAIRS,
                                   "  build: python3 -m py_compile settings.py serve.py\n"
                                   "  test: sh check.sh\n");
        f->config.dir = path_join(e->arena, e->dir, "shop");
        f->plan = (LoopPlan){ .config = &f->config,
                              .candidates = candidates,
                              .n_candidates = n,
                              .journal_dir = path_join(e->arena, f->config.dir, ".loop"),
                              .os = os_real(),
                              .progress = &e->silent,
                              .on_iteration = count_iteration,
                              .context = f };
}

static void fixture_end(Fixture *f)
{
        example_end(&f->example);
}

/* Only one loop may measure at a time on this machine, and others may hold the lock for long. */
static int run(Fixture *f, LoopResult *ret, Error *err)
{
        int r = loop_run(&f->plan, f->example.arena, ret, err);

        if (r < 0 && err->code == ERR_BUSY)
                skip_because("another hone is measuring");
        return r;
}

static Span git(Fixture *f, const char *arguments)
{
        const char *command = arena_printf(f->example.arena, "git %s", arguments);
        Subprocess done;
        Error err = { 0 };

        assert_ok(subprocess_must(&(SubprocessPlan){ .shell = command, .dir = f->config.dir },
                                  f->example.arena, &done, &err),
                  err);
        return span_trim(done.out);
}

static void assert_tree_untouched(Fixture *f, const LoopResult *result)
{
        assert_int_equal(git(f, "status --porcelain").len, 0);
        assert_true(span_eq(git(f, "rev-parse HEAD"), result->base));
        assert_false(path_exists(path_join(f->example.arena, f->plan.journal_dir, "A")));
        assert_false(path_exists(path_join(f->example.arena, f->plan.journal_dir, "B")));
        assert_false(path_exists(path_join(f->example.arena, f->plan.journal_dir, "journal")));
}

/* Fast until it was started as often as one measurement does, slow from then on. */
#define FLASH                                                                            \
        "printf 'open(PIDS + \"-flash\", \"a\").write(\"x\")\\n"                         \
        "DELAY_S = 0.002 if len(open(PIDS + \"-flash\").read()) <= 7 else 0.012\\n' >> " \
        "settings.py"

static const struct {
        Candidate candidate;
        LoopOutcome outcome;
        const char *detail;
} tried[] = {
        { { "flash in the pan", .command = FLASH }, LOOP_NOT_CONFIRMED, "second time" },
        { { "comment", .command = "echo '# fast!' >> settings.py" }, LOOP_NO_CHANGE, "" },
        { { "faster", .command = "echo 'DELAY_S = 0.002' >> settings.py" }, LOOP_KEPT, "" },
        { { "slower", .command = "echo 'DELAY_S = 0.012' >> settings.py" }, LOOP_SLOWER, "" },
        { { "tests fail", .command = "sed -i s/ok/no/ serve.py" },
          LOOP_TESTS_FAILED,
          "test failed (exit status 1)" },
        { { "fails", .command = "echo no luck >&2; exit 4" }, LOOP_DOES_NOT_APPLY, "no luck" },
        { { "protected", .command = "echo true > check.sh" }, LOOP_PROTECTED, "check.sh" },
        { { "empty", .command = "touch settings.py" }, LOOP_EMPTY, "as it was" },
        { { "no build", .command = "echo 'x = (' >> settings.py" },
          LOOP_BUILD_FAILED,
          "was never" },
        { { "errors", .command = "echo \"STATUS = '500 No'\" >> settings.py" },
          LOOP_ERRORS,
          "requests fail" },
        { { "dies", .command = "echo 'LIFE = 4' >> settings.py" },
          LOOP_NOT_MEASURED,
          "the service ended: out of ink" },
};

static void assert_iterations(Fixture *f, const LoopResult *result)
{
        assert_int_equal(result->n_iterations, COUNT(tried));
        assert_int_equal(f->n_told, COUNT(tried));
        for (size_t i = 0; i < COUNT(tried); i++) {
                const Iteration *it = &result->iterations[i];

                if (it->outcome != tried[i].outcome)
                        fail_msg("'%s' is %s (%.*s)", tried[i].candidate.name,
                                 loop_outcome_name(it->outcome), SPAN_ARG(it->detail));
                if (!span_contains(it->detail, tried[i].detail))
                        fail_msg("'%s' ends with '%.*s'", tried[i].candidate.name,
                                 SPAN_ARG(it->detail));
        }
}

static void assert_refs(Fixture *f, const LoopResult *result)
{
        Arena *arena = f->example.arena;
        Span branch = git(f, arena_printf(arena, "rev-parse %.*s", SPAN_ARG(result->branch)));

        assert_true(span_eq(branch, result->head));
        assert_true(span_eq(result->head, result->iterations[2].commit));
        assert_span(git(f, arena_printf(arena, "log --format=%%s -1 %.*s", SPAN_ARG(branch))),
                    "hone loop candidate: faster");
        for (size_t i = 0; i < result->n_iterations; i++) {
                const Iteration *it = &result->iterations[i];

                if (it->outcome == LOOP_KEPT || it->commit.len == 0)
                        continue;
                assert_true(
                        span_eq(git(f, arena_printf(arena, "rev-parse refs/hone/rejected/%.*s/%zu",
                                                    SPAN_ARG(result->id), it->number)),
                                it->commit));
        }
}

static void assert_whole(const LoopResult *result)
{
        const Iteration *kept = &result->iterations[2];

        assert_int_equal(result->n_kept, 1);
        assert_false(result->resumed);
        assert_non_null(kept->headline);
        assert_true(kept->headline->change < -0.5);
        assert_true(kept->headline->high < -1.0 / 3);
        assert_int_equal(result->total.n_blocks, PAIRS);
        assert_int_equal(
                comparison_verdict(result->total.comparison.items, result->total.comparison.len),
                CHANGE_FASTER);
        assert_true(result->n_before > 0 && result->n_after == result->n_before);
        assert_span(result->after[result->n_after - 1]->label, "after");
}

TEST(loop_tells_good_candidates_from_bad_ones)
{
        Candidate candidates[COUNT(tried)];
        LoopResult result;
        Error err = { 0 };
        Fixture f;

        for (size_t i = 0; i < COUNT(tried); i++)
                candidates[i] = tried[i].candidate;
        fixture_begin(&f, candidates, COUNT(candidates));
        assert_ok(run(&f, &result, &err), err);
        assert_iterations(&f, &result);
        assert_refs(&f, &result);
        assert_whole(&result);
        assert_tree_untouched(&f, &result);
        fixture_end(&f);
}

static size_t journal_records(Fixture *f)
{
        Span text, line;
        size_t n = 0;

        if (file_read(path_join(f->example.arena, f->plan.journal_dir, "journal"), MiB(1),
                      f->example.arena, &text, NULL) < 0)
                return 0;
        while (span_next_line(&text, &line))
                n++;
        return n;
}

/* Exits like the program would. */
static void run_child(Fixture *f)
{
        LoopResult result;
        Error err = { 0 };
        int r;

        interrupt_install();
        r = loop_run(&f->plan, f->example.arena, &result, &err);
        _exit(r < 0 ? error_exit_status(err.code) : 0);
}

/* Runs the loop in a process of its own, and sends the signal once the journal has so many records
 * and so many services more were started. Its exit status, or 128 + the signal. */
static int run_until(Fixture *f, size_t records, size_t starts, int signal_number)
{
        size_t before = example_starts(&f->example);
        uint64_t until = os_now(os_real()) + LIMIT_NS;
        pid_t child = fork();
        int status;

        assert_true(child >= 0);
        if (child == 0)
                run_child(f);
        while (os_now(os_real()) < until && waitpid(child, &status, WNOHANG) == 0) {
                if (journal_records(f) >= records &&
                    example_starts(&f->example) >= before + starts) {
                        kill(child, signal_number);
                        waitpid(child, &status, 0);
                        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
                }
                usleep(5000);
        }
        kill(child, SIGKILL);
        waitpid(child, NULL, WNOHANG);
        skip_because("the loop did not come to where it should be stopped; another may measure");
        return 0;
}

TEST(loop_goes_on_after_it_was_interrupted_and_killed)
{
        static const Candidate candidates[] = {
                { "empty", .command = "true" },
                { "faster", .command = "echo 'DELAY_S = 0.002' >> settings.py" },
                { "nothing", .command = "true" },
        };
        LoopResult result;
        Error err = { 0 };
        size_t starts;
        Fixture f;

        fixture_begin(&f, candidates, COUNT(candidates));
        /* in the middle of the first measurement */
        assert_int_equal(run_until(&f, 2, 3, SIGINT), error_exit_status(ERR_INTERRUPTED));
        assert_int_equal(journal_records(&f), 2);
        assert_int_equal(run_until(&f, 2, 4, SIGKILL), 128 + SIGKILL);
        assert_int_equal(journal_records(&f), 2);
        /* in the middle of the confirmation */
        assert_int_equal(run_until(&f, 3, 2 * PAIRS + 3, SIGKILL), 128 + SIGKILL);
        assert_int_equal(journal_records(&f), 3);
        starts = example_starts(&f.example);
        f.n_told = 1;
        assert_ok(run(&f, &result, &err), err);
        assert_true(result.resumed);
        /* the confirmation, all together, before and after: measured once, nothing again */
        assert_int_equal(example_starts(&f.example) - starts, 2 * PAIRS + 2 * PAIRS + 2);
        assert_int_equal(result.n_iterations, COUNT(candidates));
        assert_int_equal(result.iterations[0].outcome, LOOP_EMPTY);
        assert_int_equal(result.iterations[1].outcome, LOOP_KEPT);
        assert_int_equal(result.iterations[2].outcome, LOOP_EMPTY);
        assert_int_equal(result.n_kept, 1);
        assert_tree_untouched(&f, &result);
        fixture_end(&f);
}

static int refuse(void *context, LoopResult *result, Error *err)
{
        Fixture *f = context;

        assert_int_equal(result->n_iterations, 1);
        assert_true(result->n_before > 0);
        return ++f->n_refused == 1 ? fail(err, ENOSPC, "cannot store") : 0;
}

TEST(loop_whose_result_was_not_stored_is_not_over)
{
        static const Candidate candidates[] = { { "empty", .command = "true" } };
        LoopResult result;
        Error err = { 0 };
        Fixture f;

        fixture_begin(&f, candidates, COUNT(candidates));
        f.plan.on_result = refuse;
        assert_int_equal(run(&f, &result, &err), -ENOSPC);
        assert_non_null(strstr(err.hint, "1 of 1 candidates are decided"));
        assert_int_equal(journal_records(&f), 2);
        assert_ok(run(&f, &result, &err), err);
        assert_true(result.resumed);
        assert_int_equal(f.n_refused, 2);
        assert_int_equal(f.n_told, 1);
        assert_tree_untouched(&f, &result);
        fixture_end(&f);
}

TEST(loop_reports_a_base_that_does_not_build_as_an_error)
{
        static const Candidate candidates[] = { { "x", .command = "echo >> settings.py" } };
        LoopResult result;
        Error err = { 0 };
        Fixture f;

        fixture_begin(&f, candidates, COUNT(candidates));
        f.config.service.build = SPAN("echo no compiler; exit 1");
        assert_fails(run(&f, &result, &err), err, ERR_FAILED);
        assert_non_null(strstr(err.message, "no compiler"));
        assert_non_null(strstr(err.during, "version to compare with"));
        fixture_end(&f);
}

TEST(loop_reports_a_base_that_cannot_be_measured_as_an_error)
{
        static const Candidate candidates[] = { { "x", .command = "echo >> settings.py" } };
        LoopResult result;
        Error err = { 0 };
        Fixture f;

        fixture_begin(&f, candidates, COUNT(candidates));
        example_shell(&f.example, "cd shop && echo 'LIFE = 2' >> settings.py && git -c user.name=t "
                                  "-c user.email=t@localhost commit -qam dying");
        assert_fails(run(&f, &result, &err), err, ERR_FAILED);
        assert_non_null(strstr(err.message, "out of ink"));
        assert_non_null(strstr(err.during, "best so far"));
        fixture_end(&f);
}

TEST(loop_needs_a_repository)
{
        LoopResult result;
        Error err = { 0 };
        Fixture f;

        fixture_begin(&f, NULL, 0);
        f.config.dir = f.example.dir;
        assert_fails(loop_run(&f.plan, f.example.arena, &result, &err), err, ERR_USAGE);
        assert_non_null(strstr(err.hint, "git init"));
        fixture_end(&f);
}
