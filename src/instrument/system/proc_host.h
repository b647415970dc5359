#pragma once
/* What /proc says about the machine, as pure functions on text.
 *
 * Formats: proc(5), Documentation/filesystems/proc.rst, admin-guide/iostats.rst,
 * accounting/psi.rst and scheduler/sched-stats.rst of Linux. Lists (disks, interfaces) are read
 * one row at a time: the caller cuts lines and decides how many to keep.
 */

#include "base/span.h"

/* The "cpu" line of /proc/stat, in ticks since boot over all CPUs. Time of guests is inside
 * `user` and `nice` already. */
typedef struct HostCpu {
        uint64_t user, nice, system, idle, iowait, irq, softirq, steal;
        unsigned cpus; /* "cpuN" lines: the CPUs that are online */
} HostCpu;
int proc_host_cpu_parse(Span text, HostCpu *ret, Error *err);
uint64_t host_cpu_total(const HostCpu *cpu);
uint64_t host_cpu_busy(const HostCpu *cpu); /* without idle, iowait and steal */

typedef struct HostMemory {
        uint64_t total_bytes, available_bytes;
} HostMemory;
int proc_meminfo_parse(Span text, HostMemory *ret, Error *err);

typedef struct HostSwap {
        uint64_t in_pages, out_pages; /* since boot */
} HostSwap;
int proc_vmstat_parse(Span text, HostSwap *ret, Error *err);

/* Sum over all CPUs of /proc/schedstat, versions 15 and later: waiting for a CPU since boot. */
int proc_host_schedstat_parse(Span text, uint64_t *ret_wait_ns, Error *err);

typedef struct DiskRow { /* one line of /proc/diskstats, since boot */
        Span name;
        uint64_t reads, sectors_read, writes, sectors_written, busy_ms;
} DiskRow;
#define DISK_SECTOR_BYTES 512 /* of diskstats, whatever the disk's own */
int proc_disk_parse(Span line, DiskRow *ret, Error *err);

typedef struct InterfaceRow { /* one line of /proc/net/dev, since boot */
        Span name;
        uint64_t in_bytes, out_bytes, errors; /* errors and drops of both directions */
} InterfaceRow;
/* ERR_NOT_FOUND for the two lines of titles. */
int proc_interface_parse(Span line, InterfaceRow *ret, Error *err);

/* "Tcp: ... RetransSegs" of /proc/net/snmp. */
int proc_retransmits_parse(Span text, uint64_t *ret, Error *err);

/* "some ... total=" of /proc/pressure/X: time in which some task waited, since boot. */
int proc_pressure_parse(Span text, uint64_t *ret_us, Error *err);

typedef struct HostLoad {
        double over_1min, over_5min, over_15min;
        uint64_t runnable, tasks;
} HostLoad;
int proc_loadavg_parse(Span text, HostLoad *ret, Error *err);
