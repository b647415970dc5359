#pragma once
/* Running other programs: argv without a shell, bounded output, a time limit, no orphans.
 *
 *         Subprocess done;
 *         r = subprocess_run(&(SubprocessPlan){ .argv = (const char *[]){ "git", "status", NULL },
 *                                               .timeout_ns = 10 * NS_PER_S }, arena, &done, err);
 *
 * Each child leads a process group of its own; timeout, interruption and child_stop() end the
 * whole group (TERM, then KILL after two seconds) and reap it. So is ended what a finished command
 * left in its group; a daemon that made a session of its own stays. A child does not outlive hone
 * when hone is killed: PR_SET_PDEATHSIG, which the kernel ties to the thread that started the
 * child, so a child is started by a thread that lives as long (the main one). It reaches the child
 * itself, not what the child has started; services (subprocess_start) are watched by a warden that
 * reaches both.
 */

#include "base/span.h"

typedef struct SubprocessPlan {
        const char *const *argv;      /* NULL-terminated; argv[0] is looked up in PATH */
        const char *shell;            /* instead of argv: run by /bin/sh -c */
        const char *dir;              /* NULL: the working directory */
        const char *const *extra_env; /* "NAME=value", NULL-terminated; may be NULL */
        Span input;                   /* standard input; empty: /dev/null */
        uint64_t timeout_ns;          /* 0: none */
        size_t max_output;       /* per stream; 0: 1 MiB; older bytes are kept, newer dropped */
        const char *output_path; /* both streams append to this file instead of being kept */
        bool survives_interrupt; /* clean-up that runs although the user asked to stop */
        bool merge_streams;      /* standard error goes where standard output goes */
} SubprocessPlan;

typedef struct Subprocess {
        int exit_status; /* 0..255, or 128 + signal */
        bool timed_out, truncated;
        Span out, error;
        uint64_t wall_ns, user_ns, system_ns;
        uint64_t peak_rss_bytes; /* 0: below hone's own peak, which the kernel counts in */
} Subprocess;

/* Waits for the end. A non-zero exit status is not an error here; not starting is. */
int subprocess_run(const SubprocessPlan *plan, Arena *arena, Subprocess *ret, Error *err);
/* Fails with ERR_FAILED, quoting the last line of output, unless the exit status is 0. */
int subprocess_must(const SubprocessPlan *plan, Arena *arena, Subprocess *ret, Error *err);

/* Our own environment, "NAME=value", with these added or in the place of ours; NULL-terminated. */
char *const *subprocess_environment(const char *const *extra, Arena *arena);

/* Kills all processes of a session, the number of whose leader must not have been reaped yet. */
void subprocess_kill_session(int session);

/* Ends a group when hone is gone; private to subprocess_warden.c. */
typedef struct Warden {
        int pid; /* 0: none */
        int fd;
} Warden;

/* A child that keeps running (a service), and ends with all it has started when hone does, even by
 * SIGKILL; without output_path its output is dropped. */
typedef struct Child {
        int pid; /* 0: none */
        Warden warden;
} Child;
int subprocess_start(const SubprocessPlan *plan, Arena *arena, Child *ret, Error *err);
bool child_alive(Child *child);
void child_stop(Child *child); /* ends the group and reaps; accepts pid 0 */
