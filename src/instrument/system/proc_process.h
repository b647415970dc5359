#pragma once
/* What /proc/PID says, as pure functions on text.
 *
 * Formats: proc(5), Documentation/filesystems/proc.rst and scheduler/sched-stats.rst of Linux.
 * The name in PID/stat stands in parentheses and may hold spaces, parentheses and line breaks, so
 * fields are counted from the last ')'. Fields past the ones used here are passed over; a file
 * that ends early is ERR_INPUT with the number of the missing field.
 */

#include "base/span.h"

typedef struct ProcStat {
        Span name; /* at most 15 bytes from the kernel (63 for its workers); into the text */
        char state;
        int pid, ppid;
        bool kernel_thread;
        uint64_t minor_faults, reaped_minor_faults, major_faults, reaped_major_faults;
        uint64_t user_ticks, system_ticks, reaped_user_ticks, reaped_system_ticks;
        uint64_t threads, start_ticks, rss_pages;
} ProcStat;

typedef struct ProcStatus {      /* of one thread: PID/task/TID/status */
        uint64_t peak_rss_bytes; /* VmHWM; 0 without memory of its own */
        uint64_t voluntary_switches, forced_switches;
} ProcStatus;

typedef struct ProcIo {
        uint64_t read_bytes, write_bytes; /* from and to the storage layer */
} ProcIo;

typedef struct ProcSchedstat {
        uint64_t run_ns, wait_ns, slices;
} ProcSchedstat;

int proc_stat_parse(Span text, ProcStat *ret, Error *err);
int proc_status_parse(Span text, ProcStatus *ret, Error *err);
int proc_io_parse(Span text, ProcIo *ret, Error *err);
int proc_schedstat_parse(Span text, ProcSchedstat *ret, Error *err);
int proc_pss_parse(Span smaps_rollup, uint64_t *ret_bytes, Error *err);
