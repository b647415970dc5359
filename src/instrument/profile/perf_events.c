#include "instrument/profile/perf_events.h"

#include "base/fs.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_CPUS 4096
#define MAX_EVENTS (1u << 18)
#define RING_LEAST KiB(256)
#define RING_MOST MiB(16)
#define RING_HOLDS_S 0.5 /* of one busy CPU's samples */

static struct perf_event_attr attributes(const PerfEventsPlan *plan, bool with_kernel)
{
        return (struct perf_event_attr){
                .size = sizeof(struct perf_event_attr),
                .type = PERF_TYPE_SOFTWARE,
                .config = PERF_COUNT_SW_CPU_CLOCK,
                .sample_period = (uint64_t)((double)NS_PER_S / plan->rate_hz),
                .sample_type = PERF_SAMPLE_FORMAT,
                .sample_regs_user = PERF_USER_REGISTERS,
                .sample_stack_user = plan->stack_bytes,
                .disabled = 1,
                .inherit = plan->targets != NULL,
                .enable_on_exec = plan->enable_on_exec,
                .exclude_kernel = !with_kernel,
                .exclude_hv = 1,
                .exclude_idle = 1,
                .exclude_guest = 1,
                .exclude_callchain_user = 1,
                .exclude_callchain_kernel = !with_kernel || plan->no_kernel,
                .mmap = 1,
                .mmap2 = 1,
                .comm = 1,
                .comm_exec = 1,
                .task = 1,
                .sample_id_all = 1,
                .watermark = 1, /* never reached: we read by the clock, nobody is woken */
                .wakeup_watermark = INT32_MAX,
                .use_clockid = 1,
                .clockid = CLOCK_MONOTONIC,
        };
}

static int event_open(const struct perf_event_attr *attr, int tid, int cpu)
{
        int fd = (int)syscall(SYS_perf_event_open, attr, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* "0-3,8" and the like. */
static int parse_cpus(Span text, Arena *arena, TaskList *ret, Error *err)
{
        TaskList cpus = VEC_INIT(MAX_CPUS);
        Span rest = span_trim(text);

        while (rest.ptr && rest.len) {
                Span range = span_cut(&rest, ','), first = span_cut(&range, '-');
                uint64_t from, to;

                if (span_to_u64(first, &from, err) < 0)
                        return fail_while(err, "reading the list of CPUs");
                to = from;
                if (range.ptr && span_to_u64(range, &to, err) < 0)
                        return fail_while(err, "reading the list of CPUs");
                for (; from <= to; from++) {
                        int *slot = vec_add(arena, &cpus);

                        if (!slot)
                                return fail(err, ERR_LIMIT, "more than %d CPUs", MAX_CPUS);
                        *slot = (int)from;
                }
        }
        *ret = cpus;
        return 0;
}

static int online_cpus(Arena *arena, TaskList *ret, Error *err)
{
        Span text;
        int r = file_read("/sys/devices/system/cpu/online", KiB(64), arena, &text, err);

        return r < 0 ? r : parse_cpus(text, arena, ret, err);
}

static size_t ring_size(const PerfEventsPlan *plan)
{
        double wanted = plan->rate_hz * ((double)plan->stack_bytes + 1024) * RING_HOLDS_S;
        size_t size = RING_LEAST;

        while (size < RING_MOST && (double)size < wanted)
                size *= 2;
        return size;
}

/* One descriptor per thread and CPU goes past the usual soft limit. */
static void raise_descriptor_limit(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
                limit.rlim_cur = limit.rlim_max;
                (void)setrlimit(RLIMIT_NOFILE, &limit);
        }
}

static int fail_open(int code, int tid, Error *err)
{
        if (code == EACCES || code == EPERM) {
                (void)fail(err, ERR_UNAVAILABLE, "not permitted to sample thread %d", tid);
                return fail_hint(err, "run as root or with CAP_PERFMON, or set "
                                      "kernel.perf_event_paranoid to 2 or less; for processes "
                                      "of others also CAP_SYS_PTRACE (kernel.yama.ptrace_scope)");
        }
        if (code == EMFILE || code == ENFILE) {
                (void)fail(err, ERR_LIMIT,
                           "too many threads: a file descriptor is needed for "
                           "each thread on each CPU");
                return fail_hint(err, "raise the hard limit of open files (ulimit -Hn)");
        }
        if (code == ENOSYS || code == ENOENT)
                return fail(err, ERR_UNAVAILABLE, "this kernel has no perf events");
        return fail(err, code, "cannot open a perf event for thread %d", tid);
}

/* The first event of a CPU owns its ring; the others write into it. */
static int attach_ring(PerfEvents *events, size_t ring, int fd, Arena *arena, Error *err)
{
        if (events->ring_fds[ring] >= 0) {
                if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, events->ring_fds[ring]) < 0)
                        return fail(err, errno, "cannot share a perf ring buffer");
                return 0;
        }
        for (;; events->ring_bytes /= 2) {
                int r = perf_ring_map(fd, events->ring_bytes, arena, &events->rings[ring], err);

                if (r == 0)
                        break;
                if ((r != -EPERM && r != -ENOMEM) || events->ring_bytes <= RING_LEAST)
                        return fail_hint(err, "raise kernel.perf_event_mlock_kb or the limit of "
                                              "locked memory (ulimit -l)");
        }
        events->ring_fds[ring] = fd;
        return 0;
}

