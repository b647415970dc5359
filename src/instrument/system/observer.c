#include "instrument/system/observer.h"

#include <unistd.h>

typedef struct SourceRow {
        bool of_target;
        const char *text;
} SourceRow;

static const SourceRow source_rows[] = {
#define X(id, of_target, text) { of_target, text },
        SOURCES(X)
#undef X
};

const char *source_text(SourceId source)
{
        return source_rows[source].text;
}

bool source_is_of_target(SourceId source)
{
        return source_rows[source].of_target;
}

double page_bytes(void)
{
        return (double)sysconf(_SC_PAGESIZE);
}

double tick_s(void)
{
        return 1.0 / (double)sysconf(_SC_CLK_TCK);
}

void observer_failed(Observer *o, SourceId source, const Error *why)
{
        if (o->sources[source].why.code == 0)
                o->sources[source].why = *why;
}

static int find_root(Observer *o, Error *err)
{
        const ProcessRow *row;

        if (o->setup.pid == 0)
                return 0;
        row = process_table_find(&o->processes[o->at], o->setup.pid);
        if (!row || o->gone) {
                fail(err, ERR_NOT_FOUND, "there is no process %d", o->setup.pid);
                return fail_hint(err, "it may have ended; 'ps' lists those that run");
        }
        o->roots[0].start_ticks = row->start_ticks;
        return 0;
}

static void look(Observer *o, uint64_t now_ns)
{
        o->totals_before = o->totals;
        o->totals.elapsed_s = (double)(now_ns - o->start_ns) / 1e9;
        o->last_ns = now_ns;
        observe_processes(o);
        observe_host(o);
        observe_threads(o);
        if (o->setup.pid)
                observe_target(o);
        o->looks++;
}

int observer_start(Observer *o, const ObserverSetup *setup, Arena *arena, uint64_t now_ns,
                   Error *err)
{
        int r;

        *o = (Observer){ .setup = *setup,
                         .arena = arena,
                         .roots = { { .pid = setup->pid, .group = GROUP_TARGET },
                                    { .pid = setup->self_pid, .group = GROUP_OWN } },
                         .processes = { PROCESS_TABLE_INIT, PROCESS_TABLE_INIT },
                         .threads = { THREAD_TABLE_INIT, THREAD_TABLE_INIT },
                         .start_ns = now_ns };
        r = proc_reader_open(setup->proc_root, arena, &o->proc, err);
        if (r < 0)
                return r;
        o->has_sys = proc_reader_open(setup->sys_root, arena, &o->sys, NULL) == 0;
        look(o, now_ns);
        r = find_root(o, err);
        if (r < 0)
                observer_close(o);
        return r;
}

void observer_look(Observer *o, uint64_t now_ns)
{
        if (now_ns > o->last_ns)
                look(o, now_ns);
}

void observer_finish(Observer *o)
{
        observe_host_end(o);
        if (o->setup.pid)
                observe_target_end(o);
}

void observer_close(Observer *o)
{
        proc_reader_close(&o->proc);
        if (o->has_sys)
                proc_reader_close(&o->sys);
        o->has_sys = false;
}
