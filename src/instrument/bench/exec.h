#pragma once
/* One execution of a program and what it used, as exactly as the kernel tells.
 *
 *         Launcher *launcher;
 *         r = launcher_start(arena, &launcher, err);
 *         r = launcher_exec(launcher, &plan, arena, &sample, err);
 *         launcher_stop(launcher);
 *
 * The launcher is a small process of its own, a program without a C library that hone carries in
 * itself (launcher_main.c): it starts programs by vfork, so that no page table is copied, and the
 * kernel's peak of resident memory (which a child inherits from the one that started it) is not
 * hone's, however large hone is. The launcher's own peak is the floor below which a program's
 * cannot be told, some 30 KiB; a sample says when it is on it. (Since Linux 6.2 resident pages are
 * counted in batches of at least 32 a CPU, so a peak may be too low by as much: 128 KiB.) Time runs
 * from just before the program is started to its end, by CLOCK_MONOTONIC in the launcher. Sources:
 * getrusage(2), wait4(2) (its block counts are the bytes of proc_pid_io(5)), proc_pid_schedstat(5)
 * read between the end and the reaping, perf_event_open(2) enabled on exec.
 *
 * The launcher leads no terminal and ends with hone, however that ends; with it all it started.
 * After the time limit a program's group is sent TERM, two seconds later KILL. What it has left
 * running at its end is killed, a daemon in a session of its own as well, since orphans become the
 * launcher's children (PR_SET_CHILD_SUBREAPER). Usage is that of the program and of the children
 * it has waited for; the peak is that of the largest of them, not their sum. User and system time
 * are exact together; the kernel splits them by samples.
 *
 * A program sees descriptors 0 to 2 only, and every signal at its default. A launcher is used by
 * one thread at a time. It stays usable after an error, but for its own end.
 */

#include "base/span.h"

typedef struct ExecPlan {
        const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
        const char *shell;       /* instead of argv: a line for /bin/sh -c */
        const char *dir;         /* NULL: the working directory */
        const char *const *extra_env;
        const char *input_path;  /* NULL: /dev/null */
        const char *output_path; /* NULL: /dev/null; both streams, from the beginning */
        size_t max_output;       /* instead: keep that much of standard output; 0: none */
        bool inherit_output;     /* instead: both streams are hone's own */
        const char *error_path;  /* standard error alone; NULL: as above, /dev/null */
        size_t env_padding;      /* bytes of an environment variable that moves the stack */
        uint64_t timeout_ns;     /* 0: none */
        bool counters;           /* instructions and cycles, where counters_available() */
} ExecPlan;

typedef struct ExecSample {
        uint64_t wall_ns, user_ns, system_ns;
        uint64_t peak_rss_bytes;
        bool rss_is_floor; /* the program's own peak is lower than what can be told */
        uint64_t minor_faults, major_faults, voluntary_switches, forced_switches;
        uint64_t read_bytes, write_bytes; /* of the disk; valid when io_known */
        bool io_known;
        uint64_t instructions, cycles; /* 0: not counted */
        bool counts_user_only;         /* the kernel's part was not permitted to be counted */
        uint64_t runqueue_wait_ns;     /* of its first thread; 0 where schedstat is missing */
        int exit_status;               /* 0..255, or 128 + signal */
        bool timed_out;
        bool left_behind; /* processes of it still ran at its end, and were ended */
        Span output;      /* with max_output */
        bool output_truncated;
} ExecSample;

typedef struct Launcher Launcher;

/* The arena outlives it; the launcher ends with the arena at the latest. */
int launcher_start(Arena *arena, Launcher **ret, Error *err);
/* ERR_NOT_FOUND, or what exec said, when the program cannot be started; how it ended is no error,
 * nor that it was out of time. ENOSPC when its output file was out of room; ERR_FAILED when the
 * launcher was killed, then and from then on. Interruption ends the program and is
 * fail_interrupted(). */
int launcher_exec(Launcher *launcher, const ExecPlan *plan, Arena *arena, ExecSample *ret,
                  Error *err);
int launcher_pid(const Launcher *launcher); /* 0: it has ended */

/* All so far, of the programs it has run and of itself. */
typedef struct LauncherUse {
        uint64_t programs_wall_ns, programs_cpu_ns, programs_wait_ns; /* wait: runqueue_wait_ns */
        uint64_t own_cpu_ns;
} LauncherUse;
LauncherUse launcher_use(const Launcher *launcher);
void launcher_stop(Launcher *launcher); /* accepts NULL */
void launcher_stopp(Launcher **launcher);
/* Does this machine count instructions? Otherwise why not, in a sentence. */
bool counters_available(const char **ret_reason);
