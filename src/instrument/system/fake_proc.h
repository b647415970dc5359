#pragma once
/* A small tree of files in the shape of /proc and /sys, for tests.
 *
 *         FakeProc fake = fake_proc_in(arena);           // removed with the arena
 *         fake_write(&fake, "pressure/cpu", "some total=5\n");
 *         fake_process(&fake, &(FakeProcess){ .pid = 10, .ppid = 1, .user = 5 });
 */

#include "base/span.h"

typedef struct FakeProc {
        Arena *arena;
        const char *root;
} FakeProc;

typedef struct FakeProcess {
        int pid, ppid;
        const char *name;                                                 /* NULL: "fake" */
        char state;                                                       /* 0: 'S' */
        unsigned user, system, inherited_user, start, rss_pages, threads; /* threads 0: one */
        unsigned read_bytes, write_bytes, wait_ns, voluntary, forced, peak_kib, pss_kib;
        bool kernel_thread;
} FakeProcess;

FakeProc fake_proc_in(Arena *arena);
void fake_write(const FakeProc *fake, const char *path, const char *format, ...) PRINTF(3, 4);
void fake_link(const FakeProc *fake, const char *path, const char *to);
void fake_dir(const FakeProc *fake, const char *path);
void fake_remove(const FakeProc *fake, const char *path);
/* Makes or overwrites its files. */
void fake_process(const FakeProc *fake, const FakeProcess *p);
/* The files of the machine, `busy_ticks` of CPU time after the boot of two CPUs. */
void fake_host(const FakeProc *fake, unsigned busy_ticks);
