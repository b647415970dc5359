/* Who is left in a process group or session.
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

typedef struct ProcStat {
        uint64_t group, session;
        bool alive;
} ProcStat;

/* "PID (COMMAND) STATE PARENT GROUP SESSION ..."; the command may hold spaces and parentheses. */
static bool parse_stat(Span stat, ProcStat *ret)
{
        Span state, parent, group, session;
        size_t at = stat.len;

        while (at && stat.ptr[at - 1] != ')')
                at--;
        stat = span_from(stat, at);
        ret->alive = span_next_word(&stat, &state) && !span_is(state, "Z") && !span_is(state, "X");
        return span_next_word(&stat, &parent) && span_next_word(&stat, &group) &&
               span_next_word(&stat, &session) && span_to_u64(group, &ret->group, NULL) == 0 &&
               span_to_u64(session, &ret->session, NULL) == 0;
}

static bool read_stat(int proc, const char *pid, ProcStat *ret)
{
        char path[300], text[512];
        AUTO(closep) int fd = -1;
        ssize_t n;

        snprintf(path, sizeof(path), "%s/stat", pid);
        fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? 0 : read(fd, text, sizeof(text));
        return n > 0 && parse_stat((Span){ text, (size_t)n }, ret);
}

static void closedirp(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}

/* The next process that can be read; NULL at the end. */
static const char *next_process(DIR *proc, ProcStat *ret)
{
        struct dirent *entry;

        while ((entry = readdir(proc)))
                if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
                    read_stat(dirfd(proc), entry->d_name, ret))
                        return entry->d_name;
        return NULL;
}

static bool has_living_member(pid_t group)
{
        AUTO(closedirp) DIR *proc = opendir("/proc");
        ProcStat stat;

        if (!proc)
                return true;
        while (next_process(proc, &stat))
                if (stat.group == (uint64_t)group && stat.alive)
                        return true;
        return false;
}

bool subprocess_group_alive(pid_t group)
{
        return (kill(-group, 0) == 0 || errno == EPERM) && has_living_member(group);
}

void subprocess_kill_session(int session)
{
        AUTO(closedirp) DIR *proc = opendir("/proc");
        const char *name;
        ProcStat stat;
        uint64_t pid;

        while (proc && (name = next_process(proc, &stat)))
                if (stat.session == (uint64_t)session && stat.alive &&
                    span_to_u64(span_of(name), &pid, NULL) == 0)
                        kill((pid_t)pid, SIGKILL);
}