static int open_one(PerfEvents *events, const struct perf_event_attr *attr, int tid, int cpu,
                    size_t ring, Arena *arena, Error *err)
{
        int fd = event_open(attr, tid, cpu);
        int *slot;

        if (fd == -ESRCH) {
                events->some_gone = true;
                return 0;
        }
        if (fd == -ENODEV) /* the CPU went offline */
                return 0;
        if (fd < 0)
                return fail_open(-fd, tid, err);
        slot = vec_add(arena, &events->fds);
        if (!slot) {
                close(fd);
                return fail(err, ERR_LIMIT, "more than %u events", MAX_EVENTS);
        }
        *slot = fd;
        return attach_ring(events, ring, fd, arena, err);
}

static int open_all(PerfEvents *events, const PerfEventsPlan *plan, const TaskList *cpus,
                    Arena *arena, Error *err)
{
        static const int everybody = -1;
        const int *tids = plan->targets ? plan->targets->items : &everybody;
        size_t n = plan->targets ? plan->targets->len : 1;
        struct perf_event_attr attr = attributes(plan, events->with_kernel);
        int r = 0;

        for (size_t t = 0; r == 0 && t < n; t++)
                for (size_t c = 0; r == 0 && c < cpus->len; c++)
                        r = open_one(events, &attr, tids[t], cpus->items[c], c, arena, err);
        if (r == 0 && events->fds.len == 0)
                r = fail(err, ERR_NOT_FOUND, "the target has ended");
        return r;
}

/* Is the kernel's part permitted? Asked with a thread of the target, which is then closed. */
static bool kernel_permitted(const PerfEventsPlan *plan)
{
        struct perf_event_attr attr = attributes(plan, true);
        int tid = plan->targets && plan->targets->len ? plan->targets->items[0] : -1;
        int fd = event_open(&attr, tid, tid < 0 ? 0 : -1);

        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

int perf_events_open(const PerfEventsPlan *plan, Arena *arena, PerfEvents **ret, Error *err)
{
        PerfEvents *events = new (arena, PerfEvents, 1);
        TaskList cpus = { 0 };
        int r = online_cpus(arena, &cpus, err);

        if (r < 0)
                return r;
        raise_descriptor_limit();
        events->fds.ceiling = MAX_EVENTS;
        events->n_rings = cpus.len;
        events->rings = new (arena, PerfRing, cpus.len);
        events->ring_fds = new (arena, int, cpus.len);
        for (size_t i = 0; i < cpus.len; i++)
                events->ring_fds[i] = -1;
        events->ring_bytes = ring_size(plan);
        events->with_kernel = kernel_permitted(plan);
        r = open_all(events, plan, &cpus, arena, err);
        if (r < 0) {
                perf_events_close(events);
                return r;
        }
        *ret = events;
        return 0;
}

int perf_events_enable(PerfEvents *events, Error *err)
{
        vec_each (int, fd, &events->fds)
                if (ioctl(*fd, PERF_EVENT_IOC_ENABLE, 0) < 0)
                        return fail(err, errno, "cannot start a perf event");
        return 0;
}

void perf_events_disable(PerfEvents *events)
{
        vec_each (int, fd, &events->fds)
                (void)ioctl(*fd, PERF_EVENT_IOC_DISABLE, 0);
}

PerfEvents *perf_events_close(PerfEvents *events)
{
        if (!events)
                return NULL;
        for (size_t i = 0; i < events->n_rings; i++)
                perf_ring_unmap(&events->rings[i]);
        vec_each (int, fd, &events->fds)
                close(*fd);
        events->fds.len = 0;
        return NULL;
}
