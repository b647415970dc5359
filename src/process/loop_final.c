/* When candidates were kept: the base against the result, once more and together, since single
 * gains neither add up nor are free of luck. */

#include "process/loop_int.h"

#include "base/fs.h"
#include "base/interrupt.h"
#include "instrument/load/load.h"
#include "instrument/profile/profiler.h"
#include "instrument/system/system.h"
#include "process/measure.h"
#include "process/service.h"

#define FULL_WINDOW_NS (3 * NS_PER_S)
#define FULL_WARMUP_NS (500 * NS_PER_MS)
enum { PART_SYSTEM, PART_PROFILE, PART_LOAD, N_PARTS };

/* Load, profile and system of one version over one window. */
static int measure_full(Loop *loop, const char *worktree, const char *label, Run ***ret_runs,
                        size_t *ret_n, Error *err)
{
        const Config *config = loop->plan->config;
        const char *dir = loop_service_dir(loop, worktree);
        Run **runs = new (loop->arena, Run *, N_PARTS);
        Service service;
        size_t n = 0;
        int r = service_start(config, dir, path_join(loop->arena, loop->log_dir, "service.log"),
                              loop->arena, &service, err);

        if (r < 0)
                return r;
        LoadPlan load = { .requests = service_requests(config, service.port, loop->arena),
                          .n_requests = config->workload.n_requests,
                          .connections = (unsigned)config->workload.connections,
                          .duration_ns = FULL_WINDOW_NS,
                          .warmup_ns = FULL_WARMUP_NS,
                          .timeout_ns = config->workload.timeout_ns };
        ProfilePlan profile = { 0 };
        SystemPlan sys = { .interval_ns = 250 * NS_PER_MS };
        MeasurePart parts[N_PARTS] = { [PART_SYSTEM] = { &system_instrument, &sys },
                                       [PART_PROFILE] = { &profile_instrument, &profile },
                                       [PART_LOAD] = { &load_instrument, &load, .ends = true } };
        Target target = { .kind = TARGET_URL,
                          .text = load.requests[0].url,
                          .pid = service.child.pid };
        r = measure(&(MeasurePlan){ .target = &target,
                                    .parts = parts,
                                    .n_parts = N_PARTS,
                                    .label = span_of(label),
                                    .group = loop->id,
                                    .what = label,
                                    .os = loop->plan->os,
                                    .progress = loop->plan->progress,
                                    .dir = dir },
                    1u << PART_SYSTEM | 1u << PART_PROFILE, loop->arena, runs, err);
        if (r == 0)
                r = interrupted() ? fail_interrupted(err)
                                  : service_check(&service, loop->arena, err);
        service_stop(&service);
        if (r < 0)
                return fail_while(err, "measuring '%s'", label);
        for (size_t i = 0; i < N_PARTS; i++)
                if (runs[i])
                        runs[n++] = runs[i];
        *ret_runs = runs;
        *ret_n = n;
        return 0;
}

/* The best is built, and beside it the base, unless that is the best itself. */
static int prepare(Loop *loop, const char **ret_base, Error *err)
{
        int r = loop_build_best(loop, err);

        *ret_base = loop->n_kept ? loop->dir_candidate : loop->dir_best;
        if (r < 0 || !loop->n_kept)
                return r;
        r = worktree_set(&loop->repo, loop->dir_candidate, loop->base, loop->arena, err);
        return r < 0 ? r : loop_build(loop, loop->dir_candidate, err);
}

int loop_final(Loop *loop, LoopResult *result, Error *err)
{
        const char *base;
        int r = prepare(loop, &base, err);

        if (r == 0 && loop->n_kept)
                r = trial_run(&(TrialPlan){ .config = loop->plan->config,
                                            .dir_a = loop_service_dir(loop, base),
                                            .dir_b = loop_service_dir(loop, loop->dir_best),
                                            .log_dir = loop->log_dir,
                                            .pairs = loop->plan->config->loop.pairs,
                                            .seed = loop->seed,
                                            .what = "all kept changes together",
                                            .os = loop->plan->os,
                                            .progress = loop->plan->progress },
                              loop->arena, &result->total, NULL, err);
        if (r == 0)
                r = measure_full(loop, base, "before", &result->before, &result->n_before, err);
        if (r == 0 && loop->n_kept)
                r = measure_full(loop, loop->dir_best, "after", &result->after, &result->n_after,
                                 err);
        return r < 0 ? fail_while(err, "measuring the result as a whole") : 0;
}
