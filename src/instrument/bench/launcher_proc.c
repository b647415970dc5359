/* The few numbers that only /proc has, read without a C library. See
 * proc_pid_schedstat(5), proc_pid_status(5) and proc_pid_task_children(5). */

#include "instrument/bench/launcher_program.h"
#include "instrument/bench/launcher_sys.h"

#include <fcntl.h>
#include <unistd.h>

#define TEXT_SIZE 4096

static char *put_text(char *to, const char *text)
{
        while (*text)
                *to++ = *text++;
        *to = '\0';
        return to;
}

static char *put_number(char *to, unsigned number)
{
        char digits[12];
        int n = 0;

        do
                digits[n++] = (char)('0' + number % 10);
        while (number /= 10);
        while (n)
                *to++ = digits[--n];
        *to = '\0';
        return to;
}

/* What fits, closed by NUL; false when there is nothing. */
static bool read_text(const char *path, char text[static TEXT_SIZE])
{
        long fd = sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), n;

        if (fd < 0)
                return false;
        n = sys(SYS_read, fd, text, TEXT_SIZE - 1);
        sys(SYS_close, fd);
        text[n > 0 ? n : 0] = '\0';
        return n > 0;
}

static bool read_of(int pid, const char *name, char text[static TEXT_SIZE])
{
        char path[PROC_PATH_SIZE];

        put_text(put_number(put_text(path, "/proc/"), (unsigned)pid), name);
        return read_text(path, text);
}

/* Skips what is no digit. */
static bool next_number(const char **at, uint64_t *ret)
{
        const char *c = *at;

        while (*c && (*c < '0' || *c > '9'))
                c++;
        if (!*c)
                return false;
        for (*ret = 0; *c >= '0' && *c <= '9'; c++)
                *ret = *ret * 10 + (uint64_t)(*c - '0');
        *at = c;
        return true;
}

/* The number in the line that begins with `label`. */
static bool labelled(const char *text, const char *label, uint64_t *ret)
{
        while (*text) {
                const char *a = text, *b = label;

                while (*b && *a == *b)
                        a++, b++;
                if (!*b)
                        return next_number(&a, ret);
                while (*text && *text++ != '\n')
                        ;
        }
        return false;
}

bool proc_counts_io(void)
{
        return sys(SYS_faccessat, AT_FDCWD, "/proc/self/io", F_OK) == 0;
}

uint64_t proc_runqueue_wait_ns(int pid)
{
        char text[TEXT_SIZE];
        const char *at = text;
        uint64_t on_cpu_ns, wait_ns;

        if (!read_of(pid, "/schedstat", text) || !next_number(&at, &on_cpu_ns) ||
            !next_number(&at, &wait_ns))
                return 0;
        return wait_ns;
}

uint64_t proc_own_peak_bytes(void)
{
        char text[TEXT_SIZE];
        uint64_t kib;

        return read_text("/proc/self/status", text) && labelled(text, "VmHWM:", &kib) ? kib * 1024
                                                                                      : 0;
}

int proc_signal_children(int signal_number)
{
        char text[TEXT_SIZE];
        const char *at = text;
        uint64_t pid;
        int n = 0;

        if (!read_text("/proc/thread-self/children", text))
                return 0;
        /* A number at the end of what fitted may be half a number: a space must follow. */
        for (; next_number(&at, &pid) && *at == ' ' && pid > 1; n++)
                sys(SYS_kill, pid, signal_number);
        return n;
}
