#pragma once
/* Looks at the target and its machine from time to time and adds up what happened.
 *
 *         Observer *o = new(arena, Observer, 1);
 *         r = observer_start(o, &setup, arena, now_ns, err);      // the first look
 *         observer_look(o, now_ns);                               // again and again
 *         o->totals ...                                           // and o->totals_before
 *         observer_finish(o);                                     // what is read once, at the end
 *         observer_close(o);
 *
 * Totals only grow, from the first look on, or are levels of the last look. What could not be
 * read is in `sources`: one failure spoils its source for the whole window, since a sum with a
 * hole in it is not a sum. No clock is read here: time is an argument.
 */

#include "instrument/system/device_set.h"
#include "instrument/system/proc_host.h"
#include "instrument/system/process_ledger.h"
#include "instrument/system/thread_table.h"

/* What is read, and how a note calls it when it could not be. */
#define SOURCES(X)                                                              \
        X(PROCESSES, true, "CPU, memory and faults of the target")              \
        X(WAIT, true, "run-queue wait of the target")                           \
        X(SWITCHES, true, "context switches of the target")                     \
        X(DISK, true, "disk reads and writes of the target")                    \
        X(FDS, true, "open files of the target")                                \
        X(PSS, true, "proportional memory of the target")                       \
        X(GROWTH, true, "memory growth of the target")                          \
        X(HOST_CPU, false, "CPU of the host")                                   \
        X(HOST_WAIT, false, "run-queue wait of the host")                       \
        X(HOST_MEMORY, false, "memory of the host")                             \
        X(HOST_SWAP, false, "swapping of the host")                             \
        X(HOST_DISK, false, "disks of the host")                                \
        X(HOST_NET, false, "network of the host")                               \
        X(HOST_TCP, false, "TCP retransmits in the network errors of the host") \
        X(PSI_CPU, false, "CPU pressure (PSI)")                                 \
        X(PSI_MEMORY, false, "memory pressure (PSI)")                           \
        X(PSI_IO, false, "I/O pressure (PSI)")

typedef enum SourceId {
#define X(id, of_target, text) SOURCE_##id,
        SOURCES(X)
#undef X
                SOURCE_COUNT_,
} SourceId;

typedef struct SourceState {
        Error why; /* code 0: it was read every time */
} SourceState;

typedef struct Totals {
        double elapsed_s;
        /* the target: since the first look */
        double cpu_s, cpu_user_s, cpu_system_s, wait_s;
        double faults_minor, faults_major, switches_voluntary, switches_forced;
        double disk_read_bytes, disk_write_bytes;
        double seen_run_s; /* CPU of the threads that were there to be looked at */
        /* the target: levels */
        double memory_bytes, fds, threads;
        /* the host: since boot or the first look */
        double host_cpu_s, host_busy_s, host_steal_s; /* CPU seconds: all, busy, stolen */
        double host_wait_s, host_capacity_s;          /* capacity: elapsed x CPUs */
        double host_swap_bytes, host_disk_ops, host_disk_bytes;
        double net_in_bytes, net_out_bytes, net_errors, loop_in_bytes, loop_out_bytes;
        double psi_cpu_s, psi_memory_s, psi_io_s;
        /* the host: levels */
        double host_memory, host_disk_busy; /* ratios; the busiest disk since the look before */
} Totals;

typedef struct ObserverSetup {
        const char *proc_root, *sys_root;
        int pid;      /* 0: the host alone */
        int self_pid; /* this program: not the target's use, unless it is the target */
} ObserverSetup;

typedef struct Observer {
        ObserverSetup setup;
        Arena *arena;
        ProcReader proc, sys;
        bool has_sys;
        ProcessRoot roots[2]; /* the target; this program, which is not part of it */
        ProcessTable processes[2];
        ThreadTable threads[2];
        unsigned at; /* which of the two is the last look */
        DeviceSet disks, interfaces;
        bool all_interfaces;  /* none is physical: a container */
        bool wait_by_threads; /* no /proc/schedstat: the threads are asked one by one */
        Totals totals, totals_before;
        SourceState sources[SOURCE_COUNT_];
        uint64_t start_ns, last_ns, looks;
        uint64_t first_peak_rss_bytes, last_peak_rss_bytes; /* VmHWM of the target's root */
        double pss_bytes;
        HostLoad load;         /* at the end; tasks 0: not known */
        size_t most_processes; /* in the target's tree at once */
        bool gone;             /* no process of the target is left */
        bool last_stretch;     /* the root's end was told by its parent's account */
} Observer;

/* ERR_NOT_FOUND when there is no such process. */
int observer_start(Observer *o, const ObserverSetup *setup, Arena *arena, uint64_t now_ns,
                   Error *err);
void observer_look(Observer *o, uint64_t now_ns);
void observer_finish(Observer *o);
void observer_close(Observer *o);

/* Between the files of the observer. */
void observe_processes(Observer *o); /* first: the others read what it found */
void observe_host(Observer *o);
void observe_threads(Observer *o); /* after the host: it may stand in for a file */
void observe_target(Observer *o);
void observe_host_end(Observer *o);
void observe_target_end(Observer *o);
/* Keeps the first reason. */
void observer_failed(Observer *o, SourceId source, const Error *why);
const char *source_text(SourceId source);
bool source_is_of_target(SourceId source);
double page_bytes(void);
double tick_s(void);
