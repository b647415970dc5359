#include "base/subprocess_int.h"

#include "base/fs.h"
#include "base/interrupt.h"
#include "base/os.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_OUTPUT_PRESET MiB(1)
#define TERM_TO_KILL_NS (2 * NS_PER_S)
#define LINGER_NS NS_PER_S /* for streams that somebody else holds after the end */
#define KILL_TO_GIVE_UP_NS NS_PER_S
#define LOOK_AGAIN_NS (100 * NS_PER_MS)  /* an interruption may reach another thread */
#define LOOK_CLOSELY_NS (10 * NS_PER_MS) /* a group that is ending sends no event */
#define READS_AT_ONCE 16

typedef enum Phase {
        RUNNING,
        LINGERING, /* the program has ended, its streams are still open */
        ENDING,    /* TERM was sent */
        KILLED,
} Phase;

typedef struct Stream {
        int fd;
        Buf kept;
        bool truncated;
} Stream;

typedef struct Run {
        pid_t pid;
        int pidfd; /* -1: the kernel has none */
        Phase phase;
        uint64_t started_ns, phase_ends_ns; /* 0: never */
        Stream out, error;
        bool reaped, timed_out, interrupted, survives_interrupt;
        int status;
        uint64_t ended_ns;
        struct rusage usage;
} Run;

static uint64_t now_ns(void)
{
        return os_now(os_real());
}

static void run_close(Run *run)
{
        closep(&run->pidfd);
        closep(&run->out.fd);
        closep(&run->error.fd);
}

static void keep(Stream *s, const char *bytes, size_t n)
{
        size_t fits = MIN(n, s->kept.ceiling - s->kept.len);

        buf_bytes(&s->kept, bytes, fits);
        s->truncated |= fits < n || s->kept.overflowed;
}

/* Takes what is there; what is past the ceiling is read and dropped so that the child goes on. */
static void drain(Stream *s)
{
        char bytes[KiB(32)];

        /* A few at a time: a child that never stops writing must not keep us from the clock. */
        for (int i = 0; i < READS_AT_ONCE && s->fd >= 0; i++) {
                ssize_t n = read(s->fd, bytes, sizeof(bytes));

                if (n > 0)
                        keep(s, bytes, (size_t)n);
                else if (n < 0 && errno == EAGAIN)
                        return;
                else if (n == 0 || errno != EINTR)
                        closep(&s->fd);
        }
}

static bool streams_open(const Run *run)
{
        return run->out.fd >= 0 || run->error.fd >= 0;
}

static void enter(Run *run, Phase phase, uint64_t lasts_ns)
{
        run->phase = phase;
        run->phase_ends_ns = now_ns() + lasts_ns;
}

static void ask_to_end(Run *run)
{
        kill(-run->pid, SIGTERM);
        kill(-run->pid, SIGCONT); /* a stopped process would not hear it */
        enter(run, ENDING, TERM_TO_KILL_NS);
}

static void phase_over(Run *run)
{
        if (run->phase == RUNNING)
                run->timed_out = true;
        if (run->phase == ENDING) {
                kill(-run->pid, SIGKILL);
                enter(run, KILLED, KILL_TO_GIVE_UP_NS);
        } else if (run->phase != KILLED) {
                ask_to_end(run);
        }
}

static void reap(Run *run)
{
        pid_t ended = run->reaped ? 0 : wait4(run->pid, &run->status, WNOHANG, &run->usage);

        if (ended < 0)
                BUG("child %d was reaped by somebody else: %s", run->pid, strerror(errno));
        if (ended == 0)
                return;
        run->reaped = true;
        run->ended_ns = now_ns();
        closep(&run->pidfd);
        if (run->phase == RUNNING)
                enter(run, LINGERING, LINGER_NS);
}

static uint64_t wait_ns(const Run *run)
{
        uint64_t most_ns = run->reaped || run->pidfd < 0 ? LOOK_CLOSELY_NS : LOOK_AGAIN_NS;
        uint64_t at_ns = now_ns();

        if (!run->phase_ends_ns || run->phase == KILLED)
                return most_ns;
        return run->phase_ends_ns > at_ns ? MIN(run->phase_ends_ns - at_ns, most_ns) : 0;
}

static void await_event(const Run *run)
{
        struct pollfd fds[] = {
                { .fd = run->out.fd, .events = POLLIN },
                { .fd = run->error.fd, .events = POLLIN },
                { .fd = run->pidfd, .events = POLLIN },
        };
        uint64_t left_ns = wait_ns(run);
        struct timespec time = { .tv_nsec = (long)left_ns }; /* always below a second */

        ppoll(fds, COUNT(fds), &time, NULL);
}

/* KILL had no effect: the kernel holds the process, perhaps on a disk that is gone. */
static void give_up(Run *run)
{
        if (run->reaped)
                return;
        run->status = SIGKILL;
        run->ended_ns = now_ns();
}

/* Nothing of it is left, or nothing can be done about what is left. */
static bool is_over(Run *run)
{
        bool late = run->phase_ends_ns && now_ns() >= run->phase_ends_ns;

        if (run->phase == KILLED && late) {
                give_up(run);
                return true;
        }
        if (!run->reaped || (run->phase == LINGERING && streams_open(run) && !late))
                return false;
        if (!subprocess_group_alive(run->pid))
                return true;
        if (run->phase == LINGERING)
                ask_to_end(run);
        return false;
}

