#include "instrument/system/process_table.h"

#include "instrument/system/proc_process.h"

#include <stdlib.h>

static ProcessRow row_from(const ProcStat *stat)
{
        ProcessRow row = {
                .pid = stat->pid,
                .ppid = stat->ppid,
                .start_ticks = stat->start_ticks,
                .state = stat->state,
                .kernel_thread = stat->kernel_thread,
                .threads = stat->threads,
                .rss_pages = stat->rss_pages,
                .own = { stat->user_ticks, stat->system_ticks, stat->minor_faults,
                         stat->major_faults },
                .inherited = { stat->reaped_user_ticks, stat->reaped_system_ticks,
                               stat->reaped_minor_faults, stat->reaped_major_faults },
        };
        Span name = span_first(stat->name, sizeof(row.name) - 1);

        if (name.len)
                memcpy(row.name, name.ptr, name.len);
        return row;
}

/* A process that ended meanwhile, or whose stat is torn, is left out. */
static bool read_row(ProcReader *proc, int pid, ProcessRow *ret)
{
        ProcStat stat;
        Span text;

        if (proc_read(proc, proc_path("%d/stat", pid).text, &text, NULL) < 0 ||
            proc_stat_parse(text, &stat, NULL) < 0 || stat.pid != pid)
                return false;
        *ret = row_from(&stat);
        return true;
}

static int by_pid(const void *a, const void *b)
{
        const ProcessRow *x = a, *y = b;

        return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* /proc lists them in order; another file system may not. */
static void sort_rows(ProcessTable *table)
{
        for (size_t i = 1; i < table->rows.len; i++)
                if (table->rows.items[i - 1].pid > table->rows.items[i].pid) {
                        qsort(table->rows.items, table->rows.len, sizeof(ProcessRow), by_pid);
                        return;
                }
}

int process_table_scan(ProcReader *proc, Arena *arena, ProcessTable *table, Error *err)
{
        AUTO(proc_dir_closep) DIR *dir = NULL;
        int pid, r = proc_open_dir(proc, ".", &dir, err);

        if (r < 0)
                return r;
        table->rows.len = 0;
        table->truncated = false;
        while (proc_next_number(dir, &pid)) {
                ProcessRow row, *slot;

                if (!read_row(proc, pid, &row))
                        continue;
                slot = vec_add(arena, &table->rows);
                if (!slot) {
                        table->truncated = true;
                        break;
                }
                *slot = row;
        }
        sort_rows(table);
        return 0;
}

ProcessRow *process_table_find(const ProcessTable *table, int pid)
{
        ProcessRow key = { .pid = pid };

        if (table->rows.len == 0)
                return NULL;
        return bsearch(&key, table->rows.items, table->rows.len, sizeof(key), by_pid);
}

ProcessRow *process_table_same(const ProcessTable *table, const ProcessRow *row)
{
        ProcessRow *found = process_table_find(table, row->pid);

        return found && found->start_ticks == row->start_ticks ? found : NULL;
}

size_t process_table_threads(const ProcessTable *table)
{
        size_t n = 0;

        vec_each (const ProcessRow, row, &table->rows)
                n += row->threads;
        return n;
}

static void mark_root(const ProcessTable *table, const ProcessRoot *root)
{
        ProcessRow *row = process_table_find(table, root->pid);

        if (!row || (root->start_ticks && row->start_ticks != root->start_ticks))
                return;
        row->grouped = true;
        row->group = root->group;
}

static void mark_as_before(const ProcessTable *table, const ProcessTable *before)
{
        vec_each (ProcessRow, was, &before->rows) {
                ProcessRow *row = was->group != GROUP_OTHER ? process_table_same(table, was) : NULL;

                if (!row || row->grouped)
                        continue;
                row->grouped = true;
                row->group = was->group;
        }
}

/* Walks up to a row whose group is known, then gives that group to all it passed. A chain cannot
 * be longer than the table: parents that form a ring, as a torn reading may show, belong nowhere.
 */
static void group_row(const ProcessTable *table, ProcessRow *row)
{
        ProcessRow *known = row;
        Group group = GROUP_OTHER;

        for (size_t steps = 0; known && !known->grouped && steps < table->rows.len; steps++)
                known = known->ppid > 0 ? process_table_find(table, known->ppid) : NULL;
        if (known && known->grouped)
                group = known->group;
        for (ProcessRow *at = row; at && !at->grouped;) {
                at->grouped = true;
                at->group = group;
                at = at->ppid > 0 ? process_table_find(table, at->ppid) : NULL;
        }
}

void process_table_group(ProcessTable *table, const ProcessTable *before, const ProcessRoot *roots,
                         size_t n_roots)
{
        vec_each (ProcessRow, row, &table->rows) {
                row->grouped = row->kernel_thread;
                row->group = row->kernel_thread ? GROUP_KERNEL : GROUP_OTHER;
        }
        for (size_t i = n_roots; i-- > 0;)
                mark_root(table, &roots[i]);
        if (before)
                mark_as_before(table, before);
        vec_each (ProcessRow, row, &table->rows)
                group_row(table, row);
}
