#pragma once
/* All threads of a group of processes at one moment, sorted by thread id, with what the kernel
 * counts for each: time on a CPU, time waiting for one, and switches.
 *
 * PID/schedstat and the switches in PID/status are those of the first thread alone, so every
 * thread has to be asked. What a thread did between the last look and its end is lost.
 */

#include "instrument/system/process_table.h"

#define MOST_THREADS 16384

typedef struct ThreadRow {
        int tid;
        bool of_target;
        uint64_t run_ns, wait_ns, voluntary_switches, forced_switches;
} ThreadRow;

typedef struct ThreadUses {
        uint64_t run_ns, wait_ns, voluntary_switches, forced_switches;
} ThreadUses;

typedef struct ThreadTable {
        VEC(ThreadRow) rows;
        /* The first reason why something could not be read; code 0: all was. */
        Error wait_error, switches_error;
        uint64_t peak_rss_bytes; /* VmHWM of the process `peak_of`; 0: not seen */
} ThreadTable;

#define THREAD_TABLE_INIT                      \
        {                                      \
                .rows = VEC_INIT(MOST_THREADS) \
        }

typedef struct ThreadScan {
        const ProcessTable *processes;
        bool all_groups; /* else GROUP_TARGET only */
        bool switches;   /* of the target: read PID/task/TID/status too */
        int peak_of;     /* process of the target whose VmHWM is wanted; needs `switches` */
} ThreadScan;

void thread_table_scan(ProcReader *proc, const ThreadScan *scan, Arena *arena, ThreadTable *table);
/* Adds what was used between two tables, by all and by the target alone; a thread that is new
 * brings all it has. */
void thread_table_settle(const ThreadTable *before, const ThreadTable *now, ThreadUses *all,
                         ThreadUses *target);
