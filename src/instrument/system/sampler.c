#include "instrument/system/sampler.h"

#include <errno.h>
#include <signal.h>

static struct timespec to_timespec(uint64_t ns)
{
        return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S),
                                  .tv_nsec = (long)(ns % NS_PER_S) };
}

static uint64_t thread_cpu_ns(void)
{
        struct timespec t;

        if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) < 0)
                return 0;
        return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* True: asked to stop before the deadline (on the monotonic clock). */
static bool wait_until(Sampler *s, uint64_t deadline_ns)
{
        struct timespec deadline = to_timespec(deadline_ns);
        bool stop;
        int r = 0;

        pthread_mutex_lock(&s->lock);
        while (!s->stop && r != ETIMEDOUT)
                r = pthread_cond_timedwait(&s->changed, &s->lock, &deadline);
        stop = s->stop;
        pthread_mutex_unlock(&s->lock);
        return stop;
}

static void look_at_tick(Sampler *s, uint64_t tick)
{
        Observer *o = &s->observer;
        uint64_t looks = o->looks;

        observer_look(o, os_now(s->setup.os));
        if (o->looks > looks)
                system_track_add(&s->track, tick - 1, &o->totals_before, &o->totals);
}

static void look_last(Sampler *s)
{
        Observer *o = &s->observer;
        uint64_t looks = o->looks;

        observer_look(o, os_now(s->setup.os));
        if (o->looks > looks)
                system_track_end(&s->track, &o->totals_before, &o->totals);
}

#define COST_SHARE 20 /* of an interval: one look may cost that part of it */
#define CHEAP_LOOK_NS (10 * NS_PER_MS)

uint64_t sampler_ticks_to_skip(uint64_t interval_ns, uint64_t cost_ns)
{
        return cost_ns / MAX(interval_ns / COST_SHARE, CHEAP_LOOK_NS);
}

/* One look for each tick until the plan's end, the target's end or a stop. */
static void run_ticks(Sampler *s)
{
        uint64_t interval = s->setup.interval_ns, duration = s->setup.duration_ns;

        for (uint64_t tick = 1; !s->observer.gone; tick++) {
                uint64_t late = os_now(s->setup.os) - s->start_ns, cost_ns = thread_cpu_ns(), skip;

                tick = MAX(tick, late / interval);
                if (duration && tick * interval > duration) {
                        s->reached_end = !wait_until(s, s->start_ns + duration);
                        return;
                }
                if (wait_until(s, s->start_ns + tick * interval))
                        return;
                look_at_tick(s, tick);
                skip = sampler_ticks_to_skip(interval, thread_cpu_ns() - cost_ns);
                s->skipped += skip;
                tick += skip;
        }
}

static bool ends_on_a_tick(const Sampler *s)
{
        return s->reached_end && s->observer.last_ns >= s->start_ns + s->setup.duration_ns;
}

static void *run(void *arg)
{
        Sampler *s = arg;

        run_ticks(s);
        if (!s->observer.gone && !ends_on_a_tick(s))
                look_last(s);
        s->end_ns = s->observer.last_ns;
        observer_finish(&s->observer);
        s->cost_ns = thread_cpu_ns();
        pthread_mutex_lock(&s->lock);
        s->over = true;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
        return NULL;
}

static void init_lock(Sampler *s)
{
        pthread_condattr_t attr;

        pthread_mutex_init(&s->lock, NULL);
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&s->changed, &attr);
        pthread_condattr_destroy(&attr);
}

/* Signals go to the threads that know what to do with them. */
static int start_thread(Sampler *s, Error *err)
{
        sigset_t all, before;
        int r;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&s->thread, NULL, run, s);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (r)
                return fail(err, r, "cannot start the sampling thread");
        s->running = true;
        return 0;
}

int sampler_start(const SamplerSetup *setup, Arena *arena, Sampler **ret, Error *err)
{
        Sampler *s = new (arena, Sampler, 1);
        int r;

        s->setup = *setup;
        if (s->setup.interval_ns == 0)
                s->setup.interval_ns = NS_PER_S;
        s->setup.interval_ns = MAX(s->setup.interval_ns, SHORTEST_INTERVAL_NS);
        s->track = system_track_new(arena);
        s->start_ns = os_now(setup->os);
        s->wall_ns = setup->os->wall_ns(setup->os);
        r = observer_start(&s->observer, &setup->observer, arena, s->start_ns, err);
        if (r < 0)
                return r;
        system_track_start(&s->track, &s->observer.totals);
        init_lock(s);
        r = start_thread(s, err);
        if (r < 0) {
                sampler_close(s);
                return r;
        }
        *ret = s;
        return 0;
}

bool sampler_wait(Sampler *s, uint64_t timeout_ns)
{
        uint64_t now = os_now(s->setup.os), at;
        struct timespec deadline;
        bool over;
        int r = 0;

        if (__builtin_add_overflow(now, timeout_ns, &at))
                at = UINT64_MAX;
        deadline = to_timespec(at);
        pthread_mutex_lock(&s->lock);
        while (!s->over && r != ETIMEDOUT)
                r = pthread_cond_timedwait(&s->changed, &s->lock, &deadline);
        over = s->over;
        pthread_mutex_unlock(&s->lock);
        return over;
}

void sampler_stop(Sampler *s)
{
        if (!s->running)
                return;
        pthread_mutex_lock(&s->lock);
        s->stop = true;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->thread, NULL);
        s->running = false;
}

void sampler_close(Sampler *s)
{
        sampler_stop(s);
        observer_close(&s->observer);
        pthread_cond_destroy(&s->changed);
        pthread_mutex_destroy(&s->lock);
}
