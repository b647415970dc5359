/* The target's side of a look: its tree, what the tree used up, what it holds. */

#include "instrument/system/observer.h"
#include "instrument/system/proc_process.h"

static bool is_alive(const ProcessRow *row)
{
        return row->state != 'Z' && row->state != 'X';
}

static int read_disk(Observer *o, ProcessRow *row, Error *err)
{
        ProcIo io;
        Span text;
        int r = proc_read(&o->proc, proc_path("%d/io", row->pid).text, &text, err);

        if (r == 0)
                r = proc_io_parse(text, &io, err);
        if (r < 0)
                return r;
        row->inherited[USE_DISK_READ] = io.read_bytes;
        row->inherited[USE_DISK_WRITE] = io.write_bytes;
        row->disk_known = true;
        return 0;
}

/* A file that is not there though the process is: this kernel does not offer it. */
static void judge(Observer *o, const ProcessRow *row, SourceId source, int r, const Error *err)
{
        if (r == 0 || !is_alive(row))
                return;
        if (proc_is_gone(r) && !proc_exists(&o->proc, proc_path("%d/stat", row->pid).text))
                return;
        observer_failed(o, source, err);
}

static void look_at_processes(Observer *o, ProcessTable *now)
{
        Totals *t = &o->totals;
        size_t n = 0;

        o->gone = true;
        t->memory_bytes = t->fds = t->threads = 0;
        vec_each (ProcessRow, row, &now->rows) {
                uint64_t fds = 0;
                Error err = { 0 };

                if (row->group != GROUP_TARGET)
                        continue;
                n++;
                o->gone &= !is_alive(row);
                t->memory_bytes += (double)row->rss_pages * page_bytes();
                t->threads += is_alive(row) ? (double)row->threads : 0;
                judge(o, row, SOURCE_DISK, read_disk(o, row, &err), &err);
                judge(o, row, SOURCE_FDS, proc_count_fds(&o->proc, row->pid, &fds, &err), &err);
                t->fds += (double)fds;
        }
        o->most_processes = MAX(o->most_processes, n);
}

static void add_uses(Observer *o, const uint64_t *uses)
{
        Totals *t = &o->totals;

        t->cpu_user_s += (double)uses[USE_USER] * tick_s();
        t->cpu_system_s += (double)uses[USE_SYSTEM] * tick_s();
        t->cpu_s = t->cpu_user_s + t->cpu_system_s;
        t->faults_minor += (double)uses[USE_MINOR_FAULTS];
        t->faults_major += (double)uses[USE_MAJOR_FAULTS];
        t->disk_read_bytes += (double)uses[USE_DISK_READ];
        t->disk_write_bytes += (double)uses[USE_DISK_WRITE];
}

/* A target that this program started ends between two looks: its own account tells the rest. The
 * inherited disk bytes are our own as well, and are left out. */
static void add_last_stretch(Observer *o, const ProcessTable *before, const ProcessTable *now)
{
        const ProcessRow *was = process_table_find(before, o->roots[0].pid);
        uint64_t uses[USE_COUNT_] = { 0 };

        if (!was || was->start_ticks != o->roots[0].start_ticks || process_table_same(now, was) ||
            was->ppid != o->setup.self_pid)
                return;
        if (!ledger_last_stretch(before, now, was, uses))
                return;
        uses[USE_DISK_READ] = uses[USE_DISK_WRITE] = 0;
        add_uses(o, uses);
        o->last_stretch = true;
}

static void settle_processes(Observer *o, const ProcessTable *before, ProcessTable *now)
{
        uint64_t uses[USE_COUNT_] = { 0 };

        ledger_settle(before, now);
        ledger_sum(now, GROUP_TARGET, uses);
        add_uses(o, uses);
        add_last_stretch(o, before, now);
}

void observe_processes(Observer *o)
{
        ProcessTable *before = &o->processes[o->at], *now = &o->processes[!o->at];
        Error err = { 0 };

        o->at = !o->at;
        if (process_table_scan(&o->proc, o->arena, now, &err) < 0)
                observer_failed(o, SOURCE_PROCESSES, &err);
        if (now->truncated) {
                fail(&err, ERR_LIMIT, "more than %d processes", MOST_PROCESSES);
                observer_failed(o, SOURCE_PROCESSES, &err);
        }
        process_table_group(now, o->looks ? before : NULL, o->roots, COUNT(o->roots));
}

void observe_target(Observer *o)
{
        look_at_processes(o, &o->processes[o->at]);
        if (o->looks)
                settle_processes(o, &o->processes[!o->at], &o->processes[o->at]);
}

static int read_pss(Observer *o, const ProcessRow *row, uint64_t *ret, Error *err)
{
        Span text;
        int r = proc_read(&o->proc, proc_path("%d/smaps_rollup", row->pid).text, &text, err);

        return r < 0 ? r : proc_pss_parse(text, ret, err);
}

/* Read once: the kernel walks all pages of the process for it. */
void observe_target_end(Observer *o)
{
        const ProcessTable *now = &o->processes[o->at];
        Error err = { 0 };

        if (o->gone) {
                fail(&err, ERR_NOT_FOUND, "the target ended before the window did");
                observer_failed(o, SOURCE_PSS, &err);
                return;
        }
        vec_each (const ProcessRow, row, &now->rows) {
                uint64_t bytes = 0;

                if (row->group != GROUP_TARGET || row->rss_pages == 0 || !is_alive(row))
                        continue;
                judge(o, row, SOURCE_PSS, read_pss(o, row, &bytes, &err), &err);
                o->pss_bytes += (double)bytes;
        }
}
