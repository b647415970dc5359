/* The counters of one program, from its exec to its end; see counters.h and perf_event_open(2). */

#include "instrument/bench/launcher_program.h"
#include "instrument/bench/launcher_sys.h"

#include <linux/perf_event.h>

void counts_close(Counts *counts)
{
        for (int i = 0; i < COUNTERS; i++)
                if (counts->fds[i] >= 0)
                        sys(SYS_close, counts->fds[i]);
        *counts = COUNTS_NONE;
}

long counts_open(const ExecRequest *request, int pid, Counts *ret)
{
        Counts counts = COUNTS_NONE;

        for (int i = 0; i < COUNTERS; i++) {
                struct perf_event_attr attr =
                        COUNTER_ATTR(&request->events[i], request->counts_user_only);
                long fd = sys(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);

                if (fd < 0) {
                        counts_close(&counts);
                        return fd;
                }
                counts.fds[i] = (int)fd;
        }
        *ret = counts;
        return 0;
}

/* A counter that others had at times has not counted all: 0, which is nobody's count. */
void counts_read(const Counts *counts, uint64_t ret[static COUNTERS])
{
        for (int i = 0; i < COUNTERS; i++) {
                struct {
                        uint64_t value, enabled_ns, running_ns;
                } now;

                ret[i] = 0;
                if (counts->fds[i] >= 0 &&
                    sys(SYS_read, counts->fds[i], &now, sizeof(now)) == sizeof(now) &&
                    now.enabled_ns == now.running_ns)
                        ret[i] = now.value;
        }
}
