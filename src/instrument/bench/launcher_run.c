/* One execution, from the clone to the reaping. */

#include "instrument/bench/launcher_program.h"
#include "instrument/bench/launcher_sys.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#define STACK_SIZE KiB(16)
#define BLOCK_BYTES 512
#define SIGNAL_SET_BYTES 8 /* of the kernel's sigset */
#define TERM_TO_KILL_NS (2 * NS_PER_S)
#define LEFT_BEHIND_ROUNDS 200
#define LEFT_BEHIND_ROUND_NS (10 * NS_PER_MS)
#define NEVER UINT64_MAX

typedef struct Child {
        const Order *order;
        long launcher;
        volatile uint32_t stage;
        volatile int32_t failure;
        volatile uint32_t may_go; /* a futex */
} Child;

typedef struct Run {
        int pid;
        uint64_t started_ns, ended_ns;
        uint64_t phase_ends_ns; /* NEVER, or when more is done to end it */
        bool asked_to_end, timed_out;
} Run;

NORETURN static void give_up(Child *child, long failure)
{
        child->failure = (int32_t)-failure;
        launcher_exit(127);
}

/* Runs on our memory while we stand still, or wait for its end. */
static void become_program(void *argument)
{
        Child *child = argument;
        const Order *order = child->order;
        uint64_t no_signals = 0;
        long r;

        sys(SYS_setpgid, 0, 0);
        sys(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
        if (sys(SYS_getppid) != child->launcher) /* it died before the line above */
                launcher_exit(127);
        while (!child->may_go)
                sys(SYS_futex, &child->may_go, FUTEX_WAIT_PRIVATE, 0, 0);
        child->stage = EXEC_STAGE_STREAMS;
        for (int i = 0; i < 3; i++) {
                r = order->streams[i] < 0 ? 0 : sys(SYS_dup3, order->streams[i], i, 0);
                if (r < 0)
                        give_up(child, r);
        }
        child->stage = EXEC_STAGE_DIR;
        r = order->dir[0] ? sys(SYS_chdir, order->dir) : 0;
        if (r < 0)
                give_up(child, r);
        child->stage = EXEC_STAGE_EXEC;
        sys(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, 0, SIGNAL_SET_BYTES);
        r = sys(SYS_execve, order->path, order->argv, order->env);
        give_up(child, r);
}

static long start(Child *child, unsigned long flags)
{
        static _Alignas(16) char stack[STACK_SIZE];

        return sys_clone_calling(CLONE_VM | flags | SIGCHLD, stack + STACK_SIZE, become_program,
                                 child);
}

static long start_counted(Child *child, Run *run, Counts *counts)
{
        long pid = start(child, 0), r;

        if (pid < 0)
                return pid;
        sys(SYS_setpgid, pid, pid); /* whoever comes first: its group must be there to be ended */
        r = counts_open(&child->order->request, (int)pid, counts);
        if (r < 0) {
                child->stage = EXEC_STAGE_COUNT;
                child->failure = (int32_t)-r;
                sys(SYS_kill, pid, SIGKILL);
                return pid;
        }
        run->started_ns = launcher_now_ns();
        child->may_go = 1;
        sys(SYS_futex, &child->may_go, FUTEX_WAKE_PRIVATE, 1);
        return pid;
}

static void ask_to_end(Run *run)
{
        run->asked_to_end = true;
        run->phase_ends_ns = launcher_now_ns() + TERM_TO_KILL_NS;
        sys(SYS_kill, -run->pid, SIGTERM);
        sys(SYS_kill, -run->pid, SIGCONT); /* a stopped process would not hear it */
}

static void phase_over(Run *run)
{
        if (run->asked_to_end) {
                sys(SYS_kill, -run->pid, SIGKILL);
                run->phase_ends_ns = NEVER;
                return;
        }
        run->timed_out = true;
        ask_to_end(run);
}

/* The living that are left of it; our children once their own parents are dead, because we are a
 * subreaper (prctl(2)). Returns whether there were any. */
static bool end_left_behind(const Session *session)
{
        struct pollfd event = { .fd = session->signals, .events = POLLIN };
        struct timespec round = { .tv_nsec = LEFT_BEHIND_ROUND_NS };
        struct signalfd_siginfo ignored;
        bool any = false;
        int status;

        for (int i = 0; i < LEFT_BEHIND_ROUNDS;) {
                long pid = sys(SYS_wait4, -1, &status, WNOHANG, 0);

                if (pid < 0)
                        break;
                if (pid > 0) {
                        any |= WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
                        continue;
                }
                any = true;
                i++;
                proc_signal_children(SIGKILL);
                sys(SYS_ppoll, &event, 1, &round, 0, SIGNAL_SET_BYTES);
                sys(SYS_read, session->signals, &ignored, sizeof(ignored));
        }
        return any;
}

NORETURN static void end_with_hone(const Session *session, const Run *run)
{
        sys(SYS_kill, -run->pid, SIGKILL);
        end_left_behind(session);
        launcher_exit(0);
}

static bool has_ended(const Run *run)
{
        siginfo_t ended;

        ended.si_pid = 0;
        sys(SYS_waitid, P_PID, run->pid, &ended, WEXITED | WNOHANG | WNOWAIT, 0);
        return ended.si_pid != 0;
}

static void hear_signals(const Session *session, const Run *run)
{
        struct signalfd_siginfo heard;
        long n = sys(SYS_read, session->signals, &heard, sizeof(heard));

        if (n > 0 && heard.ssi_signo == SIGTERM && sys(SYS_getppid) != session->hone)
                end_with_hone(session, run);
}

/* Anything but the wish to interrupt is out of step; so is the end of the stream. */
static void hear_hone(const Session *session, Run *run)
{
        ExecRequest request;
        long got = sys(SYS_read, LAUNCHER_SOCKET, &request, sizeof(request));

        if (got != sizeof(request) || request.magic != REQUEST_MAGIC ||
            request.kind != REQUEST_INTERRUPT)
                end_with_hone(session, run);
        if (!run->asked_to_end)
                ask_to_end(run);
}

static void await_event(const Session *session, Run *run)
{
        struct pollfd events[] = { { .fd = session->signals, .events = POLLIN },
                                   { .fd = LAUNCHER_SOCKET, .events = POLLIN } };
        uint64_t now_ns = run->phase_ends_ns == NEVER ? 0 : launcher_now_ns();
        uint64_t left_ns = run->phase_ends_ns > now_ns ? run->phase_ends_ns - now_ns : 0;
        struct timespec left = { .tv_sec = (time_t)(left_ns / NS_PER_S),
                                 .tv_nsec = (long)(left_ns % NS_PER_S) };
        struct timespec soon = { .tv_nsec = NS_PER_MS };
        long r;

        r = sys(SYS_ppoll, events, COUNT(events), run->phase_ends_ns == NEVER ? 0 : &left, 0,
                SIGNAL_SET_BYTES);
        if (r < 0) {
                if (r != -EINTR) /* no room to wait for both (RLIMIT_NOFILE): look again soon */
                        sys(SYS_ppoll, 0, 0, &soon, 0, SIGNAL_SET_BYTES);
                return;
        }
        if (events[0].revents)
                hear_signals(session, run);
        if (events[1].revents)
                hear_hone(session, run);
}

static void await_end(const Session *session, Run *run)
{
        for (;;) {
                await_event(session, run);
                if (has_ended(run))
                        break;
                if (run->phase_ends_ns != NEVER && launcher_now_ns() >= run->phase_ends_ns)
                        phase_over(run);
        }
        run->ended_ns = launcher_now_ns();
}

static uint64_t timeval_ns(struct timeval t)
{
        return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_usec * NS_PER_US;
}

/* The kernel has block counts in units of 512 bytes by shifting what /proc/PID/io shows, which
 * comes in whole blocks: the same numbers, without a file to open. */
static void take_usage(const struct rusage *u, ExecReply *reply)
{
        reply->user_ns = timeval_ns(u->ru_utime);
        reply->system_ns = timeval_ns(u->ru_stime);
        reply->peak_rss_bytes = (uint64_t)u->ru_maxrss * 1024;
        reply->read_bytes = (uint64_t)u->ru_inblock * BLOCK_BYTES;
        reply->write_bytes = (uint64_t)u->ru_oublock * BLOCK_BYTES;
        reply->minor_faults = (uint64_t)u->ru_minflt;
        reply->major_faults = (uint64_t)u->ru_majflt;
        reply->voluntary_switches = (uint64_t)u->ru_nvcsw;
        reply->forced_switches = (uint64_t)u->ru_nivcsw;
}

/* What only a process has that nobody has waited for yet comes first. While it is there its number
 * is nobody else's, so its group can be ended without hitting another. */
static void take_results(const Session *session, const Run *run, ExecReply *reply)
{
        struct rusage usage;

        sys(SYS_kill, -run->pid, SIGKILL);
        reply->runqueue_wait_ns = proc_runqueue_wait_ns(run->pid);
        sys(SYS_wait4, run->pid, &reply->status, 0, &usage);
        take_usage(&usage, reply);
        reply->io_known = session->counts_io;
        reply->wall_ns = run->ended_ns - run->started_ns;
        reply->floor_bytes = session->floor;
        reply->timed_out = run->timed_out;
        reply->left_behind = end_left_behind(session);
}

static void fail_start(const Child *child, long pid, ExecReply *reply)
{
        reply->stage = child->stage;
        reply->failure = pid < 0 ? (int32_t)-pid : child->failure;
        if (pid > 0)
                sys(SYS_wait4, pid, 0, 0, 0);
}

static void set_time_limit(Run *run, uint64_t timeout_ns)
{
        if (!timeout_ns || __builtin_add_overflow(run->started_ns, timeout_ns, &run->phase_ends_ns))
                run->phase_ends_ns = NEVER;
}

void order_run(Session *session, const Order *order, ExecReply *reply)
{
        const ExecRequest *request = &order->request;
        Child child = { .order = order, .launcher = sys(SYS_getpid), .stage = EXEC_STAGE_START };
        Counts counts = COUNTS_NONE;
        Run run = { .started_ns = launcher_now_ns() };
        long pid;

        child.may_go = !request->counts;
        pid = request->counts ? start_counted(&child, &run, &counts) : start(&child, CLONE_VFORK);
        run.pid = (int)pid;
        set_time_limit(&run, request->timeout_ns);
        if (pid > 0 && !child.failure)
                await_end(session, &run);
        if (pid < 0 || child.failure) {
                fail_start(&child, pid, reply);
        } else {
                take_results(session, &run, reply);
                counts_read(&counts, reply->counts);
        }
        counts_close(&counts);
}
