#include "instrument/system/noise.h"

#include "instrument/system/observer.h"
#include "instrument/system/proc_host.h"

#include <math.h>
#include <unistd.h>

#define WATCH_CEILING MiB(192)

/* More of the CPU than this share must be in no process we see before it counts as others': the
 * kernel's two ways of counting differ by a few per cent. */
#define UNSEEN_MARGIN 0.05

typedef struct NoiseLook {
        uint64_t at_ns;
        ProcessTable processes;
        ThreadTable threads;
        bool has_cpu;
        HostCpu cpu;
        double wait_s, psi_cpu_s, psi_io_s; /* since boot; NaN: not known */
        bool wait_by_threads;               /* wait_s is not there: add the threads' up */
} NoiseLook;

struct NoiseWatch {
        NoiseSetup setup;
        Arena *arena;
        ProcReader proc;
        bool open;
        NoiseLook begin, end;
};

static void read_cpu(ProcReader *proc, NoiseLook *look)
{
        Span text;

        look->has_cpu = proc_read_start(proc, "stat", &text, NULL) == 0 &&
                        proc_host_cpu_parse(text, &look->cpu, NULL) == 0;
}

static double read_pressure(ProcReader *proc, const char *path)
{
        uint64_t total_us;
        Span text;

        if (proc_read(proc, path, &text, NULL) < 0 ||
            proc_pressure_parse(text, &total_us, NULL) < 0)
                return (double)NAN;
        return (double)total_us / 1e6;
}

/* The kernel's sum over all CPUs; where it is not offered, every thread is asked. */
static void read_wait(NoiseWatch *w, NoiseLook *look)
{
        uint64_t wait_ns;
        Span text;

        if (proc_read_start(&w->proc, "schedstat", &text, NULL) == 0 &&
            proc_host_schedstat_parse(text, &wait_ns, NULL) == 0) {
                look->wait_s = (double)wait_ns / 1e9;
                return;
        }
        look->wait_s = (double)NAN;
        if (process_table_threads(&look->processes) > MOST_THREADS)
                return;
        thread_table_scan(&w->proc,
                          &(ThreadScan){ .processes = &look->processes, .all_groups = true },
                          w->arena, &look->threads);
        look->wait_by_threads = look->threads.wait_error.code == 0;
}

static void look(NoiseWatch *w, NoiseLook *look, const NoiseLook *before, uint64_t now_ns)
{
        const ProcessRoot roots[] = { { .pid = w->setup.pid, .group = GROUP_TARGET },
                                      { .pid = w->setup.self_pid, .group = GROUP_OWN } };

        *look = (NoiseLook){ .at_ns = now_ns,
                             .processes = PROCESS_TABLE_INIT,
                             .threads = THREAD_TABLE_INIT };
        read_cpu(&w->proc, look);
        look->psi_cpu_s = read_pressure(&w->proc, "pressure/cpu");
        look->psi_io_s = read_pressure(&w->proc, "pressure/io");
        if (process_table_scan(&w->proc, w->arena, &look->processes, NULL) < 0)
                return;
        process_table_group(&look->processes, before ? &before->processes : NULL, roots,
                            COUNT(roots));
        read_wait(w, look);
}

void noise_release(NoiseWatch *watch)
{
        if (watch->open)
                proc_reader_close(&watch->proc);
        watch->open = false;
        watch->arena = arena_free(watch->arena);
}

static void release(void *watch)
{
        noise_release(watch);
}

NoiseWatch *noise_begin_in(const NoiseSetup *setup, uint64_t now_ns, Arena *arena)
{
        NoiseWatch *w = new (arena, NoiseWatch, 1);

        w->setup = *setup;
        w->arena = arena_new(WATCH_CEILING);
        arena_defer(arena, release, w);
        w->open = proc_reader_open(setup->proc_root, w->arena, &w->proc, NULL) == 0;
        if (w->open)
                look(w, &w->begin, NULL, now_ns);
        return w;
}

static double cores(uint64_t ticks, double window_s)
{
        return (double)ticks * tick_s() / window_s;
}

static double group_cores(const ProcessTable *table, Group group, double window_s)
{
        uint64_t uses[USE_COUNT_] = { 0 };

        ledger_sum(table, group, uses);
        return cores(uses[USE_USER] + uses[USE_SYSTEM], window_s);
}

/* A target that ended was inherited by whoever waited for it: that was not others' work. */
static void forget_heir(const NoiseWatch *w)
{
        const ProcessRow *was = process_table_find(&w->begin.processes, w->setup.pid);
        ProcessRow *heir;

        if (!was || process_table_same(&w->end.processes, was))
                return;
        heir = process_table_find(&w->end.processes, was->ppid);
        if (heir)
                memset(heir->recent, 0, sizeof(heir->recent));
}

