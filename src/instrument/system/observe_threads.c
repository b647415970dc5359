/* The threads' side of a look: waiting and switches of the target, and, where the kernel keeps no
 * sum over its CPUs, the waiting of the whole machine. */

#include "instrument/system/observer.h"

#include <errno.h>

/* Asking this many takes about 1 % of a core each second. */
#define MOST_THREADS_ASKED 1024

/* /proc/schedstat needs CONFIG_SCHEDSTATS; the threads' own files are there without it. */
static void decide_how(Observer *o)
{
        Error *why = &o->sources[SOURCE_HOST_WAIT].why;
        size_t threads = process_table_threads(&o->processes[o->at]);

        if (why->code != ENOENT)
                return;
        if (threads > MOST_THREADS_ASKED) {
                fail(why, ERR_UNAVAILABLE, "no '%s/schedstat', and %zu threads are too many to ask",
                     o->setup.proc_root, threads);
                return;
        }
        o->wait_by_threads = true;
        error_clear(why);
}

static void note_failures(Observer *o, const ThreadTable *now)
{
        if (now->wait_error.code)
                observer_failed(o, SOURCE_WAIT, &now->wait_error);
        if (now->wait_error.code && o->wait_by_threads)
                observer_failed(o, SOURCE_HOST_WAIT, &now->wait_error);
        if (now->switches_error.code)
                observer_failed(o, SOURCE_SWITCHES, &now->switches_error);
}

static void note_peak(Observer *o, const ThreadTable *now)
{
        if (o->looks == 0)
                o->first_peak_rss_bytes = now->peak_rss_bytes;
        if (now->peak_rss_bytes)
                o->last_peak_rss_bytes = now->peak_rss_bytes;
}

static void settle(Observer *o, const ThreadTable *before, const ThreadTable *now)
{
        ThreadUses all = { 0 }, target = { 0 };
        Totals *t = &o->totals;

        thread_table_settle(before, now, &all, &target);
        t->seen_run_s += (double)target.run_ns / 1e9;
        t->wait_s += (double)target.wait_ns / 1e9;
        t->switches_voluntary += (double)target.voluntary_switches;
        t->switches_forced += (double)target.forced_switches;
        if (o->wait_by_threads)
                t->host_wait_s += (double)all.wait_ns / 1e9;
}

void observe_threads(Observer *o)
{
        const ThreadTable *before = &o->threads[!o->at];
        ThreadTable *now = &o->threads[o->at];
        ThreadScan scan = { .processes = &o->processes[o->at],
                            .switches = true,
                            .peak_of = o->setup.pid };

        if (o->looks == 0)
                decide_how(o);
        scan.all_groups = o->wait_by_threads;
        if (!o->setup.pid && !scan.all_groups)
                return;
        thread_table_scan(&o->proc, &scan, o->arena, now);
        note_failures(o, now);
        note_peak(o, now);
        if (o->looks)
                settle(o, before, now);
}
