#include "process/loop_int.h"

#include "base/fs.h"
#include "base/interrupt.h"
#include "process/lock.h"
#include "process/measure.h"

static const char *const outcome_names[] = {
#define X(id, name) name,
        LOOP_OUTCOMES(X)
#undef X
};

const char *loop_outcome_name(LoopOutcome outcome)
{
        return outcome_names[outcome];
}

static int loop_find(Loop *loop, Error *err)
{
        const LoopPlan *plan = loop->plan;
        int r = repository_find(plan->config->dir, loop->arena, &loop->repo, err);

        if (r == 0)
                r = repository_resolve(&loop->repo, "HEAD", loop->arena, &loop->base, err);
        return r < 0 ? r : dir_make(plan->journal_dir, err);
}

/* The journal is opened under the measuring lock, so that a loop which has to give way to another
 * measurement leaves no trace. */
static int loop_prepare(Loop *loop, Error *err)
{
        const LoopPlan *plan = loop->plan;
        int r;

        loop->head = loop->base;
        loop->id = measure_group("loop", plan->os, loop->arena);
        plan->os->entropy(plan->os, &loop->seed, sizeof(loop->seed));
        loop->seed >>= 16; /* exact as a JSON number */
        if (plan->config->loop.seed)
                loop->seed = plan->config->loop.seed;
        loop->iterations = new (loop->arena, Iteration, plan->n_candidates);
        loop->dir_best = path_join(loop->arena, plan->journal_dir, "A");
        loop->dir_candidate = path_join(loop->arena, plan->journal_dir, "B");
        loop->log_dir = path_join(loop->arena, plan->journal_dir, "logs");
        r = dir_make(loop->log_dir, err);
        return r < 0 ? r : loop_journal_open(loop, err);
}

static int loop_candidates(Loop *loop, Error *err)
{
        while (loop->n_ended < loop->plan->n_candidates) {
                Iteration *it = &loop->iterations[loop->n_ended];
                int r = interrupted() ? fail_interrupted(err)
                                      : loop_candidate(loop, loop->n_ended, it, err);

                if (r == 0)
                        r = loop_journal_ended(loop, it, err);
                if (r < 0)
                        return r;
                loop->n_ended++;
                loop->n_kept += it->outcome == LOOP_KEPT;
                if (loop->plan->on_iteration)
                        loop->plan->on_iteration(loop->plan->context, it);
        }
        return 0;
}

/* The worktrees are scratch: the branch, the rejected refs and the journal are what stays. */
static int loop_clean_up(Loop *loop, Error *err)
{
        int r = worktree_remove(&loop->repo, loop->dir_best, loop->arena, err);

        return r < 0 ? r : worktree_remove(&loop->repo, loop->dir_candidate, loop->arena, err);
}

static int loop_measured(Loop *loop, LoopResult *result, Error *err)
{
        MeasureLock lock = { 0 };
        int r = measure_lock(loop->plan->os, MEASURE_LOCK_WAIT_NS, &lock, err);

        if (r == 0)
                r = loop_prepare(loop, err);
        if (r == 0)
                r = loop_candidates(loop, err);
        if (r == 0)
                r = loop_final(loop, result, err);
        measure_unlock(&lock);
        return r;
}

/* What the journal and the candidates say, beside what was measured in the end. */
static void fill_result(const Loop *loop, LoopResult *result)
{
        result->id = loop->id;
        result->base = loop->base;
        result->head = loop->head;
        result->branch = span_of(arena_printf(loop->arena, "hone/loop/%.*s", SPAN_ARG(loop->id)));
        result->iterations = loop->iterations;
        result->n_iterations = loop->n_ended;
        result->n_kept = loop->n_kept;
        result->resumed = loop->resumed;
}

int loop_run(const LoopPlan *plan, Arena *arena, LoopResult *ret, Error *err)
{
        Loop loop = { .plan = plan, .arena = arena };
        LoopResult result = { 0 };
        int r = loop_find(&loop, err);

        if (r == 0)
                r = loop_measured(&loop, &result, err);
        if (r == 0)
                r = loop_clean_up(&loop, err);
        fill_result(&loop, &result);
        if (r == 0 && plan->on_result)
                r = plan->on_result(plan->context, &result, err);
        if (r == 0)
                r = loop_journal_finished(&loop, err);
        loop.journal = journal_close(loop.journal);
        if (r < 0)
                return loop.n_ended ? fail_hint(err,
                                                "%zu of %zu candidates are decided; the same "
                                                "command goes on from there",
                                                loop.n_ended, plan->n_candidates)
                                    : r;
        *ret = result;
        return 0;
}
