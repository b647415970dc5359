/* A service must not outlive hone, not even when hone is killed, and neither may what the service
 * has started. The kernel can end a child with its parent, but not a grandchild; so a small shell
 * stands by, reading from a pipe that only hone writes to. When hone is gone, however it went, the
 * read ends and the shell kills the whole group. */

#include "base/subprocess_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* In a group of its own, so that Ctrl-C on the terminal does not reach it before hone. */
static int spawn_shell(int read_end, char *const *argv, pid_t *ret_pid)
{
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attributes;
        int r;

        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, read_end, 0);
        posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&files, 1, 2);
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        r = posix_spawn(ret_pid, "/bin/sh", &files, &attributes, argv, environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
        return r;
}

int warden_start(pid_t group, Warden *ret, Error *err)
{
        char group_text[16], shell[] = "/bin/sh", flag[] = "-c", name[] = "hone-warden";
        char script[] = "read -r _; kill -s KILL -- \"-$1\"";
        char *const argv[] = { shell, flag, script, name, group_text, NULL };
        AUTO(closep) int read_end = -1;
        AUTO(closep) int write_end = -1;
        int ends[2], r;
        pid_t pid;

        snprintf(group_text, sizeof(group_text), "%d", (int)group);
        if (pipe2(ends, O_CLOEXEC) < 0)
                return fail(err, errno, "cannot make a pipe");
        read_end = ends[0];
        write_end = ends[1];
        r = spawn_shell(read_end, argv, &pid);
        if (r)
                return fail(err, r, "cannot run '/bin/sh'");
        *ret = (Warden){ .pid = pid, .fd = TAKE_FD(write_end) };
        return 0;
}

void warden_end(Warden *warden)
{
        if (warden->pid <= 0)
                return;
        kill(warden->pid, SIGKILL);
        while (waitpid(warden->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        close(warden->fd);
        *warden = (Warden){ 0 };
}