static void await_end(Run *run)
{
        for (;;) {
                drain(&run->out);
                drain(&run->error);
                reap(run);
                if (is_over(run))
                        break;
                if (run->phase == RUNNING && interrupted() && !run->survives_interrupt) {
                        run->interrupted = true;
                        ask_to_end(run);
                }
                if (run->phase_ends_ns && now_ns() >= run->phase_ends_ns)
                        phase_over(run);
                await_event(run);
        }
        drain(&run->out);
        drain(&run->error);
}

static int status_of(int status)
{
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static uint64_t timeval_ns(struct timeval t)
{
        return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_usec * NS_PER_US;
}

/* The kernel carries the peak of the memory that called vfork() over into the child's, so only what
 * is above ours is the child's own. */
static uint64_t own_peak_bytes(Arena *arena)
{
        Mark mark = arena_mark(arena);
        uint64_t kib = 0;
        Span rest = { 0 }, line, word;

        if (file_read("/proc/self/status", KiB(64), arena, &rest, NULL) < 0)
                rest = (Span){ 0 };
        while (span_next_line(&rest, &line))
                if (span_starts(line, "VmHWM:") && span_next_word(&line, &word) &&
                    span_next_word(&line, &word) && span_to_u64(word, &kib, NULL) < 0)
                        kib = 0;
        arena_reset(arena, mark);
        return kib * 1024;
}

static Subprocess result_of(const Run *run, uint64_t own_peak)
{
        uint64_t peak = (uint64_t)run->usage.ru_maxrss * 1024;

        return (Subprocess){
                .exit_status = status_of(run->status),
                .timed_out = run->timed_out,
                .truncated = run->out.truncated || run->error.truncated,
                .out = buf_span(&run->out.kept),
                .error = buf_span(&run->error.kept),
                .wall_ns = run->ended_ns - run->started_ns,
                .user_ns = timeval_ns(run->usage.ru_utime),
                .system_ns = timeval_ns(run->usage.ru_stime),
                .peak_rss_bytes = peak > own_peak ? peak : 0,
        };
}

static Run run_of(const SubprocessPlan *plan, const Spawned *s, uint64_t started_ns, Arena *arena)
{
        size_t most = plan->max_output ? plan->max_output : MOST_OUTPUT_PRESET;
        Run run = {
                .pid = s->pid,
                .pidfd = (int)syscall(SYS_pidfd_open, s->pid, 0),
                .started_ns = started_ns,
                .out = { .fd = s->out, .kept = buf_in(arena, most) },
                .error = { .fd = s->error, .kept = buf_in(arena, most) },
                .survives_interrupt = plan->survives_interrupt,
        };

        if (plan->timeout_ns &&
            __builtin_add_overflow(started_ns, plan->timeout_ns, &run.phase_ends_ns))
                run.phase_ends_ns = 0;
        return run;
}

int subprocess_run(const SubprocessPlan *plan, Arena *arena, Subprocess *ret, Error *err)
{
        AUTO(run_close) Run run = { .pidfd = -1, .out.fd = -1, .error.fd = -1 };
        uint64_t started_ns = now_ns();
        uint64_t own_peak;
        Spawned spawned;
        int r;

        if (interrupted() && !plan->survives_interrupt)
                return fail_interrupted(err);
        r = subprocess_spawn(plan, true, arena, &spawned, err);
        if (r < 0)
                return r;
        own_peak = own_peak_bytes(arena);
        run = run_of(plan, &spawned, started_ns, arena);
        await_end(&run);
        if (run.interrupted)
                return fail_interrupted(err);
        *ret = result_of(&run, own_peak);
        return 0;
}

int subprocess_start(const SubprocessPlan *plan, Arena *arena, Child *ret, Error *err)
{
        Spawned spawned;
        Child child;
        int r = subprocess_spawn(plan, false, arena, &spawned, err);

        if (r < 0)
                return r;
        child = (Child){ .pid = spawned.pid };
        r = warden_start(child.pid, &child.warden, err);
        if (r < 0) {
                child_stop(&child);
                return r;
        }
        *ret = child;
        return 0;
}

static Run run_of_child(const Child *child)
{
        return (Run){
                .pid = child->pid,
                .pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0),
                .out.fd = -1,
                .error.fd = -1,
        };
}

/* A child that ended by itself is reaped here, and what it left behind is ended. */
bool child_alive(Child *child)
{
        siginfo_t ended = { 0 };

        if (!child->pid)
                return false;
        if (waitid(P_PID, (id_t)child->pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            ended.si_pid == 0)
                return true;
        child_stop(child);
        return false;
}

void child_stop(Child *child)
{
        AUTO(run_close) Run run = { .pidfd = -1, .out.fd = -1, .error.fd = -1 };

        if (!child->pid)
                return;
        run = run_of_child(child);
        ask_to_end(&run);
        await_end(&run);
        warden_end(&child->warden);
        child->pid = 0;
}
