#include "instrument/system/system.h"

#include "base/json.h"
#include "instrument/system/system_record.h"

#include <unistd.h>

#define STATE_CEILING MiB(192) /* the tables at their ceilings, and the series */

typedef struct SystemState {
        Arena *arena;
        Sampler *sampler;
} SystemState;

static int target_pid(const Target *target)
{
        return target->kind == TARGET_HOST ? 0 : target->pid;
}

static int system_probe(const Target *target, const char **ret_tier, Error *err)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        int pid = target_pid(target), r;
        ProcReader proc;
        Span text;

        r = proc_reader_open("/proc", arena, &proc, err);
        if (r == 0)
                r = proc_read_start(&proc, "stat", &text, err);
        if (r < 0)
                return fail_hint(err, "mount /proc: the system instrument reads nothing else");
        if (pid && !proc_exists(&proc, proc_path("%d/stat", pid).text))
                r = fail(err, ERR_NOT_FOUND, "there is no process %d", pid);
        proc_reader_close(&proc);
        if (r == 0)
                *ret_tier = "/proc";
        return r;
}

static int system_start(const Target *target, const void *plan, Arena *arena UNUSED,
                        void **ret_state, Error *err)
{
        const SystemPlan *wanted = plan;
        Arena *own = arena_new(STATE_CEILING); /* the thread's: `arena` is the caller's */
        SystemState *state = new (own, SystemState, 1);
        SamplerSetup setup = {
                .observer = { .proc_root = "/proc",
                              .sys_root = "/sys",
                              .pid = target_pid(target),
                              .self_pid = getpid() },
                .interval_ns = wanted->interval_ns,
                .duration_ns = wanted->duration_ns,
                .os = os_real(),
        };
        int r = sampler_start(&setup, own, &state->sampler, err);

        if (r < 0) {
                arena_free(own);
                return r;
        }
        state->arena = own;
        *ret_state = state;
        return 0;
}

static bool system_wait(void *state, uint64_t timeout_ns)
{
        return sampler_wait(((SystemState *)state)->sampler, timeout_ns);
}

static void system_progress(void *state, InstrumentProgress *ret)
{
        const Sampler *s = ((SystemState *)state)->sampler;
        uint64_t elapsed_ns = os_now(s->setup.os) - s->start_ns;
        uint64_t planned_ns = s->setup.duration_ns;

        if (planned_ns && elapsed_ns > planned_ns)
                elapsed_ns = planned_ns;
        *ret = (InstrumentProgress){ .elapsed_ns = elapsed_ns,
                                     .planned_ns = planned_ns,
                                     .rate_per_s = 1e9 / (double)s->setup.interval_ns };
}

static int system_stop(void *state, Arena *arena, Recording **ret, Error *err UNUSED)
{
        SystemState *s = state;

        sampler_stop(s->sampler);
        *ret = system_record(s->sampler, arena);
        sampler_close(s->sampler);
        arena_free(s->arena);
        return 0;
}

static void system_plan_json(const void *plan, Buf *out)
{
        const SystemPlan *wanted = plan;
        JsonWriter w = json_to(out, false);

        json_open_object(&w);
        json_key(&w, "interval_ns");
        json_u64(&w, wanted->interval_ns ? wanted->interval_ns : NS_PER_S);
        json_key(&w, "duration_ns");
        json_u64(&w, wanted->duration_ns);
        json_close_object(&w);
}

const Instrument system_instrument = {
        .name = "system",
        .summary = "CPU, memory, disk, network and waiting of the target and its machine",
        .needs = NEED_PROC,
        .plan_size = sizeof(SystemPlan),
        .probe = system_probe,
        .start = system_start,
        .wait = system_wait,
        .progress = system_progress,
        .stop = system_stop,
        .plan_json = system_plan_json,
};
