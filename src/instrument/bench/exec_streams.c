#include "instrument/bench/exec_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READS_AT_ONCE 16 /* a program that never stops writing must not keep us from the clock */
#define PROBE_BYTES 4096

void exec_streams_close(ExecStreams *s)
{
        for (size_t i = 0; i < COUNT(s->given); i++)
                closep(&s->given[i]);
        closep(&s->captured);
}

static int open_input(const char *path, int *ret, Error *err)
{
        struct stat st;

        *ret = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (*ret < 0)
                return fail(err, errno == ENOENT ? ERR_NOT_FOUND : errno,
                            "cannot open the input '%s'%s", path,
                            errno == ENOENT ? ": there is no such file" : "");
        if (fstat(*ret, &st) == 0 && S_ISDIR(st.st_mode))
                return fail(err, EISDIR, "cannot open the input '%s'", path);
        (void)fcntl(*ret, F_SETFL, 0); /* it was only not to wait for a pipe's other end */
        return 0;
}

static int open_for_writing(const char *path, int *ret, Error *err)
{
        int how = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

        *ret = open(path, how, 0666);
        if (*ret < 0)
                return fail(err, errno, "cannot write the output to '%s'", path);
        (void)fcntl(*ret, F_SETFL, O_APPEND); /* it was only not to wait for a pipe's other end */
        return 0;
}

static int duplicate(int from, int *ret, Error *err)
{
        *ret = fcntl(from, F_DUPFD_CLOEXEC, 3);
        return *ret < 0 ? fail(err, errno, "cannot hand a stream on to a program") : 0;
}

/* Standard output, and standard error when it has no place of its own. */
static int open_output(const ExecPlan *plan, ExecStreams *s, Error *err)
{
        int r = 0;

        if (plan->output_path)
                r = open_for_writing(plan->output_path, &s->given[1], err);
        else if (plan->inherit_output)
                r = duplicate(STDOUT_FILENO, &s->given[1], err);
        if (r == 0 && plan->error_path)
                return open_for_writing(plan->error_path, &s->given[2], err);
        if (r == 0 && plan->output_path)
                r = duplicate(s->given[1], &s->given[2], err);
        else if (r == 0 && plan->inherit_output)
                r = duplicate(STDERR_FILENO, &s->given[2], err);
        return r;
}

static int open_capture(ExecStreams *s, Error *err)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return fail(err, errno, "cannot make a pipe for the output of a program");
        s->captured = ends[0];
        s->given[1] = ends[1];
        if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
                return fail(err, errno, "cannot make a pipe for the output of a program");
        return 0;
}

int exec_streams_open(const ExecPlan *plan, Arena *arena, ExecStreams *ret, Error *err)
{
        AUTO(exec_streams_close) ExecStreams s = EXEC_STREAMS_NONE;
        int r = 0;

        s.kept = buf_in(arena, plan->max_output);
        if (plan->input_path)
                r = open_input(plan->input_path, &s.given[0], err);
        if (r == 0)
                r = open_output(plan, &s, err);
        if (r == 0 && s.given[1] < 0 && plan->max_output)
                r = open_capture(&s, err);
        if (r < 0)
                return r;
        *ret = s;
        s = EXEC_STREAMS_NONE;
        return 0;
}

static void keep(ExecStreams *s, const char *bytes, size_t n)
{
        size_t fits = MIN(n, s->kept.ceiling - s->kept.len);

        buf_bytes(&s->kept, bytes, fits);
        s->truncated |= fits < n || s->kept.overflowed;
}

void exec_streams_drain(ExecStreams *s)
{
        char bytes[KiB(32)];

        for (int i = 0; i < READS_AT_ONCE && s->captured >= 0; i++) {
                ssize_t n = read(s->captured, bytes, sizeof(bytes));

                if (n > 0)
                        keep(s, bytes, (size_t)n);
                else if (n < 0 && errno == EAGAIN)
                        return;
                else if (n == 0 || errno != EINTR)
                        closep(&s->captured);
        }
}

/* Asks for room behind the end and gives it back. A device says it to a write of nothing. */
static bool has_room(int fd)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return true;
        if (!S_ISREG(st.st_mode))
                return write(fd, "", 0) >= 0 || errno != ENOSPC;
        if (fallocate(fd, FALLOC_FL_KEEP_SIZE, st.st_size, PROBE_BYTES) == 0)
                return ftruncate(fd, st.st_size) == 0;
        return errno != ENOSPC && errno != EDQUOT;
}

int exec_streams_check(const ExecPlan *plan, const ExecStreams *s, Error *err)
{
        if (!plan->output_path || has_room(s->given[1]))
                return 0;
        fail(err, ENOSPC, "cannot write the output to '%s'", plan->output_path);
        return fail_hint(err, "what the program wrote is not whole; free some room or write "
                              "elsewhere");
}
