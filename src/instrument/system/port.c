#include "instrument/system/port.h"

#include "instrument/system/proc_socket.h"
#include "instrument/system/process_table.h"
#include "instrument/system/system.h"

#include <errno.h>

#define MOST_SOCKETS 256   /* SO_REUSEPORT groups have one socket for each worker */
#define MOST_NAMESPACES 64 /* other than our own, that are looked into */
#define PORT_CEILING MiB(128)

typedef struct ListenSet {
        ListenRow items[MOST_SOCKETS];
        size_t len;
} ListenSet;

typedef struct Search {
        ProcReader proc;
        uint16_t port;
        ListenSet sockets;
        ProcessTable table;
        size_t denied; /* processes whose descriptors may not be looked at */
} Search;

static void add_listeners(Search *s, const char *path, ListenSet *set)
{
        Span text, line;

        if (proc_read_start(&s->proc, path, &text, NULL) < 0)
                return; /* no IPv6, or the process ended */
        while (set->len < MOST_SOCKETS && span_next_line(&text, &line)) {
                ListenRow row;

                if (proc_listen_parse(line, &row, NULL) == 0 && row.port == s->port)
                        set->items[set->len++] = row;
        }
}

static void keep_nearest_scope(ListenSet *set)
{
        ListenScope best = LISTEN_OTHER;
        size_t kept = 0;

        for (size_t i = 0; i < set->len; i++)
                best = MIN(best, set->items[i].scope);
        for (size_t i = 0; i < set->len; i++)
                if (set->items[i].scope == best)
                        set->items[kept++] = set->items[i];
        set->len = kept;
}

static bool set_holds(const ListenSet *set, uint64_t inode)
{
        for (size_t i = 0; i < set->len; i++)
                if (set->items[i].inode == inode)
                        return true;
        return false;
}

static bool holds_socket(Search *s, int pid)
{
        AUTO(proc_dir_closep) DIR *dir = NULL;
        int fd, r = proc_open_dir(&s->proc, proc_path("%d/fd", pid).text, &dir, NULL);

        if (r == -EACCES || r == -EPERM)
                s->denied++;
        if (r < 0)
                return false;
        while (proc_next_number(dir, &fd)) {
                uint64_t inode;
                Span link;

                if (proc_read_link(&s->proc, proc_path("%d/fd/%d", pid, fd).text, &link, NULL) ==
                            0 &&
                    proc_socket_inode(link, &inode) && set_holds(&s->sockets, inode))
                        return true;
        }
        return false;
}

static bool is_manager(const ProcessRow *row)
{
        return row->pid == 1 || span_is(span_of(row->name), "systemd");
}

static bool has_holder_above(const ProcessTable *table, const ProcessRow *row)
{
        for (size_t steps = 0; row->ppid > 0 && steps < table->rows.len; steps++) {
                row = process_table_find(table, row->ppid);
                if (!row)
                        return false;
                if (row->group == GROUP_TARGET)
                        return true;
        }
        return false;
}

/* Holders are in GROUP_TARGET; of two without one above them the older is meant. */
static const ProcessRow *topmost_holder(const ProcessTable *table)
{
        const ProcessRow *best = NULL;

        vec_each (const ProcessRow, row, &table->rows) {
                if (row->group != GROUP_TARGET || has_holder_above(table, row))
                        continue;
                if (!best || row->start_ticks < best->start_ticks)
                        best = row;
        }
        return best;
}

static void drop_managers(ProcessTable *table, size_t holders)
{
        vec_each (ProcessRow, row, &table->rows)
                if (row->group == GROUP_TARGET && is_manager(row) && holders > 1) {
                        row->group = GROUP_OTHER;
                        holders--;
                }
}

static const ProcessRow *find_holder(Search *s)
{
        size_t holders = 0;

        vec_each (ProcessRow, row, &s->table.rows)
                if (holds_socket(s, row->pid)) {
                        row->group = GROUP_TARGET;
                        holders++;
                }
        drop_managers(&s->table, holders);
        return topmost_holder(&s->table);
}

