#include "instrument/load/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static int watch(Conn *c, int epoll_fd, int operation, uint32_t events)
{
        struct epoll_event event = { .events = events, .data.ptr = c };

        return epoll_ctl(epoll_fd, operation, c->fd, &event) < 0 ? -errno : 0;
}

void conn_close(Conn *c)
{
        if (c->state == CONN_CLOSED)
                return;
        close(c->fd);
        c->fd = -1;
        c->state = CONN_CLOSED;
        c->writing = false;
}

static int connect_socket(Conn *c, const LoadAddress *address)
{
        const struct sockaddr *to = (const struct sockaddr *)&address->bytes;
        int on = 1;

        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        if (connect(c->fd, to, address->len) == 0)
                c->state = CONN_OPEN;
        else if (errno == EINPROGRESS)
                c->state = CONN_CONNECTING;
        else
                return -errno;
        return 0;
}

int conn_open(Conn *c, int epoll_fd, const LoadHost *host)
{
        const LoadAddress *address = &host->addresses[c->address];
        int fd = socket(address->bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int r;

        if (fd < 0)
                return -errno;
        c->fd = fd;
        r = connect_socket(c, address);
        if (r == 0)
                r = watch(c, epoll_fd, EPOLL_CTL_ADD,
                          c->state == CONN_CONNECTING ? EPOLLOUT : EPOLLIN);
        if (r < 0) {
                close(fd);
                c->fd = -1;
                c->state = CONN_CLOSED;
                return r;
        }
        c->writing = c->state == CONN_CONNECTING;
        return 0;
}

int conn_opened(Conn *c, int epoll_fd)
{
        socklen_t size = sizeof(int);
        int fault = 0;

        if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &fault, &size) < 0)
                return -errno;
        if (fault)
                return -fault;
        c->state = CONN_OPEN;
        conn_watch_writing(c, epoll_fd, false);
        return 0;
}

void conn_watch_writing(Conn *c, int epoll_fd, bool writing)
{
        int r;

        if (c->writing == writing)
                return;
        r = watch(c, epoll_fd, EPOLL_CTL_MOD, writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
        BUG_IF(r < 0); /* it is watched, and changing it needs no memory */
        c->writing = writing;
}

ssize_t conn_drop(Conn *c, uint64_t n)
{
        /* Not recv(): sanitizers take it that it fills the buffer. */
        return syscall(SYS_recvfrom, c->fd, NULL, (size_t)MIN(n, (uint64_t)MiB(16)), MSG_TRUNC,
                       NULL, NULL);
}
