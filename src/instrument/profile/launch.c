#include "instrument/profile/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOP_PATIENCE_NS (2 * NS_PER_S)
#define POLL_EVERY_NS (5 * NS_PER_MS)

/* In the child, between fork and exec: only calls that are safe there. */
NORETURN static void child_main(const char *const *argv, int go_fd, int error_fd)
{
        sigset_t none;
        ssize_t n;
        char byte;
        int code;

        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 1; i < NSIG; i++) /* ignored signals would stay ignored */
                signal(i, SIG_DFL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (isatty(STDIN_FILENO)) {
                int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

                if (null >= 0)
                        dup2(null, STDIN_FILENO);
        }
        do
                n = read(go_fd, &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n != 1) /* nobody is left to watch */
                _exit(127);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        code = errno;
        (void)!write(error_fd, &code, sizeof(code));
        _exit(127);
}

int launch_prepare(const char *const *argv, Launch *ret, Error *err)
{
        int go[2], trouble[2], pid;

        if (!argv || !argv[0])
                return fail(err, ERR_USAGE, "there is no command to profile");
        if (pipe2(go, O_CLOEXEC) < 0)
                return fail(err, errno, "cannot make a pipe");
        if (pipe2(trouble, O_CLOEXEC) < 0) {
                int code = errno;

                close(go[0]);
                close(go[1]);
                return fail(err, code, "cannot make a pipe");
        }
        pid = fork();
        if (pid == 0) {
                close(go[1]);
                close(trouble[0]);
                child_main(argv, go[0], trouble[1]);
        }
        close(go[0]);
        close(trouble[1]);
        *ret = (Launch){ .pid = pid, .go_fd = go[1], .error_fd = trouble[0] };
        if (pid < 0) {
                ret->pid = 0;
                launch_stop(ret);
                return fail(err, EAGAIN, "cannot start a process");
        }
        return 0;
}

int launch_go(Launch *launch, Error *err)
{
        int code = 0;
        ssize_t n;

        (void)!write(launch->go_fd, "", 1);
        close(TAKE_FD(launch->go_fd));
        do
                n = read(launch->error_fd, &code, sizeof(code));
        while (n < 0 && errno == EINTR);
        close(TAKE_FD(launch->error_fd));
        if (n == 0) /* closed by exec: it runs */
                return 0;
        launch_stop(launch);
        return fail(err, n == sizeof(code) ? code : EIO, "cannot run the command");
}

static bool reap(Launch *launch, int options)
{
        int status, pid;

        do
                pid = waitpid(launch->pid, &status, options);
        while (pid < 0 && errno == EINTR);
        if (pid == 0)
                return false;
        if (pid > 0)
                launch->exit_status =
                        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        launch->pid = 0;
        return true;
}

static void end_group(Launch *launch)
{
        struct timespec pause = { .tv_nsec = POLL_EVERY_NS };
        int group = launch->pid;

        if (reap(launch, WNOHANG)) {
                kill(-group, SIGKILL); /* children it left behind */
                return;
        }
        kill(-group, SIGTERM);
        for (uint64_t waited = 0; waited < STOP_PATIENCE_NS; waited += POLL_EVERY_NS) {
                if (reap(launch, WNOHANG))
                        break;
                nanosleep(&pause, NULL);
        }
        kill(-group, SIGKILL);
        if (launch->pid)
                (void)reap(launch, 0);
}

void launch_stop(Launch *launch)
{
        if (launch->pid > 0 && launch->go_fd >= 0) { /* never went: it must not start now */
                kill(launch->pid, SIGKILL);
                (void)reap(launch, 0);
        }
        if (launch->go_fd >= 0)
                close(TAKE_FD(launch->go_fd));
        if (launch->error_fd >= 0)
                close(TAKE_FD(launch->error_fd));
        if (launch->pid > 0)
                end_group(launch);
}
