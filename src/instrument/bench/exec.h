#pragma once
/* One execution of a program and what it used, as exactly as the kernel tells.
 *
 *         Launcher *launcher;
 *         r = launcher_start(arena, &launcher, err);
 *         r = launcher_exec(launcher, &plan, arena, &sample, err);
 *         launcher_stop(launcher);
 *
 * The launcher is a small process of its own, forked before hone has grown: it starts programs by
 * vfork, so that no page table of ours is copied, and the kernel's peak of resident memory (which
 * a child inherits from the one that started it) is not hone's. Its own peak is the floor below
 * which a program's cannot be told; a sample says when it is on it. Time runs from just before the
 * program is started to its end, by CLOCK_MONOTONIC in the launcher. Sources: getrusage(2),
 * wait4(2), proc_pid_io(5) read between the end and the reaping, perf_event_open(2) enabled on
 * exec.
 *
 * The launcher leads no terminal and ends with hone, however that ends; with it all it started.
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
        size_t env_padding;      /* bytes of an environment variable that moves the stack */
        uint64_t timeout_ns;     /* 0: none */
        bool counters;           /* instructions and cycles, where the machine counts them */
} ExecPlan;

typedef struct ExecSample {
        uint64_t wall_ns, user_ns, system_ns;
        uint64_t peak_rss_bytes;
        bool rss_is_floor; /* the program's own peak is lower than what can be told */
        uint64_t minor_faults, major_faults, voluntary_switches, forced_switches;
        uint64_t read_bytes, write_bytes; /* of the disk; valid when io_known */
        bool io_known;
        uint64_t instructions, cycles; /* 0: not counted */
        uint64_t runqueue_wait_ns;     /* of its first thread; 0 where schedstat is missing */
        int exit_status;               /* 0..255, or 128 + signal */
        bool timed_out;
        Span output; /* with max_output */
        bool output_truncated;
} ExecSample;

typedef struct Launcher Launcher;

int launcher_start(Arena *arena, Launcher **ret, Error *err);
/* ERR_NOT_FOUND, or what exec said, when the program cannot be started; how it ended is no error.
 * Interruption ends the program and is fail_interrupted(). */
int launcher_exec(Launcher *launcher, const ExecPlan *plan, Arena *arena, ExecSample *ret,
                  Error *err);
void launcher_stop(Launcher *launcher); /* accepts NULL */
void launcher_stopp(Launcher **launcher);
/* Does this machine count instructions? Otherwise why not, in a sentence. */
bool counters_available(const char **ret_reason);