static void find_busiest(const NoiseWatch *w, NoiseFacts *facts)
{
        uint64_t most = 0;

        vec_each (const ProcessRow, row, &w->end.processes.rows) {
                uint64_t ticks = row->recent[USE_USER] + row->recent[USE_SYSTEM];

                if (row->group != GROUP_OTHER || ticks <= most)
                        continue;
                most = ticks;
                facts->busiest = span_of(row->name);
                facts->busiest_pid = row->pid;
        }
        facts->busiest_cpu = cores(most, facts->window_s);
}

/* CPU time that is in no process we see: other containers, or children nobody waited for. */
static double unseen_cores(const NoiseWatch *w, const NoiseFacts *f)
{
        const HostCpu *a = &w->begin.cpu, *b = &w->end.cpu;
        double busy =
                (double)(b->user + b->nice + b->system) - (double)(a->user + a->nice + a->system);
        double seen = f->other_cpu + f->target_cpu + f->own_cpu +
                      group_cores(&w->end.processes, GROUP_KERNEL, f->window_s);
        double unseen = busy * tick_s() / f->window_s - seen - UNSEEN_MARGIN * f->cpus;

        return MAX(unseen, 0.0);
}

static void find_processes(NoiseWatch *w, NoiseFacts *f)
{
        ProcessTable *now = &w->end.processes;

        if (w->begin.processes.rows.len == 0 || now->rows.len == 0)
                return;
        ledger_settle(&w->begin.processes, now);
        forget_heir(w);
        f->other_cpu = group_cores(now, GROUP_OTHER, f->window_s);
        f->target_cpu = group_cores(now, GROUP_TARGET, f->window_s);
        f->own_cpu = group_cores(now, GROUP_OWN, f->window_s);
        find_busiest(w, f);
        if (w->begin.has_cpu && w->end.has_cpu)
                f->other_cpu += unseen_cores(w, f);
}

static void find_steal(const NoiseWatch *w, NoiseFacts *f)
{
        const HostCpu *a = &w->begin.cpu, *b = &w->end.cpu;
        double all = (double)host_cpu_total(b) - (double)host_cpu_total(a);

        if (!w->begin.has_cpu || !w->end.has_cpu)
                return;
        f->cpus = b->cpus;
        if (all > 0 && b->steal >= a->steal)
                f->steal = (double)(b->steal - a->steal) / all;
}

static double find_wait(const NoiseWatch *w, const NoiseFacts *f)
{
        ThreadUses all = { 0 }, target = { 0 };

        if (!w->begin.wait_by_threads || !w->end.wait_by_threads)
                return (w->end.wait_s - w->begin.wait_s) / f->window_s / f->cpus;
        thread_table_settle(&w->begin.threads, &w->end.threads, &all, &target);
        return (double)all.wait_ns / 1e9 / f->window_s / f->cpus;
}

NoiseFacts noise_facts(NoiseWatch *watch, uint64_t now_ns)
{
        NoiseFacts f = { .cpus = 1,
                         .steal = (double)NAN,
                         .runqueue_wait = (double)NAN,
                         .psi_cpu = (double)NAN,
                         .psi_io = (double)NAN,
                         .other_cpu = (double)NAN,
                         .target_cpu = (double)NAN,
                         .own_cpu = (double)NAN };

        if (!watch->open || now_ns <= watch->begin.at_ns)
                return f;
        look(watch, &watch->end, &watch->begin, now_ns);
        f.window_s = (double)(now_ns - watch->begin.at_ns) / 1e9;
        find_steal(watch, &f);
        find_processes(watch, &f);
        f.runqueue_wait = find_wait(watch, &f);
        f.psi_cpu = (watch->end.psi_cpu_s - watch->begin.psi_cpu_s) / f.window_s;
        f.psi_io = (watch->end.psi_io_s - watch->begin.psi_io_s) / f.window_s;
        return f;
}

NoiseWatch *noise_begin(int pid, Arena *arena)
{
        const Os *os = os_real();

        return noise_begin_in(
                &(NoiseSetup){ .proc_root = "/proc", .pid = pid, .self_pid = getpid() }, os_now(os),
                arena);
}

Noise noise_end(NoiseWatch *watch, Arena *arena)
{
        NoiseFacts facts = noise_facts(watch, os_now(os_real()));
        Noise noise = noise_judge(&facts, arena);

        noise_release(watch);
        return noise;
}
