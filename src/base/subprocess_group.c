/* Who is left in a process group.
 *
 * Signal 0 answers at once and is nearly always enough. It also counts the dead that nobody has
 * reaped, though, and where process 1 does not reap (most containers) they would stay for ever; so
 * before a group counts as alive, a member that lives is looked for: /proc/PID/stat, proc(5).
 */

#include "base/subprocess_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* "PID (COMMAND) STATE PARENT GROUP ..."; the command may hold spaces and parentheses. */
static bool lives_in(Span stat, pid_t group)
{
        Span state, parent, in;
        uint64_t number;
        size_t at = stat.len;

        while (at && stat.ptr[at - 1] != ')')
                at--;
        stat = span_from(stat, at);
        if (!span_next_word(&stat, &state) || !span_next_word(&stat, &parent) ||
            !span_next_word(&stat, &in) || span_to_u64(in, &number, NULL) < 0)
                return false;
        return number == (uint64_t)group && !span_is(state, "Z") && !span_is(state, "X");
}

static bool is_member(int proc, const char *pid, pid_t group)
{
        char path[300], text[512];
        AUTO(closep) int fd = -1;
        ssize_t n;

        snprintf(path, sizeof(path), "%s/stat", pid);
        fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? 0 : read(fd, text, sizeof(text));
        return n > 0 && lives_in((Span){ text, (size_t)n }, group);
}

static bool has_living_member(pid_t group)
{
        DIR *proc = opendir("/proc");
        bool found = false;
        struct dirent *entry;

        if (!proc)
                return true;
        while (!found && (entry = readdir(proc)))
                found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
                        is_member(dirfd(proc), entry->d_name, group);
        closedir(proc);
        return found;
}

bool subprocess_group_alive(pid_t group)
{
        return (kill(-group, 0) == 0 || errno == EPERM) && has_living_member(group);
}
