#include "process/ab_revision.h"

#include "base/fs.h"
#include "process/service.h"

#define SETUP_TIMEOUT_NS (3600 * NS_PER_S)

static int check_out(Ab *ab, AbRevisions *state, size_t side, Error *err)
{
        static const char *const names[] = { "A", "B" };
        static const char *const logs[] = { "A.log", "B.log" };
        const AbPlan *plan = ab->plan;
        Span hash;
        int r = repository_resolve(&state->repo, plan->sides[side], ab->arena, &hash, err);

        if (r < 0)
                return r;
        ab->result->experiment.revisions[side] = hash;
        state->logs[side] = path_join(ab->arena, plan->scratch_dir, logs[side]);
        state->worktrees[side] = path_join(ab->arena, plan->scratch_dir, names[side]);
        state->dirs[side] = path_join(ab->arena, state->worktrees[side], state->repo.prefix);
        return worktree_set(&state->repo, state->worktrees[side], hash, ab->arena, err);
}

static int build(Ab *ab, AbRevisions *state, size_t side, Error *err)
{
        const AbPlan *plan = ab->plan;
        const ServiceConfig *service = &plan->config->service;
        Span line = plan->setup ? span_of(plan->setup) : service->build;

        if (!line.len)
                return 0;
        progress_show(plan->progress, "building %s", plan->sides[side]);
        return service_run_step("build", line, state->dirs[side],
                                plan->setup ? SETUP_TIMEOUT_NS : service->build_timeout_ns,
                                state->logs[side], ab->arena, err);
}

static const char *folder_of(const AbPlan *plan)
{
        if (plan->dir)
                return plan->dir;
        return plan->argv || !plan->config->path ? "." : plan->config->dir;
}

int ab_revisions_open(Ab *ab, Error *err)
{
        AbRevisions *state = new (ab->arena, AbRevisions, 1);
        int r = repository_find(folder_of(ab->plan), ab->arena, &state->repo, err);

        if (r < 0)
                return r;
        ab->revisions = state;
        r = dir_make(ab->plan->scratch_dir, err);
        for (size_t side = 0; r == 0 && side < AB_SIDES; side++) {
                r = check_out(ab, state, side, err);
                if (r == 0)
                        r = build(ab, state, side, err);
        }
        return r;
}

void ab_revisions_close(Ab *ab)
{
        const AbRevisions *state = ab->revisions;

        for (size_t side = 0; state && side < AB_SIDES; side++)
                if (state->worktrees[side])
                        worktree_remove(&state->repo, state->worktrees[side], ab->arena, NULL);
}
