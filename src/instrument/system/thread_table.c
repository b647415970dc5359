#include "instrument/system/thread_table.h"

#include "instrument/system/proc_process.h"

#include <stdlib.h>

typedef struct Scanner {
        ProcReader *proc;
        const ThreadScan *scan;
        Arena *arena;
        ThreadTable *table;
} Scanner;

/* Keeps the first reason; a thread that ended is none. */
static void remember(Error *kept, int r, const Error *err)
{
        if (r < 0 && !proc_is_gone(r) && kept->code == 0)
                *kept = *err;
}

static int read_wait(const Scanner *s, int pid, ThreadRow *row, Error *err)
{
        ProcSchedstat sched;
        Span text;
        int r = proc_read(s->proc, proc_path("%d/task/%d/schedstat", pid, row->tid).text, &text,
                          err);

        if (r == 0)
                r = proc_schedstat_parse(text, &sched, err);
        if (r < 0)
                return r;
        row->run_ns = sched.run_ns;
        row->wait_ns = sched.wait_ns;
        return 0;
}

static int read_switches(const Scanner *s, int pid, ThreadRow *row, Error *err)
{
        ProcStatus status;
        Span text;
        int r = proc_read(s->proc, proc_path("%d/task/%d/status", pid, row->tid).text, &text, err);

        if (r == 0)
                r = proc_status_parse(text, &status, err);
        if (r < 0)
                return r;
        row->voluntary_switches = status.voluntary_switches;
        row->forced_switches = status.forced_switches;
        if (pid == s->scan->peak_of && row->tid == pid)
                s->table->peak_rss_bytes = status.peak_rss_bytes;
        return 0;
}

/* -ERR_LIMIT past the ceiling. */
static int add_thread(const Scanner *s, const ProcessRow *process, int tid)
{
        ThreadTable *table = s->table;
        ThreadRow row = { .tid = tid, .of_target = process->group == GROUP_TARGET }, *slot;
        int pid = process->pid, r;
        Error err = { 0 };

        r = read_wait(s, pid, &row, &err);
        if (proc_is_gone(r) && !proc_exists(s->proc, proc_path("%d/task/%d", pid, tid).text))
                return 0;
        /* A missing schedstat of a thread that is there: this kernel does not count. */
        if (r < 0 && table->wait_error.code == 0)
                table->wait_error = err;
        if (s->scan->switches && row.of_target)
                remember(&table->switches_error, read_switches(s, pid, &row, &err), &err);
        slot = vec_add(s->arena, &table->rows);
        if (!slot) {
                fail(&err, ERR_LIMIT, "more than %d threads", MOST_THREADS);
                remember(&table->wait_error, -ERR_LIMIT, &err);
                remember(&table->switches_error, -ERR_LIMIT, &err);
                return -ERR_LIMIT;
        }
        *slot = row;
        return 0;
}

static int add_process(const Scanner *s, const ProcessRow *process)
{
        AUTO(proc_dir_closep) DIR *dir = NULL;
        int tid, r = 0;

        if (process->threads <= 1)
                return add_thread(s, process, process->pid);
        if (proc_open_dir(s->proc, proc_path("%d/task", process->pid).text, &dir, NULL) < 0)
                return 0; /* it ended */
        while (r == 0 && proc_next_number(dir, &tid))
                r = add_thread(s, process, tid);
        return r;
}

static int by_tid(const void *a, const void *b)
{
        const ThreadRow *x = a, *y = b;

        return x->tid < y->tid ? -1 : x->tid > y->tid;
}

void thread_table_scan(ProcReader *proc, const ThreadScan *scan, Arena *arena, ThreadTable *table)
{
        Scanner s = { .proc = proc, .scan = scan, .arena = arena, .table = table };
        int r = 0;

        table->rows.len = 0;
        table->peak_rss_bytes = 0;
        vec_each (const ProcessRow, process, &scan->processes->rows)
                if (r == 0 && (scan->all_groups || process->group == GROUP_TARGET))
                        r = add_process(&s, process);
        if (table->rows.len)
                qsort(table->rows.items, table->rows.len, sizeof(ThreadRow), by_tid);
}

static uint64_t growth(uint64_t before, uint64_t now)
{
        return now >= before ? now - before : now; /* less than before: the id was used again */
}

static void add_growth(const ThreadRow *from, const ThreadRow *to, ThreadUses *uses)
{
        uses->run_ns += growth(from->run_ns, to->run_ns);
        uses->wait_ns += growth(from->wait_ns, to->wait_ns);
        uses->voluntary_switches += growth(from->voluntary_switches, to->voluntary_switches);
        uses->forced_switches += growth(from->forced_switches, to->forced_switches);
}

void thread_table_settle(const ThreadTable *before, const ThreadTable *now, ThreadUses *all,
                         ThreadUses *target)
{
        static const ThreadRow newborn;
        size_t at = 0;

        vec_each (const ThreadRow, row, &now->rows) {
                const ThreadRow *from = &newborn;

                while (at < before->rows.len && before->rows.items[at].tid < row->tid)
                        at++;
                if (at < before->rows.len && before->rows.items[at].tid == row->tid)
                        from = &before->rows.items[at];
                add_growth(from, row, all);
                if (row->of_target)
                        add_growth(from, row, target);
        }
}
