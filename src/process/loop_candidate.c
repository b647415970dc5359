/* One candidate: apply, check, build, test, measure, confirm. What is wrong with a candidate is an
 * outcome; only what is wrong with the machine or with us is an error. */

#include "process/loop_int.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/fs.h"
#include "base/interrupt.h"
#include "base/subprocess.h"
#include "process/service.h"

#define ERROR_RATE_SLACK 0.001
#define DETAIL_LENGTH 160
#define TRIALS 3 /* of one candidate at most: one to measure, two to confirm */

typedef struct Step {
        Loop *loop;
        const Candidate *candidate;
        Iteration *it;
        size_t index;
} Step;

const char *loop_service_dir(const Loop *loop, const char *worktree)
{
        return path_join(loop->arena, worktree, loop->repo.prefix);
}

int loop_build(Loop *loop, const char *dir, Error *err)
{
        const ServiceConfig *service = &loop->plan->config->service;

        return service_run_step(
                "build", service->build, loop_service_dir(loop, dir), service->build_timeout_ns,
                path_join(loop->arena, loop->log_dir, "build.log"), loop->arena, err);
}

int loop_build_best(Loop *loop, Error *err)
{
        int r;

        if (loop->best_is_built)
                return 0;
        r = worktree_set(&loop->repo, loop->dir_best, loop->head, loop->arena, err);
        if (r == 0)
                r = loop_build(loop, loop->dir_best, err);
        if (r < 0)
                return fail_while(err, "building the version to compare with");
        loop->best_is_built = true;
        return 0;
}

/* Ends the candidate with this outcome; 1 tells the caller that no further step is due. */
static int outcome(Step *s, LoopOutcome outcome_id, Span detail)
{
        s->it->outcome = outcome_id;
        s->it->detail = detail;
        return 1;
}

/* A message of any length on one line of a table: white space squeezed, the end cut. */
static Span one_line(const char *message, Arena *arena)
{
        Buf line = buf_in(arena, KiB(4));
        Span rest = span_of(message), word;

        while (span_next_word(&rest, &word)) {
                if (line.len + word.len > DETAIL_LENGTH) {
                        buf_text(&line, " ...");
                        break;
                }
                buf_printf(&line, "%s%.*s", line.len ? " " : "", SPAN_ARG(word));
        }
        return buf_span(&line);
}

/* An error that speaks about the candidate becomes its outcome; being interrupted does not. */
static int outcome_of_error(Step *s, LoopOutcome outcome_id, const Error *why, Error *err)
{
        if (why->code == ERR_INTERRUPTED || interrupted()) {
                if (err)
                        *err = *why;
                return fail_interrupted(err);
        }
        return outcome(s, outcome_id, one_line(why->message, s->loop->arena));
}

static int run_command(Step *s, Error *err)
{
        Subprocess done;

        return subprocess_must(
                &(SubprocessPlan){ .shell = s->candidate->command,
                                   .dir = loop_service_dir(s->loop, s->loop->dir_candidate),
                                   .timeout_ns = s->loop->plan->config->service.build_timeout_ns },
                s->loop->arena, &done, err);
}

static int step_apply(Step *s, Error *err)
{
        Loop *loop = s->loop;
        const char *message =
                arena_printf(loop->arena, "hone loop candidate: %s", s->candidate->name);
        Error why = { 0 };
        int r = worktree_set(&loop->repo, loop->dir_candidate, loop->head, loop->arena, err);

        if (r < 0)
                return r;
        r = s->candidate->patch ? worktree_apply(&loop->repo, loop->dir_candidate,
                                                 s->candidate->patch, loop->arena, &why)
                                : run_command(s, &why);
        if (r < 0)
                return outcome_of_error(s, LOOP_DOES_NOT_APPLY, &why, err);
        r = worktree_commit(loop->dir_candidate, message, loop->arena, &s->it->commit, err);
        if (r < 0)
                return r;
        if (s->it->commit.len == 0)
                return outcome(s, LOOP_EMPTY, SPAN("the working tree is as it was"));
        return 0;
}

