#include "instrument/system/process_table.h"
#include "instrument/system/system.h"

#include <string.h>

#define TREE_CEILING MiB(64)

static size_t add_children(const ProcessTable *table, int pid, int *pids, size_t n, size_t max)
{
        vec_each (const ProcessRow, row, &table->rows)
                if (row->ppid == pid && row->pid != pids[0] && n < max)
                        pids[n++] = row->pid;
        return n;
}

/* Breadth first, the root in front. A pid is found once: it has one parent, and the root's own
 * parent is never asked for. */
static size_t list_tree(const ProcessTable *table, int pid, int *pids, size_t max)
{
        size_t n = 0;

        if (max && process_table_find(table, pid))
                pids[n++] = pid;
        for (size_t i = 0; i < n && n < max; i++)
                n = add_children(table, pids[i], pids, n, max);
        return n;
}

size_t process_tree(int pid, int *ret_pids, size_t max)
{
        AUTO(arena_freep) Arena *arena = arena_new(TREE_CEILING);
        ProcessTable table = PROCESS_TABLE_INIT;
        ProcReader proc;
        size_t n = 0;

        if (proc_reader_open("/proc", arena, &proc, NULL) < 0)
                return 0;
        if (process_table_scan(&proc, arena, &table, NULL) == 0)
                n = list_tree(&table, pid, ret_pids, max);
        proc_reader_close(&proc);
        return n;
}

static Span base_name(Span path)
{
        const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;

        if (span_ends(path, " (deleted)"))
                path.len -= strlen(" (deleted)");
        return slash ? span_from(path, (size_t)(slash - path.ptr) + 1) : path;
}

/* The executable; where that is closed to us or not there (kernel threads), the name. */
static Span read_name(ProcReader *proc, int pid)
{
        Span text;

        if (proc_read_link(proc, proc_path("%d/exe", pid).text, &text, NULL) == 0)
                return base_name(text);
        if (proc_read(proc, proc_path("%d/comm", pid).text, &text, NULL) == 0)
                return span_trim(text);
        return (Span){ 0 };
}

Span process_name(int pid, Arena *arena)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(1));
        ProcReader proc;
        Span name;

        if (proc_reader_open("/proc", scratch, &proc, NULL) < 0)
                return (Span){ 0 };
        name = read_name(&proc, pid);
        proc_reader_close(&proc);
        return name.len ? span_copy(arena, name) : (Span){ 0 };
}
