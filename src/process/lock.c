#include "process/lock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RETRY_NS (100 * NS_PER_MS)
#define WAITERS 128 /* that can still be told who holds it: each stays in the queue */

static const char name[] = "\0hone-measuring";

static socklen_t lock_address(struct sockaddr_un *ret)
{
        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        memcpy(ret->sun_path, name, sizeof(name));
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name));
}

/* 0: not known, since it has just begun or ended, or is in another container. */
static int holder_pid(void)
{
        AUTO(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr_un address;
        socklen_t size = lock_address(&address);
        struct ucred peer;
        socklen_t peer_size = sizeof(peer);

        if (fd < 0 || connect(fd, (struct sockaddr *)&address, size) < 0 ||
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) < 0)
                return 0;
        return peer.pid;
}

static int fail_busy(int pid, Error *err)
{
        if (pid > 0)
                return fail(err, ERR_BUSY, "another hone is measuring on this machine (pid %d)",
                            pid);
        return fail(err, ERR_BUSY, "another hone is measuring on this machine");
}

int measure_lock(const Os *os, uint64_t wait_ns, MeasureLock *ret, Error *err)
{
        AUTO(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        uint64_t until = os_now(os) + wait_ns;
        struct sockaddr_un address;
        socklen_t size = lock_address(&address);

        if (fd < 0)
                return fail(err, errno, "cannot make the measuring lock");
        while (bind(fd, (struct sockaddr *)&address, size) < 0) {
                if (errno != EADDRINUSE)
                        return fail(err, errno, "cannot take the measuring lock");
                if (os_now(os) >= until) {
                        fail_busy(holder_pid(), err);
                        return fail_hint(err, "two measurements at once would measure each other; "
                                              "wait for it to end");
                }
                os->sleep_ns(os, RETRY_NS);
        }
        if (listen(fd, WAITERS) < 0)
                return fail(err, errno, "cannot take the measuring lock");
        ret->fd = TAKE_FD(fd);
        return 0;
}

void measure_unlock(MeasureLock *lock)
{
        if (lock->fd > 0)
                close(lock->fd);
        lock->fd = 0;
}
