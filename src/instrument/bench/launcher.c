/* hone's end of the launcher: what it is asked, and what becomes of the answer. */

#include "instrument/bench/exec_request.h"
#include "instrument/bench/exec_streams.h"
#include "instrument/bench/launcher_int.h"
#include "instrument/bench/launcher_start.h"

#include "base/interrupt.h"
#include "base/os.h"
#include "base/subprocess.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRATCH_CEILING MiB(16)
#define BODY_CEILING (4 * REQUEST_BODY_MAX) /* rooms that were outgrown stay in the arena */
#define LOOK_AGAIN_MS 100                   /* an interruption may reach another thread */
#define ENDING_TAKES_NS (10 * NS_PER_S)

struct Launcher {
        pid_t pid; /* 0: it has ended */
        int socket;
        Arena *scratch;
        char *anchor; /* in it, so that its first chunk stays */
        Buf body;     /* of requests, in an arena of its own, so that its room stays */
        bool counters_probed;
        CounterUse counters;
        const CounterEvent *events;
        LauncherUse use; /* of the programs */
};

typedef struct Wait {
        uint64_t give_up_ns; /* 0: never */
        bool interrupted;
} Wait;

/* Its programs are in its session; while nobody has reaped it its number is its own. */
static void end(Launcher *l, bool with_programs)
{
        closep(&l->socket);
        if (l->pid > 0) {
                kill(l->pid, SIGKILL);
                if (with_programs)
                        subprocess_kill_session(l->pid);
                while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        l->pid = 0;
}

void launcher_stop(Launcher *launcher)
{
        if (!launcher)
                return;
        end(launcher, false);
        launcher->scratch = arena_free(launcher->scratch);
        launcher->body.arena = arena_free(launcher->body.arena);
}

void launcher_stopp(Launcher **launcher)
{
        launcher_stop(*launcher);
}

static void stop_deferred(void *launcher)
{
        launcher_stop(launcher);
}

int launcher_start(Arena *arena, Launcher **ret, Error *err)
{
        Launcher *l = new (arena, Launcher, 1);
        int r;

        l->events = counter_events;
        l->socket = -1;
        r = launcher_process_start(&l->pid, &l->socket, err);
        if (r < 0)
                return r;
        l->scratch = arena_new(SCRATCH_CEILING);
        l->anchor = new (l->scratch, char, 1);
        l->body = buf_in(arena_new(BODY_CEILING), REQUEST_BODY_MAX);
        arena_defer(arena, stop_deferred, l);
        *ret = l;
        return 0;
}

static int fail_lost(Launcher *l, Error *err)
{
        end(l, true);
        return fail(err, ERR_FAILED, "the launcher, which starts the programs, was killed");
}

typedef union Attached {
        struct cmsghdr head;
        char room[CMSG_SPACE(3 * sizeof(int))];
} Attached;

static void attach(ExecMessage *m, const ExecStreams *streams, Attached *room, struct msghdr *ret)
{
        int fds[3], n = 0;

        for (uint32_t i = 0; i < COUNT(streams->given); i++) {
                if (streams->given[i] < 0)
                        continue;
                m->head.streams |= 1u << i;
                fds[n++] = streams->given[i];
        }
        if (n == 0)
                return;
        room->head = (struct cmsghdr){ .cmsg_len = CMSG_LEN((size_t)n * sizeof(int)),
                                       .cmsg_level = SOL_SOCKET,
                                       .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(&room->head), fds, (size_t)n * sizeof(int));
        ret->msg_control = room;
        ret->msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
}

static int send_all(Launcher *l, Span bytes, Error *err)
{
        while (bytes.len) {
                ssize_t n = send(l->socket, bytes.ptr, bytes.len, MSG_NOSIGNAL);

                if (n < 0 && errno != EINTR)
                        return fail_lost(l, err);
                bytes = span_from(bytes, n < 0 ? 0 : (size_t)n);
        }
        return 0;
}

static int send_message(Launcher *l, ExecMessage *m, const ExecStreams *streams, Error *err)
{
        struct iovec parts[] = { { &m->head, sizeof(m->head) },
                                 { (char *)(uintptr_t)m->body.ptr, m->body.len } };
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = COUNT(parts) };
        Attached room = { 0 };
        size_t sent;
        ssize_t n;

        attach(m, streams, &room, &message);
        do
                n = sendmsg(l->socket, &message, MSG_NOSIGNAL);
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno == ETOOMANYREFS)
                return fail(err, errno, "cannot hand streams to the launcher");
        if (n < (ssize_t)sizeof(m->head)) /* smaller pieces than that are not made */
                return fail_lost(l, err);
        sent = (size_t)n - sizeof(m->head);
        return send_all(l, span_from(m->body, sent), err);
}

static int ask_to_end(Launcher *l, Wait *wait, Error *err)
{
        ExecRequest request = { .magic = REQUEST_MAGIC, .kind = REQUEST_INTERRUPT };

        wait->interrupted = true;
        wait->give_up_ns = os_now(os_real()) + ENDING_TAKES_NS;
        return send_all(l, (Span){ (const char *)&request, sizeof(request) }, err);
}

static int read_reply(Launcher *l, ExecReply *reply, Error *err)
{
        ssize_t n = recv(l->socket, reply, sizeof(*reply), MSG_WAITALL);

        if (n != sizeof(*reply) || reply->magic != REQUEST_MAGIC)
                return fail_lost(l, err);
        return 0;
}