typedef struct Namespaces {
        char seen[MOST_NAMESPACES + 1][48]; /* "net:[4026531840]" */
        size_t len;
} Namespaces;

/* True: not seen before, and there is room to remember it. */
static bool is_new_namespace(Search *s, Namespaces *ns, const char *path)
{
        Span link;

        if (ns->len == COUNT(ns->seen) || proc_read_link(&s->proc, path, &link, NULL) < 0 ||
            link.len >= sizeof(ns->seen[0]))
                return false;
        for (size_t i = 0; i < ns->len; i++)
                if (span_is(link, ns->seen[i]))
                        return false;
        memcpy(ns->seen[ns->len], link.ptr, link.len);
        ns->seen[ns->len++][link.len] = '\0';
        return true;
}

/* Containers have network namespaces of their own: their ports are not ours, but worth a hint. */
static const ProcessRow *find_elsewhere(Search *s)
{
        Namespaces ns = { 0 };

        is_new_namespace(s, &ns, "self/ns/net");
        vec_each (const ProcessRow, row, &s->table.rows) {
                s->sockets.len = 0;
                if (!is_new_namespace(s, &ns, proc_path("%d/ns/net", row->pid).text))
                        continue;
                add_listeners(s, proc_path("%d/net/tcp", row->pid).text, &s->sockets);
                add_listeners(s, proc_path("%d/net/tcp6", row->pid).text, &s->sockets);
                if (s->sockets.len)
                        return find_holder(s);
        }
        return NULL;
}

static int fail_denied(const Search *s, Error *err)
{
        fail(err, ERR_NOT_FOUND,
             "a process that may not be looked at listens on port %u: the descriptors of %zu "
             "processes are closed to this user",
             s->port, s->denied);
        return fail_hint(err, "run as root or as the user of that process, or name its pid");
}

static int fail_no_holder(const Search *s, Error *err)
{
        fail(err, ERR_NOT_FOUND, "a socket listens on port %u, but no process here holds it",
             s->port);
        return fail_hint(err, "it may belong to the kernel or to a process outside of this "
                              "container");
}

static int fail_nobody(Search *s, Error *err)
{
        const ProcessRow *row = find_elsewhere(s);

        if (row) {
                fail(err, ERR_NOT_FOUND,
                     "nothing listens on TCP port %u in this network namespace; process %d (%s) "
                     "does in another one",
                     s->port, row->pid, row->name);
                return fail_hint(err, "if that container is meant, name pid %d", row->pid);
        }
        fail(err, ERR_NOT_FOUND, "nothing listens on TCP port %u of this machine", s->port);
        return fail_hint(err, "start the service, or name the process by its pid");
}

static int search(Search *s, Arena *arena, int *ret_pid, Error *err)
{
        const ProcessRow *holder;
        int r = process_table_scan(&s->proc, arena, &s->table, err);

        if (r < 0)
                return r;
        add_listeners(s, "net/tcp", &s->sockets);
        add_listeners(s, "net/tcp6", &s->sockets);
        if (s->sockets.len == 0)
                return fail_nobody(s, err);
        keep_nearest_scope(&s->sockets);
        holder = find_holder(s);
        if (!holder)
                return s->denied ? fail_denied(s, err) : fail_no_holder(s, err);
        *ret_pid = holder->pid;
        return 0;
}

int process_on_port_in(const char *proc_root, uint16_t port, int *ret_pid, Error *err)
{
        AUTO(arena_freep) Arena *arena = arena_new(PORT_CEILING);
        Search *s = new (arena, Search, 1);
        int r;

        s->port = port;
        s->table = (ProcessTable)PROCESS_TABLE_INIT;
        r = proc_reader_open(proc_root, arena, &s->proc, err);
        if (r < 0)
                return r;
        r = search(s, arena, ret_pid, err);
        proc_reader_close(&s->proc);
        return r;
}

int process_on_port(uint16_t port, int *ret_pid, Error *err)
{
        return process_on_port_in("/proc", port, ret_pid, err);
}
