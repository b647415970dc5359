#include "instrument/profile/profiler.h"

#include "instrument/profile/launch.h"
#include "instrument/profile/profile_limits.h"
#include "instrument/profile/profile_record.h"

#include "base/json.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_EVERY_MS 20
#define MAX_RATE_HZ 50000.0
#define MOST_STACK_BYTES 65528

typedef struct Profiler {
        Arena *arena; /* of all that the reader thread uses, and of this */
        ProfilePlan plan;
        PerfEvents *events;
        StackSampler *sampler;
        Launch launch;
        int target_fd; /* readable once the target has ended; -1: none */
        int stop_fd;   /* readable once stop() was called */
        pthread_t reader;
        bool reading; /* the reader was started */
        uint64_t start_ns, wall_ns;
        /* written by the reader, under the lock */
        pthread_mutex_t lock;
        pthread_cond_t ended;
        bool finished, target_ended, stopped_early;
        uint64_t end_ns, cpu_ns, samples;
} Profiler;

static uint64_t clock_ns(clockid_t clock)
{
        struct timespec t;

        clock_gettime(clock, &t);
        return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static ProfilePlan plan_with_presets(const ProfilePlan *given)
{
        ProfilePlan plan = *given;

        if (plan.rate_hz == 0)
                plan.rate_hz = 99;
        if (plan.stack_bytes == 0)
                plan.stack_bytes = KiB(32);
        if (plan.max_nodes == 0)
                plan.max_nodes = 1u << 20;
        return plan;
}

static int plan_check(const ProfilePlan *plan, Error *err)
{
        if (!(plan->rate_hz >= 1 && plan->rate_hz <= MAX_RATE_HZ))
                return fail(err, ERR_USAGE, "a sampling rate of %g Hz is not between 1 and %g",
                            plan->rate_hz, MAX_RATE_HZ);
        if (plan->stack_bytes % 8 || plan->stack_bytes > MOST_STACK_BYTES)
                return fail(err, ERR_USAGE, "%u bytes of stack are not a multiple of 8 up to %u",
                            plan->stack_bytes, MOST_STACK_BYTES);
        return 0;
}

/* What the reader waits for between two drains; true when sampling should end. */
static bool reader_pause(Profiler *p)
{
        struct pollfd fds[] = { { .fd = p->stop_fd, .events = POLLIN },
                                { .fd = p->target_fd, .events = POLLIN } };
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        uint64_t end = p->plan.duration_ns ? p->start_ns + p->plan.duration_ns : UINT64_MAX;
        bool stopped, gone;

        if (now >= end)
                return true;
        if (poll(fds, COUNT(fds),
                 (int)MIN((uint64_t)DRAIN_EVERY_MS, (end - now) / NS_PER_MS + 1)) <= 0)
                return false;
        stopped = fds[0].revents & POLLIN;
        gone = fds[1].revents & POLLIN;
        pthread_mutex_lock(&p->lock);
        p->stopped_early = stopped;
        p->target_ended = gone && !stopped;
        pthread_mutex_unlock(&p->lock);
        return stopped || gone;
}

static void publish(Profiler *p, bool finished)
{
        pthread_mutex_lock(&p->lock);
        p->samples = p->sampler->counts.samples;
        if (finished) {
                p->finished = true;
                p->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
                pthread_cond_broadcast(&p->ended);
        }
        pthread_mutex_unlock(&p->lock);
}

static void *reader_main(void *state)
{
        Profiler *p = state;

        while (!reader_pause(p)) {
                stack_sampler_drain(p->sampler, clock_ns(CLOCK_MONOTONIC));
                publish(p, false);
        }
        perf_events_disable(p->events);
        p->end_ns = clock_ns(CLOCK_MONOTONIC);
        stack_sampler_drain(p->sampler, UINT64_MAX);
        publish(p, true);
        return NULL;
}

/* Signals are for the program's own threads. */
static int start_reader(Profiler *p, Error *err)
{
        sigset_t all, before;
        int code;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        code = pthread_create(&p->reader, NULL, reader_main, p);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (code)
                return fail(err, code, "cannot start the profiler's thread");
        p->reading = true;
        return 0;
}

static Profiler *profiler_free(Profiler *p)
{
        launch_stop(&p->launch);
        perf_events_close(p->events);
        closep(&p->target_fd);
        closep(&p->stop_fd);
        pthread_cond_destroy(&p->ended);
        pthread_mutex_destroy(&p->lock);
        arena_free(p->arena);
        return NULL;
}

static Profiler *profiler_new(const ProfilePlan *plan)
{
        Arena *arena = arena_new(PROFILE_ARENA_BYTES);
        Profiler *p = new (arena, Profiler, 1);
        pthread_condattr_t attributes;

        *p = (Profiler){ .arena = arena,
                         .plan = *plan,
                         .launch = LAUNCH_NONE,
                         .target_fd = -1,
                         .stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&p->ended, &attributes);
        pthread_condattr_destroy(&attributes);
        pthread_mutex_init(&p->lock, NULL);
        return p;
}

static int open_events(Profiler *p, const TaskList *threads, Error *err)
{
        PerfEventsPlan plan = { .targets = threads,
                                .rate_hz = p->plan.rate_hz,
                                .stack_bytes = p->plan.stack_bytes,
                                .no_kernel = p->plan.no_kernel,
                                .enable_on_exec = p->launch.pid > 0 };
        int r = perf_events_open(&plan, p->arena, &p->events, err);

        if (r == 0)
                p->sampler = stack_sampler_new(p->arena, p->events, p->plan.max_nodes);
        return r;
}

/* Readable when the process ends; kernels before 5.3 do not have it, then only the plan's end
 * counts. */
static int process_fd(int pid)
{
        return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int threads_of(const TaskList *processes, Arena *arena, TaskList *ret, Error *err)
{
        TaskList all = VEC_INIT(MAX_TASKS);

        vec_each (int, pid, processes) {
                TaskList threads = { 0 };
                int r = task_threads(*pid, arena, &threads, err);

                if (r < 0)
                        return r;
                vec_each (int, tid, &threads) {
                        int *slot = vec_add(arena, &all);

                        if (!slot)
                                return fail(err, ERR_LIMIT, "more than %d threads", MAX_TASKS);
                        *slot = *tid;
                }
        }
        *ret = all;
        return 0;
}

/* Mappings are read once the events are on: what is mapped later comes as a record. */
static int load_processes(Profiler *p, const TaskList *processes, int pid, Error *err)
{
        Error why = { 0 };

        vec_each (int, it, processes)
                if (process_load(p->sampler->processes, (uint32_t)*it, &why) < 0 && *it == pid) {
                        *err = why;
                        (void)fail_while(err, "reading the mappings of process %d", pid);
                        return fail_hint(err, "run as the same user or as root; see also "
                                              "kernel.yama.ptrace_scope");
                }
        return 0;
}

static int attach(Profiler *p, int pid, Error *err)
{
        TaskList processes = { 0 }, threads = { 0 };
        int r = task_processes(pid, p->arena, &processes, err);

        if (r == 0)
                r = threads_of(&processes, p->arena, &threads, err);
        if (r == 0)
                r = open_events(p, &threads, err);
        if (r < 0)
                return r;
        p->target_fd = process_fd(pid);
        p->start_ns = clock_ns(CLOCK_MONOTONIC);
        r = perf_events_enable(p->events, err);
        if (r == 0)
                r = load_processes(p, &processes, pid, err);
        return r;
}

static int attach_host(Profiler *p, Error *err)
{
        int r = open_events(p, NULL, err);

        if (r < 0)
                return r;
        p->start_ns = clock_ns(CLOCK_MONOTONIC);
        return perf_events_enable(p->events, err);
}

static int run_command(Profiler *p, const char *const *argv, Error *err)
{
        TaskList self;
        int r = launch_prepare(argv, &p->launch, err);

        if (r < 0)
                return r;
        self = task_list_of(p->launch.pid, p->arena);
        r = open_events(p, &self, err);
        if (r < 0)
                return r;
        p->target_fd = process_fd(p->launch.pid);
        p->start_ns = clock_ns(CLOCK_MONOTONIC);
        r = launch_go(&p->launch, err);
        if (r < 0)
                return fail_while(err, "starting '%s'", argv[0]);
        return 0;
}

static int begin(Profiler *p, const Target *target, Error *err)
{
        if (target->kind == TARGET_COMMAND)
                return run_command(p, target->argv, err);
        if (target->kind == TARGET_HOST)
                return attach_host(p, err);
        return attach(p, target->pid, err);
}

static int check_target(const Target *target, Error *err)
{
#ifndef __x86_64__
        return fail(err, ERR_UNAVAILABLE, "profiling works on x86_64 only so far");
#endif
        if (target->kind == TARGET_URL && target->pid <= 0) {
                (void)fail(err, ERR_UNAVAILABLE, "no process of this machine serves '%.*s'",
                           SPAN_ARG(target->text));
                return fail_hint(err, "profile on the machine where the service runs");
        }
        if (target->kind == TARGET_PROCESS && target->pid <= 0)
                return fail(err, ERR_USAGE, "there is no process %d", target->pid);
        return 0;
}

static int profile_start(const Target *target, const void *plan, Arena *arena UNUSED,
                         void **ret_state, Error *err)
{
        ProfilePlan full = plan_with_presets(plan);
        Profiler *p;
        int r = check_target(target, err);

        if (r == 0)
                r = plan_check(&full, err);
        if (r < 0)
                return r;
        p = profiler_new(&full);
        p->wall_ns = clock_ns(CLOCK_REALTIME);
        r = p->stop_fd < 0 ? fail(err, EMFILE, "cannot make an event descriptor")
                           : begin(p, target, err);
        if (r == 0)
                r = start_reader(p, err);
        if (r < 0) {
                profiler_free(p);
                return r;
        }
        *ret_state = p;
        return 0;
}

/* The same permissions that start() needs, on the target's first thread. */
static int profile_probe(const Target *target, const char **ret_tier, Error *err)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        int id = target->kind == TARGET_COMMAND ? getpid() : target->pid;
        TaskList tid = task_list_of(id, arena);
        PerfEventsPlan plan = { .targets = target->kind == TARGET_HOST ? NULL : &tid,
                                .rate_hz = 99,
                                .stack_bytes = KiB(32) };
        PerfEvents *events;
        int r = check_target(target, err);

        if (r < 0)
                return r;
        r = perf_events_open(&plan, arena, &events, err);
        if (r < 0)
                return r;
        perf_events_close(events);
        *ret_tier = PROFILE_TIER;
        return 0;
}

static bool profile_wait(void *state, uint64_t timeout_ns)
{
        Profiler *p = state;
        uint64_t now = clock_ns(CLOCK_MONOTONIC), until;
        struct timespec t;
        bool finished;
        int code = 0;

        if (__builtin_add_overflow(now, timeout_ns, &until))
                until = INT64_MAX;
        t = (struct timespec){ .tv_sec = (time_t)(until / NS_PER_S),
                               .tv_nsec = (long)(until % NS_PER_S) };
        pthread_mutex_lock(&p->lock);
        while (!p->finished && code != ETIMEDOUT)
                code = pthread_cond_timedwait(&p->ended, &p->lock, &t);
        finished = p->finished;
        pthread_mutex_unlock(&p->lock);
        return finished;
}

static void profile_progress(void *state, InstrumentProgress *ret)
{
        Profiler *p = state;
        uint64_t elapsed = clock_ns(CLOCK_MONOTONIC) - p->start_ns, samples;

        pthread_mutex_lock(&p->lock);
        samples = p->samples;
        pthread_mutex_unlock(&p->lock);
        *ret = (InstrumentProgress){
                .elapsed_ns = elapsed,
                .planned_ns = p->plan.duration_ns,
                .rate_per_s = elapsed ? (double)samples * (double)NS_PER_S / (double)elapsed : 0
        };
}

static void end_reader(Profiler *p)
{
        uint64_t one = 1;

        (void)!write(p->stop_fd, &one, sizeof(one));
        if (p->reading)
                pthread_join(p->reader, NULL);
        p->reading = false;
}

static int profile_stop(void *state, Arena *arena, Recording **ret, Error *err UNUSED)
{
        Profiler *p = state;
        bool is_command = p->launch.pid > 0, ended;

        end_reader(p);
        launch_stop(&p->launch);
        ended = p->target_ended;
        *ret = profile_record(
                &(ProfileWindow){ .plan = &p->plan,
                                  .sampler = p->sampler,
                                  .wall_ns = p->wall_ns,
                                  .duration_ns = p->end_ns - p->start_ns,
                                  .reader_cpu_ns = p->cpu_ns,
                                  .partial = (p->stopped_early && p->plan.duration_ns) ||
                                             (ended && !is_command && p->plan.duration_ns),
                                  .target_ended = ended,
                                  .exit_status = is_command && ended ? p->launch.exit_status : -1 },
                arena);
        profiler_free(p);
        return 0;
}

static void profile_plan_json(const void *plan, Buf *out)
{
        ProfilePlan full = plan_with_presets(plan);
        JsonWriter w = json_to(out, false);

        json_open_object(&w);
        json_key(&w, "rate_hz");
        json_double(&w, full.rate_hz);
        json_key(&w, "duration_ns");
        json_u64(&w, full.duration_ns);
        json_key(&w, "stack_bytes");
        json_u64(&w, full.stack_bytes);
        json_key(&w, "max_nodes");
        json_u64(&w, full.max_nodes);
        json_key(&w, "kernel");
        json_bool(&w, !full.no_kernel);
        json_key(&w, "inlines");
        json_bool(&w, !full.no_inlines);
        if (full.debuginfod) {
                json_key(&w, "debuginfod");
                json_bool(&w, true);
        }
        json_close_object(&w);
}

const Instrument profile_instrument = {
        .name = "profile",
        .summary = "where CPU time goes: stacks, unwound without frame pointers",
        .needs = NEED_PERF_EVENT | NEED_PTRACE,
        .plan_size = sizeof(ProfilePlan),
        .probe = profile_probe,
        .start = profile_start,
        .wait = profile_wait,
        .progress = profile_progress,
        .stop = profile_stop,
        .plan_json = profile_plan_json,
};