static int fail_stuck(Launcher *l, Error *err)
{
        end(l, true);
        return fail(err, ERR_TIMEOUT, "the program could not be ended, not even by SIGKILL");
}

static int await_reply(Launcher *l, ExecStreams *streams, Wait *wait, ExecReply *reply, Error *err)
{
        for (;;) {
                struct pollfd events[] = { { .fd = l->socket, .events = POLLIN },
                                           { .fd = streams->captured, .events = POLLIN } };
                int r = 0;

                poll(events, COUNT(events), LOOK_AGAIN_MS);
                exec_streams_drain(streams);
                if (events[0].revents)
                        return read_reply(l, reply, err);
                if (!wait->interrupted && interrupted())
                        r = ask_to_end(l, wait, err);
                if (r < 0)
                        return r;
                if (wait->give_up_ns && os_now(os_real()) >= wait->give_up_ns)
                        return fail_stuck(l, err);
        }
}

static Wait wait_for(const ExecPlan *plan)
{
        Wait wait = { 0 };
        uint64_t most_ns;

        if (!plan->timeout_ns ||
            __builtin_add_overflow(plan->timeout_ns, ENDING_TAKES_NS, &most_ns) ||
            __builtin_add_overflow(os_now(os_real()), most_ns, &wait.give_up_ns))
                wait.give_up_ns = 0;
        return wait;
}

/* A machine that does not count is no error: counters_available() says why. */
static void add_counters(Launcher *l, const ExecPlan *plan, ExecMessage *m)
{
        if (!plan->counters)
                return;
        if (!l->counters_probed)
                l->counters = counters_probe(l->events);
        l->counters_probed = true;
        m->head.counts = l->counters.counts;
        m->head.counts_user_only = l->counters.user_only;
        memcpy(m->head.events, l->events, sizeof(m->head.events));
}

void launcher_count(Launcher *launcher, const CounterEvent events[static COUNTERS])
{
        launcher->events = events;
        launcher->counters_probed = false;
}

static ExecSample sample_of(const ExecReply *r, const ExecStreams *streams)
{
        return (ExecSample){
                .wall_ns = r->wall_ns,
                .user_ns = r->user_ns,
                .system_ns = r->system_ns,
                .peak_rss_bytes = r->peak_rss_bytes,
                .rss_is_floor = r->peak_rss_bytes <= r->floor_bytes,
                .minor_faults = r->minor_faults,
                .major_faults = r->major_faults,
                .voluntary_switches = r->voluntary_switches,
                .forced_switches = r->forced_switches,
                .read_bytes = r->read_bytes,
                .write_bytes = r->write_bytes,
                .io_known = r->io_known,
                .instructions = r->counts[0],
                .cycles = r->counts[1],
                .runqueue_wait_ns = r->runqueue_wait_ns,
                .exit_status =
                        WIFSIGNALED(r->status) ? 128 + WTERMSIG(r->status) : WEXITSTATUS(r->status),
                .timed_out = r->timed_out,
                .left_behind = r->left_behind,
                .output = buf_span(&streams->kept),
                .output_truncated = streams->truncated,
        };
}

static void tally(Launcher *l, const ExecReply *reply)
{
        l->use.programs_wall_ns += reply->wall_ns;
        l->use.programs_cpu_ns += reply->user_ns + reply->system_ns;
        l->use.programs_wait_ns += reply->runqueue_wait_ns;
}

int launcher_pid(const Launcher *launcher)
{
        return launcher->pid;
}

LauncherUse launcher_use(const Launcher *launcher)
{
        LauncherUse use = launcher->use;
        struct timespec t;
        clockid_t clock;

        if (launcher->pid > 0 && clock_getcpuclockid(launcher->pid, &clock) == 0 &&
            clock_gettime(clock, &t) == 0)
                use.own_cpu_ns = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
        return use;
}

static int exec_with(Launcher *l, const ExecPlan *plan, ExecStreams *streams, ExecSample *ret,
                     Error *err)
{
        Wait wait = wait_for(plan);
        ExecMessage message;
        ExecReply reply;
        int r = exec_message(plan, l->scratch, &l->body, &message, err);

        if (r < 0)
                return r;
        add_counters(l, plan, &message);
        r = send_message(l, &message, streams, err);
        if (r == 0)
                r = await_reply(l, streams, &wait, &reply, err);
        if (r < 0)
                return r;
        if (reply.failure)
                return exec_fail(plan, &message, reply.stage, reply.failure, err);
        tally(l, &reply);
        if (wait.interrupted)
                return fail_interrupted(err);
        exec_streams_drain(streams);
        r = exec_streams_check(plan, streams, err);
        if (r < 0)
                return r;
        *ret = sample_of(&reply, streams);
        ret->counts_user_only = message.head.counts && message.head.counts_user_only;
        return 0;
}

int launcher_exec(Launcher *launcher, const ExecPlan *plan, Arena *arena, ExecSample *ret,
                  Error *err)
{
        AUTO(exec_streams_close) ExecStreams streams = EXEC_STREAMS_NONE;
        Mark mark;
        int r;

        if (interrupted())
                return fail_interrupted(err);
        if (launcher->pid <= 0)
                return fail(err, ERR_FAILED, "the launcher, which starts the programs, has ended");
        r = exec_streams_open(plan, arena, &streams, err);
        if (r < 0)
                return r;
        mark = arena_mark(launcher->scratch);
        r = exec_with(launcher, plan, &streams, ret, err);
        if (launcher->scratch)
                arena_reset(launcher->scratch, mark);
        return r;
}
