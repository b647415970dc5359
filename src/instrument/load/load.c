#include "instrument/load/load.h"

#include "instrument/load/plan_json.h"
#include "instrument/load/record.h"

#include <unistd.h>

#define STEP_NS NS_PER_S
#define SHORT_STEP_NS (100 * NS_PER_MS)
#define SHORT_WINDOW_NS (5 * NS_PER_S)
#define LONGEST_LEAD_NS (500 * NS_PER_MS)

typedef struct LoadState {
        Arena *arena;
        LoadSetup *setup;
        LoadShared shared;
        Worker **workers;
        unsigned n_workers;
        uint64_t wall_ns;
        uint64_t shown_ns, shown_answers; /* at the last look at the progress */
} LoadState;

static int load_probe(const Target *target, const char **ret_tier, Error *err)
{
        Url url;
        int r;

        if (target->kind != TARGET_URL)
                return fail(err, ERR_UNAVAILABLE, "load is sent to a URL, not to a %s",
                            target_kind_name(target->kind));
        r = load_url_check(target->text, &url, err);
        if (r == 0)
                *ret_tier = "epoll";
        return r;
}

/* Open model: connections are opened before the first arrival is due. */
static uint64_t lead_ns(const LoadPlan *plan)
{
        uint64_t ns = 10 * NS_PER_MS + plan->connections * 50 * NS_PER_US / plan->threads;

        return plan->rate_per_s > 0 ? MIN(ns, LONGEST_LEAD_NS) : 0;
}

static uint64_t step_ns(const LoadPlan *plan)
{
        return plan->duration_ns && plan->duration_ns < SHORT_WINDOW_NS ? SHORT_STEP_NS : STEP_NS;
}

static void plan_window(LoadState *state)
{
        const LoadPlan *plan = &state->setup->plan;
        LoadShared *shared = &state->shared;
        pthread_condattr_t monotonic;

        shared->setup = state->setup;
        shared->steps =
                steps_new(state->arena, step_ns(plan), plan->threads, state->setup->n_endpoints);
        shared->start_ns = load_now_ns() + lead_ns(plan);
        shared->begin_ns = shared->start_ns + plan->warmup_ns;
        shared->end_ns = plan->duration_ns ? shared->begin_ns + plan->duration_ns : UINT64_MAX;
        state->wall_ns = os_real()->wall_ns(os_real()) + lead_ns(plan);
        pthread_mutex_init(&shared->lock, NULL);
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&shared->ended, &monotonic);
        pthread_condattr_destroy(&monotonic);
}

static void end_workers(LoadState *state)
{
        __atomic_store_n(&state->shared.stop, 1, __ATOMIC_RELAXED);
        for (unsigned i = 0; i < state->n_workers; i++)
                worker_join(state->workers[i]);
}

static void load_free(LoadState *state)
{
        end_workers(state);
        for (unsigned i = 0; i < state->n_workers; i++)
                worker_free(state->workers[i]);
        if (state->shared.setup) {
                pthread_mutex_destroy(&state->shared.lock);
                pthread_cond_destroy(&state->shared.ended);
        }
        arena_free(state->arena);
}

static int make_workers(LoadState *state, Error *err)
{
        unsigned n = state->setup->plan.threads;
        int r;

        state->workers = new (state->arena, Worker *, n);
        for (unsigned i = 0; i < n; i++) {
                r = worker_new(&state->shared, i, &state->workers[i], err);
                if (r < 0)
                        return r;
                state->n_workers++;
        }
        state->shared.running = n;
        for (unsigned i = 0; i < n; i++) {
                r = worker_start(state->workers[i], err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static size_t ceiling_of(const LoadPlan *plan)
{
        size_t bytes =
                MiB(16) + steps_bytes((unsigned)MIN(plan->n_requests, (size_t)LOAD_MAX_ENDPOINTS));

        for (size_t i = 0; i < plan->n_requests; i++)
                bytes += 4 * (plan->requests[i].body.len + 16 * URL_MAX);
        return bytes;
}

static int load_start(const Target *target, const void *plan, Arena *arena UNUSED, void **ret_state,
                      Error *err)
{
        /* Not the caller's arena: it belongs to the caller's thread, ours outlives this call. */
        Arena *own = arena_new(ceiling_of(plan));
        LoadState *state = new (own, LoadState, 1);
        int r;

        state->arena = own;
        r = load_setup_new(target, plan, own, &state->setup, err);
        if (r == 0) {
                plan_window(state);
                r = make_workers(state, err);
        }
        if (r < 0) {
                load_free(state);
                return r;
        }
        *ret_state = state;
        return 0;
}

static bool load_wait(void *state_struct, uint64_t timeout_ns)
{
        LoadState *state = state_struct;
        LoadShared *shared = &state->shared;
        uint64_t until_ns = load_now_ns() + MIN(timeout_ns, UINT64_C(1) << 60);
        struct timespec until = { .tv_sec = (time_t)(until_ns / NS_PER_S),
                                  .tv_nsec = (long)(until_ns % NS_PER_S) };
        bool ended;
        int r = 0;

        pthread_mutex_lock(&shared->lock);
        while (shared->running && r == 0)
                r = pthread_cond_timedwait(&shared->ended, &shared->lock, &until);
        ended = shared->running == 0;
        pthread_mutex_unlock(&shared->lock);
        return ended;
}

static void load_progress(void *state_struct, InstrumentProgress *ret)
{
        LoadState *state = state_struct;
        const LoadPlan *plan = &state->setup->plan;
        uint64_t now_ns = load_now_ns(), answers = 0, failures = 0;
        uint64_t start_ns = state->shared.start_ns;

        for (unsigned i = 0; i < state->n_workers; i++) {
                answers += __atomic_load_n(&state->workers[i]->shown_answers, __ATOMIC_RELAXED);
                failures += __atomic_load_n(&state->workers[i]->shown_failures, __ATOMIC_RELAXED);
        }
        *ret = (InstrumentProgress){ .elapsed_ns = now_ns > start_ns ? now_ns - start_ns : 0 };
        if (plan->duration_ns)
                ret->planned_ns = plan->warmup_ns + plan->duration_ns;
        if (now_ns > state->shown_ns)
                ret->rate_per_s = (double)(answers - state->shown_answers) * (double)NS_PER_S /
                                  (double)(now_ns - MAX(state->shown_ns, start_ns));
        if (answers + failures)
                ret->error_ratio = (double)failures / (double)(answers + failures);
        state->shown_ns = now_ns;
        state->shown_answers = answers;
}

static int load_stop(void *state_struct, Arena *arena, Recording **ret, Error *err)
{
        LoadState *state = state_struct;
        const LoadPlan *plan = &state->setup->plan;
        bool planned_end = plan->duration_ns || plan->max_requests;
        LoadResult result = { .shared = &state->shared,
                              .workers = state->workers,
                              .n_workers = state->n_workers,
                              .wall_ns = state->wall_ns,
                              .stopped_early = planned_end && !load_wait(state, 0) };
        int r;

        end_workers(state);
        r = load_record(&result, arena, ret, err);
        load_free(state);
        return r;
}

const Instrument load_instrument = {
        .name = "load",
        .summary = "HTTP load, closed or open model, latency from the intended send time",
        .needs = NEED_NETWORK,
        .plan_size = sizeof(LoadPlan),
        .probe = load_probe,
        .start = load_start,
        .wait = load_wait,
        .progress = load_progress,
        .stop = load_stop,
        .plan_json = load_plan_json,
};
