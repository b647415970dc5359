/* One request off the socket, checked and laid out for execve(2). */

#include "instrument/bench/launcher_program.h"
#include "instrument/bench/launcher_sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define MOST_STREAMS 3

typedef union Attached {
        struct cmsghdr head;
        char room[CMSG_SPACE(MOST_STREAMS * sizeof(int))];
} Attached;

void order_close(Order *order)
{
        for (int i = 0; i < MOST_STREAMS; i++) {
                if (order->streams[i] >= 0)
                        sys(SYS_close, order->streams[i]);
                order->streams[i] = -1;
        }
}

/* hone closes its end, by will or by dying; half a request is no request. */
static void read_all(char *to, size_t n)
{
        while (n) {
                long got = sys(SYS_read, LAUNCHER_SOCKET, to, n);

                if (got == -EINTR)
                        continue;
                if (got <= 0)
                        launcher_exit(0);
                to += got;
                n -= (size_t)got;
        }
}

/* The descriptors in the order of the bits in `streams`. */
static bool sort_streams(Order *order, const struct msghdr *message, Attached *attached)
{
        const int *fds = (const int *)(const void *)CMSG_DATA(&attached->head);
        size_t given = 0, used = 0;

        if (message->msg_controllen >= sizeof(struct cmsghdr))
                given = (attached->head.cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (int i = 0; i < MOST_STREAMS; i++) {
                order->streams[i] = -1;
                if (!(order->request.streams & 1u << i))
                        continue;
                if (used == given) /* we have no room for more descriptors */
                        return false;
                order->streams[i] = fds[used++];
        }
        return used == given && !(message->msg_flags & MSG_CTRUNC);
}

static bool read_head(Order *order)
{
        Attached attached = { .head = { .cmsg_len = 0 } };
        struct iovec part = { &order->request, sizeof(order->request) };
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = &attached,
                                  .msg_controllen = sizeof(attached) };
        long got;

        do
                got = sys(SYS_recvmsg, LAUNCHER_SOCKET, &message, MSG_CMSG_CLOEXEC);
        while (got == -EINTR);
        if (got <= 0)
                launcher_exit(0);
        read_all((char *)&order->request + got, sizeof(order->request) - (size_t)got);
        if (order->request.magic != REQUEST_MAGIC || order->request.body_bytes > REQUEST_BODY_MAX)
                launcher_exit(1); /* out of step: nothing that follows could be believed */
        return sort_streams(order, &message, &attached);
}

static bool grow(Session *session, size_t wanted)
{
        size_t room = (wanted + KiB(64)) & ~(KiB(64) - 1);
        long at;

        if (wanted <= session->room)
                return true;
        if (session->room)
                sys(SYS_munmap, session->buffer, session->room);
        session->room = 0;
        at = sys(SYS_mmap, 0, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at < 0 && at > -4096)
                return false;
        session->buffer = (char *)at;
        session->room = room;
        return true;
}

/* The next of the texts, none of which reaches past the end. */
static char *next_text(char **at, const char *end)
{
        char *text = *at;

        while (*at < end && **at)
                ++*at;
        if (*at == end)
                return NULL;
        ++*at;
        return text;
}

static bool lay_out(const Session *session, Order *order)
{
        const ExecRequest *r = &order->request;
        uint64_t n = (uint64_t)r->n_argv + r->n_env + 2;
        char *at = session->buffer, *end = session->buffer + r->body_bytes;
        char **pointers = (char **)(void *)session->buffer;

        if (r->n_argv == 0 || n * sizeof(char *) > r->body_bytes)
                return false;
        at += n * sizeof(char *);
        order->path = next_text(&at, end);
        order->dir = next_text(&at, end);
        order->argv = pointers;
        order->env = pointers + r->n_argv + 1;
        for (uint64_t i = 0; i < n; i++) {
                bool closes = i == r->n_argv || i == n - 1;

                pointers[i] = closes ? NULL : next_text(&at, end);
                if (!closes && !pointers[i])
                        return false;
        }
        return order->dir && at == end;
}

/* What is in the way of the next request is read and dropped. */
static void drop_body(size_t n)
{
        char bytes[KiB(4)];

        for (; n; n -= MIN(n, sizeof(bytes)))
                read_all(bytes, MIN(n, sizeof(bytes)));
}

OrderKind order_read(Session *session, Order *ret, int *ret_failure)
{
        Order order;
        bool has_streams = read_head(&order);

        *ret = order;
        if (order.request.kind == REQUEST_INTERRUPT)
                return ORDER_INTERRUPT;
        if (!grow(session, order.request.body_bytes)) {
                drop_body(order.request.body_bytes);
                *ret_failure = ENOMEM;
                return ORDER_BROKEN;
        }
        read_all(session->buffer, order.request.body_bytes);
        if (session->measured < order.request.body_bytes) {
                session->measured = order.request.body_bytes;
                session->floor = proc_own_peak_bytes();
        }
        *ret_failure = has_streams ? EINVAL : EMFILE;
        return has_streams && lay_out(session, ret) ? ORDER_EXEC : ORDER_BROKEN;
}
