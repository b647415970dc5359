/* The image lies in memory, in a file without a name, and is executed from there: hone stays one
 * file, wherever it is. See memfd_create(2), execveat(2). */

#include "instrument/bench/launcher_start.h"

#include "base/embedded.h"
#include "base/fs.h"
#include "instrument/bench/launcher_protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MFD_EXEC
#        define MFD_EXEC 0x0010u
#endif

extern const EmbeddedFile launcher_image[];

typedef struct Start {
        int image, socket, null;
        volatile int failure; /* errno; 0: it runs */
} Start;

static void start_close(Start *start)
{
        closep(&start->image);
        closep(&start->socket);
        closep(&start->null);
}

static int open_image(int *ret, Error *err)
{
        *ret = memfd_create("hone-launcher", MFD_CLOEXEC | MFD_EXEC);
        if (*ret < 0 && errno == EINVAL) /* before Linux 6.3 every such file could be executed */
                *ret = memfd_create("hone-launcher", MFD_CLOEXEC);
        if (*ret < 0)
                return fail(err, errno, "cannot hold the launcher in memory");
        return fd_write_all(*ret, launcher_image[0].bytes, err);
}

static int move_above_used(int *fd, Error *err)
{
        int moved;

        if (*fd > LAUNCHER_SOCKET)
                return 0;
        moved = fcntl(*fd, F_DUPFD_CLOEXEC, LAUNCHER_SOCKET + 1);
        if (moved < 0)
                return fail(err, errno, "cannot start the launcher");
        close(*fd);
        *fd = moved;
        return 0;
}

static int open_all(Start *start, int *ret_socket, Error *err)
{
        int *const used[] = { &start->image, &start->socket, &start->null };
        int ends[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return fail(err, errno, "cannot start the launcher");
        *ret_socket = ends[0];
        start->socket = ends[1];
        start->null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (start->null < 0)
                return fail(err, errno, "cannot open '/dev/null'");
        r = open_image(&start->image, err);
        for (size_t i = 0; r == 0 && i < COUNT(used); i++)
                r = move_above_used(used[i], err);
        return r;
}

/* On our memory, while we stand still. */
NORETURN static void become_launcher(Start *start)
{
        char name[] = "hone-launcher";
        char *argv[] = { name, NULL }, *env[] = { NULL };

        if (dup2(start->null, 0) >= 0 && dup2(start->null, 1) >= 0 && dup2(start->null, 2) >= 0 &&
            dup2(start->socket, LAUNCHER_SOCKET) >= 0)
                syscall(SYS_execveat, start->image, "", argv, env, AT_EMPTY_PATH);
        start->failure = errno;
        _exit(127);
}

/* All signals wait meanwhile: a handler of ours must not run in the child on our memory. */
static pid_t start_process(Start *start)
{
        sigset_t all, before;
        pid_t pid;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        pid = vfork();
        if (pid == 0)
                become_launcher(start);
        if (pid < 0)
                start->failure = errno;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return pid;
}

int launcher_process_start(pid_t *ret_pid, int *ret_socket, Error *err)
{
        AUTO(start_close) Start start = { .image = -1, .socket = -1, .null = -1 };
        AUTO(closep) int ours = -1;
        int r = open_all(&start, &ours, err);
        pid_t pid;

        if (r < 0)
                return r;
        pid = start_process(&start);
        if (start.failure) {
                if (pid > 0)
                        waitpid(pid, NULL, 0);
                fail(err, start.failure, "cannot start the launcher from memory");
                return start.failure == EACCES || start.failure == EPERM
                               ? fail_hint(err, "the sysctl vm.memfd_noexec must be 0 or 1")
                               : -start.failure;
        }
        *ret_pid = pid;
        *ret_socket = TAKE_FD(ours);
        return 0;
}
