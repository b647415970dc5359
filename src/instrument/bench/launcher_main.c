/* The launcher: a program of its own, without a C library, that hone carries in itself and starts
 * from memory (launcher.c). It reads requests from a socket, runs one program at a time and tells
 * what it used.
 *
 * Why a program and not a fork of hone: a program's peak of resident memory begins with that of
 * the process it was started from, and a fork of hone is many times as large as `true`.
 */

#include "instrument/bench/launcher_program.h"
#include "instrument/bench/launcher_sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>

#define SIGNAL_BIT(n) (UINT64_C(1) << ((n)-1))
#define MOST_SIGNAL 64

LAUNCHER_ENTRY(launcher_main);

/* The compiler calls these by itself. */
void *memset(void *to, int byte, size_t n)
{
        volatile char *at = to;

        while (n--)
                *at++ = (char)byte;
        return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
        volatile char *at = to;
        const char *source = from;

        while (n--)
                *at++ = *source++;
        return to;
}

NORETURN void launcher_exit(int status)
{
        for (;;)
                sys(SYS_exit_group, status);
}

uint64_t launcher_now_ns(void)
{
        struct timespec t;

        sys(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Programs begin with every signal at its default; an ignored SIGHUP (nohup) stays ignored. */
static void set_signals(Session *session)
{
        const struct {
                long handler, flags, restorer, mask;
        } preset = { 0 };
        uint64_t all = UINT64_MAX, heard = SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGTERM);

        for (int i = 1; i <= MOST_SIGNAL; i++)
                if (i != SIGHUP)
                        sys(SYS_rt_sigaction, i, &preset, 0, sizeof(all));
        sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, 0, sizeof(all));
        session->signals =
                (int)sys(SYS_signalfd4, -1, &heard, sizeof(heard), SFD_CLOEXEC | SFD_NONBLOCK);
}

static void settle(Session *session)
{
        sys(SYS_prctl, PR_SET_NAME, "hone-launcher");
        sys(SYS_setsid); /* no terminal: a program that asks for a password fails, not waits */
        sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1);
        sys(SYS_fcntl, LAUNCHER_SOCKET, F_SETFD, FD_CLOEXEC);
        sys(SYS_close_range, LAUNCHER_SOCKET + 1, UINT32_MAX, 0);
        set_signals(session);
        session->hone = sys(SYS_getppid);
        sys(SYS_prctl, PR_SET_PDEATHSIG, SIGTERM);
        session->counts_io = proc_counts_io();
        session->floor = proc_own_peak_bytes();
}

/* Also when somebody else still holds hone's end of the socket, the launcher ends with hone. */
static void await_request(const Session *session)
{
        struct pollfd events[] = { { .fd = LAUNCHER_SOCKET, .events = POLLIN },
                                   { .fd = session->signals, .events = POLLIN } };
        struct signalfd_siginfo ignored;

        while (!events[0].revents) {
                long r = sys(SYS_ppoll, events, COUNT(events), 0, 0, sizeof(uint64_t));

                if (r < 0 && r != -EINTR)
                        return; /* no room to wait for both (RLIMIT_NOFILE): the socket will do */
                if (r < 0 || !events[1].revents)
                        continue;
                sys(SYS_read, session->signals, &ignored, sizeof(ignored));
                if (sys(SYS_getppid) != session->hone)
                        launcher_exit(0);
        }
}

static void answer(const ExecReply *reply)
{
        long sent = sys(SYS_sendto, LAUNCHER_SOCKET, reply, sizeof(*reply), MSG_NOSIGNAL, 0, 0);

        if (sent != sizeof(*reply))
                launcher_exit(1);
}

NORETURN void launcher_main(void);
void launcher_main(void)
{
        Session session = { 0 };

        settle(&session);
        if (session.signals < 0)
                launcher_exit(1);
        for (;;) {
                ExecReply reply = { .magic = REQUEST_MAGIC };
                Order order;
                OrderKind kind;

                await_request(&session);
                kind = order_read(&session, &order, &reply.failure);
                if (kind == ORDER_INTERRUPT)
                        continue;
                if (kind == ORDER_EXEC) {
                        reply.failure = 0;
                        order_run(&session, &order, &reply);
                }
                order_close(&order);
                answer(&reply);
        }
}