static bool is_protected(const char *const *protect, const char *path)
{
        for (; protect && *protect; protect++) {
                size_t n = strlen(*protect);

                if (strcmp(*protect, path) == 0 ||
                    (n && (*protect)[n - 1] == '/' && strncmp(*protect, path, n) == 0))
                        return true;
        }
        return false;
}

static int step_protect(Step *s, Error *err)
{
        Loop *loop = s->loop;
        const char **paths;
        size_t n;
        int r = repository_changed(&loop->repo, loop->head, s->it->commit, loop->arena, &paths, &n,
                                   err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                if (is_protected(loop->plan->config->loop.protect, paths[i]))
                        return outcome(s, LOOP_PROTECTED, span_of(paths[i]));
        return 0;
}

static int step_build(Step *s, Error *err)
{
        Error why = { 0 };

        int r = loop_build_best(s->loop, err);

        if (r < 0)
                return r;
        if (loop_build(s->loop, s->loop->dir_candidate, &why) < 0)
                return outcome_of_error(s, LOOP_BUILD_FAILED, &why, err);
        return 0;
}

static int step_test(Step *s, Error *err)
{
        const ServiceConfig *service = &s->loop->plan->config->service;
        Error why = { 0 };

        if (service_run_step("test", service->test,
                             loop_service_dir(s->loop, s->loop->dir_candidate),
                             service->test_timeout_ns,
                             path_join(s->loop->arena, s->loop->log_dir, "test.log"),
                             s->loop->arena, &why) < 0)
                return outcome_of_error(s, LOOP_TESTS_FAILED, &why, err);
        return 0;
}

TrialAnswers loop_answers(const Loop *loop, const Trial *trial)
{
        const Comparison *c = &trial->comparison;
        TrialAnswers answers = { .n = c->len,
                                 .changes = new (loop->arena, LoopChange, c->len),
                                 .errors = trial->error_rate_b >
                                           trial->error_rate_a + ERROR_RATE_SLACK };

        for (size_t i = 0; i < c->len; i++) {
                const MetricChange *m = &c->items[i];

                answers.changes[i] = (LoopChange){
                        .metric = span_of(metric_def(m->metric)->name),
                        .subject = m->subject,
                        .a = m->a,
                        .b = m->b,
                        .change = m->effect.change,
                        .low = m->effect.interval.low,
                        .high = m->effect.interval.high,
                        .p = m->adjusted_p,
                        .mde = m->effect.mde,
                        .verdict = span_of(change_verdict_name(m->verdict)),
                };
                if (m->metric == METRIC_MEMORY &&
                    m->effect.interval.low > loop->plan->config->loop.memory_tolerance)
                        answers.memory_over = true;
        }
        return answers;
}

/* 1 when the candidate could not be measured; when the best could not, that is an error. */
static int run_trial(Step *s, const char *what, uint64_t phase, TrialAnswers *ret, Error *err)
{
        Loop *loop = s->loop;
        bool candidate_failed = false;
        Error why = { 0 };
        Trial trial;
        int r = trial_run(
                &(TrialPlan){ .config = loop->plan->config,
                              .dir_a = loop_service_dir(loop, loop->dir_best),
                              .dir_b = loop_service_dir(loop, loop->dir_candidate),
                              .log_dir = loop->log_dir,
                              .pairs = loop->plan->config->loop.pairs,
                              .seed = loop->seed + s->it->number * TRIALS + phase,
                              .what = arena_printf(loop->arena, "%s: %s", s->candidate->name, what),
                              .os = loop->plan->os,
                              .progress = loop->plan->progress },
                loop->arena, &trial, &candidate_failed, &why);

        if (r < 0 && candidate_failed)
                return outcome_of_error(s, LOOP_NOT_MEASURED, &why, err);
        if (r < 0) {
                if (err)
                        *err = why;
                return fail_while(err, "comparing with the best so far");
        }
        *ret = loop_answers(loop, &trial);
        return 0;
}

/* Memory is judged by its own tolerance, the rest by the verdicts of the comparison. */
static bool any_verdict(const TrialAnswers *answers, ChangeVerdict verdict)
{
        const char *name = change_verdict_name(verdict);

        for (size_t i = 0; i < answers->n; i++)
                if (!span_is(answers->changes[i].metric, "memory_peak") &&
                    span_is(answers->changes[i].verdict, name))
                        return true;
        return false;
}

static void show(Step *s, const TrialAnswers *answers)
{
        s->it->changes = answers->changes;
        s->it->n_changes = answers->n;
        s->it->headline = loop_headline(answers->changes, answers->n);
}

static int step_measure(Step *s, Error *err)
{
        Loop *loop = s->loop;
        TrialAnswers answers = loop->first;
        int r;

        if (!loop->has_first) {
                r = run_trial(s, "measuring", 0, &answers, err);
                if (r == 0)
                        r = loop_journal_measured(loop, s->it->number, &answers, err);
                if (r != 0)
                        return r;
        }
        loop->has_first = false;
        show(s, &answers);
        if (answers.errors)
                return outcome(s, LOOP_ERRORS, SPAN("requests fail that did not fail before"));
        if (answers.memory_over)
                return outcome(s, LOOP_SLOWER, SPAN("needs more memory than is tolerated"));
        if (any_verdict(&answers, CHANGE_SLOWER))
                return outcome(s, LOOP_SLOWER, SPAN(""));
        if (!any_verdict(&answers, CHANGE_FASTER))
                return outcome(s, LOOP_NO_CHANGE, SPAN(""));
        return 0;
}

/* The gain must show again. A trial that could not tell (a neighbour woke up) is repeated once:
 * what passes by chance must still pass two trials, at most alpha times twice alpha. */
static int step_confirm(Step *s, Error *err)
{
        TrialAnswers answers = { 0 };

        for (uint64_t phase = 1; phase < TRIALS; phase++) {
                int r = run_trial(s, "confirming", phase, &answers, err);

                if (r != 0)
                        return r;
                show(s, &answers);
                if (answers.errors || answers.memory_over || any_verdict(&answers, CHANGE_SLOWER))
                        break;
                if (any_verdict(&answers, CHANGE_FASTER))
                        return outcome(s, LOOP_KEPT, SPAN(""));
                if (!any_verdict(&answers, CHANGE_UNKNOWN))
                        break;
        }
        return outcome(s, LOOP_NOT_CONFIRMED, SPAN("the gain was not there the second time"));
}

/* The branch moves to the kept commit; the candidate's worktree, already built, becomes the best.
 */
static int keep(Step *s, Error *err)
{
        Loop *loop = s->loop;
        const char *branch =
                arena_printf(loop->arena, "refs/heads/hone/loop/%.*s", SPAN_ARG(loop->id));
        const char *best = loop->dir_best;

        loop->head = s->it->commit;
        loop->dir_best = loop->dir_candidate;
        loop->dir_candidate = best;
        return repository_set_ref(&loop->repo, branch, loop->head, loop->arena, err);
}

static int reject(Step *s, Error *err)
{
        const char *ref = arena_printf(s->loop->arena, "refs/hone/rejected/%.*s/%zu",
                                       SPAN_ARG(s->loop->id), s->it->number);

        if (s->it->commit.len == 0)
                return 0;
        return repository_set_ref(&s->loop->repo, ref, s->it->commit, s->loop->arena, err);
}

int loop_candidate(Loop *loop, size_t index, Iteration *ret, Error *err)
{
        static int (*const steps[])(Step *, Error *) = { step_apply, step_protect, step_build,
                                                         step_test,  step_measure, step_confirm };
        const Candidate *candidate = &loop->plan->candidates[index];
        Iteration it = { .number = index + 1, .name = span_of(candidate->name) };
        Step s = { .loop = loop, .candidate = candidate, .it = &it, .index = index };
        int r = 0;

        for (size_t i = 0; r == 0 && i < COUNT(steps); i++) {
                progress_show(loop->plan->progress, "%s", candidate->name);
                r = steps[i](&s, err);
        }
        progress_clear(loop->plan->progress);
        loop->has_first = false;
        if (r < 0)
                return fail_while(err, "trying %s", candidate->name);
        r = it.outcome == LOOP_KEPT ? keep(&s, err) : reject(&s, err);
        if (r == 0)
                *ret = it;
        return r;
}
