#include "instrument/bench/counters.h"

#include "instrument/bench/exec.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

const CounterEvent counter_events[COUNTERS] = {
        { PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
        { PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
};

#define NO_PMU "this machine counts no instructions: no PMU, as in most virtual machines"
#define FORBIDDEN                                                                           \
        "counting instructions is not permitted (kernel.perf_event_paranoid above 2, or a " \
        "container that forbids perf_event_open)"
#define BY_VALGRIND "count them with valgrind instead: --instructions"
#define PERMIT "set kernel.perf_event_paranoid to 2 or less, or run with CAP_PERFMON"

typedef struct Reason {
        int code;
        const char *message, *hint;
} Reason;

static const Reason reasons[] = {
        { ENOENT, NO_PMU, BY_VALGRIND },
        { ENODEV, NO_PMU, BY_VALGRIND },
        { EOPNOTSUPP, "this machine's PMU cannot count for single processes", BY_VALGRIND },
        { ENOSYS, "this kernel has no perf events", BY_VALGRIND },
        { EACCES, FORBIDDEN, PERMIT },
        { EPERM, FORBIDDEN, PERMIT },
        { 0, "the kernel refuses to count instructions", BY_VALGRIND },
};

static const Reason *reason_of(int code)
{
        const Reason *reason = reasons;

        while (reason->code && reason->code != code)
                reason++;
        return reason;
}

static int try_event(const CounterEvent *event, bool user_only)
{
        struct perf_event_attr attr = COUNTER_ATTR(event, user_only);
        AUTO(closep)
        int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

        return fd < 0 ? errno : 0;
}

static int try_all(const CounterEvent events[static COUNTERS], bool user_only)
{
        int failure = 0;

        for (size_t i = 0; failure == 0 && i < COUNTERS; i++)
                failure = try_event(&events[i], user_only);
        return failure;
}

CounterUse counters_probe(const CounterEvent events[static COUNTERS])
{
        CounterUse use = { 0 };
        int failure = try_all(events, false);

        if (failure == EACCES || failure == EPERM) {
                use.user_only = true;
                failure = try_all(events, true);
        }
        use.counts = failure == 0;
        if (failure) {
                use.reason = reason_of(failure)->message;
                use.hint = reason_of(failure)->hint;
        }
        return use;
}

bool counters_available(const char **ret_reason)
{
        CounterUse use = counters_probe(counter_events);

        if (!use.counts)
                *ret_reason = use.reason;
        return use.counts;
}
