#pragma once
/* All processes at one moment, sorted by pid, and which group each belongs to.
 *
 *         ProcessTable now = PROCESS_TABLE_INIT;
 *         r = process_table_scan(&proc, arena, &now, err);       // reuses the rows it has
 *         process_table_group(&now, &before, roots, n_roots);
 *
 * A process is the pair of pid and start time, so a pid that is used again is another process. It
 * belongs to the nearest root above it, or to the group it was in before: one whose parent ended
 * stays with its tree though init is its parent now. Missed are those that are born and lose
 * their parent within one interval.
 */

#include "base/vec.h"
#include "instrument/system/proc_file.h"

#define MOST_PROCESSES 65536

/* What a process has used up since it began. A parent that waits for a child inherits the
 * child's sum; the ledger knows about that. */
typedef enum Use {
        USE_USER, /* ticks */
        USE_SYSTEM,
        USE_MINOR_FAULTS,
        USE_MAJOR_FAULTS,
        USE_DISK_READ, /* bytes; own and inherited in one number */
        USE_DISK_WRITE,
        USE_COUNT_,
} Use;

typedef enum Group {
        GROUP_OTHER,
        GROUP_TARGET,
        GROUP_OWN,    /* this program and what it started */
        GROUP_KERNEL, /* the kernel's own threads, who work for everybody */
        GROUP_COUNT_,
} Group;

#define PROCESS_NAME_SIZE 64 /* the kernel's longest, with the NUL */

typedef struct ProcessRow {
        int pid, ppid;
        uint64_t start_ticks;
        char state; /* 'Z': ended, not waited for */
        bool kernel_thread;
        bool disk_known; /* USE_DISK_* were read */
        bool grouped;    /* for process_table_group() */
        Group group;
        char name[PROCESS_NAME_SIZE];
        uint64_t threads, rss_pages;
        uint64_t own[USE_COUNT_], inherited[USE_COUNT_];
        /* Use that the end of children will bring into `inherited` and that was counted when it
         * happened: seen to end this time, and the time before. */
        uint64_t owed[USE_COUNT_], owed_before[USE_COUNT_];
        uint64_t recent[USE_COUNT_]; /* used since the table before; by ledger_settle() */
} ProcessRow;

typedef struct ProcessTable {
        VEC(ProcessRow) rows;
        bool truncated; /* more than MOST_PROCESSES */
} ProcessTable;

#define PROCESS_TABLE_INIT                       \
        {                                        \
                .rows = VEC_INIT(MOST_PROCESSES) \
        }

typedef struct ProcessRoot {
        int pid;
        uint64_t start_ticks; /* 0: whoever has the pid */
        Group group;
} ProcessRoot;

int process_table_scan(ProcReader *proc, Arena *arena, ProcessTable *table, Error *err);
ProcessRow *process_table_find(const ProcessTable *table, int pid);
/* The same process in another table; NULL: it is not there. */
ProcessRow *process_table_same(const ProcessTable *table, const ProcessRow *row);
size_t process_table_threads(const ProcessTable *table); /* of all processes */
/* `before` may be NULL. */
void process_table_group(ProcessTable *table, const ProcessTable *before, const ProcessRoot *roots,
                         size_t n_roots);
