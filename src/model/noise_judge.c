#include "model/noise_judge.h"

#include <math.h>

typedef struct NoiseLimit {
        double noisy, unreliable;
        double (*level)(const NoiseFacts *); /* NaN: not known */
        void (*explain)(const NoiseFacts *, Buf *out);
} NoiseLimit;

static double steal_level(const NoiseFacts *f)
{
        return f->steal;
}

static double other_level(const NoiseFacts *f)
{
        return f->other_cpu / f->cpus;
}

/* The part of the CPU work that was neither the target's nor ours; all of it when unknown. */
static double foreign_share(const NoiseFacts *f)
{
        double all = f->other_cpu + f->target_cpu + f->own_cpu;

        return all > 0 ? f->other_cpu / all : 1;
}

static double runqueue_level(const NoiseFacts *f)
{
        return f->runqueue_wait * foreign_share(f);
}

static double psi_cpu_level(const NoiseFacts *f)
{
        return f->psi_cpu * foreign_share(f);
}

static double psi_io_level(const NoiseFacts *f)
{
        return f->psi_io;
}

static void explain_steal(const NoiseFacts *f, Buf *out)
{
        buf_printf(out, "the hypervisor took %.3g %% of the CPU time (steal)", f->steal * 100);
}

static void explain_other(const NoiseFacts *f, Buf *out)
{
        buf_printf(out, "other processes used %.2f of %.0f cores", f->other_cpu, f->cpus);
        if (f->busiest.len)
                buf_printf(out, ", most of all %.*s (pid %d, %.2f)", SPAN_ARG(f->busiest),
                           f->busiest_pid, f->busiest_cpu);
}

static void explain_runqueue(const NoiseFacts *f, Buf *out)
{
        if (f->wait_of_target)
                buf_printf(out, "it waited for a CPU %.3g %% of its time", f->runqueue_wait * 100);
        else
                buf_printf(out, "threads waited %.3g s for a CPU per CPU and second",
                           f->runqueue_wait);
        buf_printf(out, ", and others used %.0f %% of the CPU work", foreign_share(f) * 100);
}

static void explain_psi_cpu(const NoiseFacts *f, Buf *out)
{
        buf_printf(out,
                   "some task waited for a CPU %.0f %% of the time, and others used %.0f %% of "
                   "the CPU work",
                   f->psi_cpu * 100, foreign_share(f) * 100);
}

static void explain_psi_io(const NoiseFacts *f, Buf *out)
{
        buf_printf(out, "some task waited for I/O %.0f %% of the time (whose is not known)",
                   f->psi_io * 100);
}

static const NoiseLimit limits[] = {
        { 0.01, 0.05, steal_level, explain_steal },
        { 0.10, 0.30, other_level, explain_other },
        { 0.05, 0.25, runqueue_level, explain_runqueue },
        { 0.10, 0.50, psi_cpu_level, explain_psi_cpu },
        { 0.25, (double)INFINITY, psi_io_level, explain_psi_io },
};

static NoiseVerdict verdict_of(const NoiseLimit *limit, double level)
{
        if (level >= limit->unreliable)
                return NOISE_UNRELIABLE;
        return level >= limit->noisy ? NOISE_NOISY : NOISE_QUIET; /* NaN is neither */
}

static const NoiseLimit *worst_limit(const NoiseFacts *f, NoiseVerdict *ret)
{
        const NoiseLimit *worst = NULL;
        NoiseVerdict most = NOISE_QUIET;

        for (size_t i = 0; i < COUNT(limits); i++) {
                NoiseVerdict verdict = verdict_of(&limits[i], limits[i].level(f));

                if (verdict <= most)
                        continue;
                most = verdict;
                worst = &limits[i];
        }
        *ret = most;
        return worst;
}

static const char *why_unknown(const NoiseFacts *f)
{
        if (f->window_s < NOISE_SHORTEST_WINDOW_S)
                return "the window was too short to judge the machine by";
        if (isnan(f->steal) && isnan(f->other_cpu))
                return "neither steal nor the CPU of other processes could be read";
        return NULL;
}

Noise noise_judge(const NoiseFacts *facts, Arena *arena)
{
        Noise noise = { .steal = facts->steal,
                        .runqueue_wait = facts->runqueue_wait,
                        .psi_cpu = facts->psi_cpu,
                        .psi_io = facts->psi_io,
                        .other_cpu = facts->other_cpu };
        const char *unknown = why_unknown(facts);
        const NoiseLimit *limit = worst_limit(facts, &noise.verdict);
        Buf reason = buf_in(arena, KiB(1));

        if (unknown) {
                noise.verdict = NOISE_UNKNOWN;
                noise.reason = span_of(unknown);
        } else if (limit) {
                limit->explain(facts, &reason);
                noise.reason = buf_span(&reason);
        }
        return noise;
}
