/* From a plan to a running process.
 *
 * vfork(), because fork() copies the page tables of a hone that holds large recordings. The child
 * shares our memory until it executes: it makes system calls only, and leaves the reason of a
 * failure in a variable of ours. Everything it needs is prepared before.
 */

#include "base/subprocess_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What the child was at when it failed. */
typedef enum Stage { STAGE_STREAMS, STAGE_DIR, STAGE_EXEC } Stage;

typedef struct Launch {
        char *const *argv;
        char *const *envp;
        const char *dir;
        int in, out, error; /* above 2, so that dup2() neither overwrites nor keeps O_CLOEXEC */
        pid_t parent;
        volatile Stage stage;
        volatile int failure; /* errno, 0: the program runs */
} Launch;

static void launch_close(Launch *l)
{
        closep(&l->in);
        closep(&l->out);
        closep(&l->error);
}

static void spawned_close(Spawned *s)
{
        closep(&s->out);
        closep(&s->error);
}

NORETURN static void child(Launch *l)
{
        sigset_t none;

        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != l->parent) /* we were orphaned before the line above */
                _exit(127);
        for (int i = 1; i < NSIG; i++)
                if (i != SIGHUP) /* ignored signals stay ignored; nohup means children too */
                        signal(i, SIG_DFL);
        l->stage = STAGE_STREAMS;
        if (dup2(l->in, 0) < 0 || dup2(l->out, 1) < 0 || dup2(l->error, 2) < 0)
                goto failed;
        l->stage = STAGE_DIR;
        if (l->dir && chdir(l->dir) < 0)
                goto failed;
        l->stage = STAGE_EXEC;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execvpe(l->argv[0], l->argv, l->envp);
failed:
        l->failure = errno;
        _exit(127);
}

/* Ignoring SIGCHLD, which a program inherits, would make the kernel drop exit statuses. */
static void keep_exit_statuses(void)
{
        struct sigaction now;

        if (sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
                signal(SIGCHLD, SIG_DFL);
}

/* All signals wait meanwhile: a handler of ours must not run in the child on our memory. */
static pid_t launch(Launch *l)
{
        sigset_t all, before;
        pid_t pid;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        pid = vfork();
        if (pid == 0)
                child(l);
        if (pid < 0)
                l->failure = errno;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return pid;
}

/* Standard input from memory: a file without a name, so that no pipe can fill up or break. */
static int open_input(Span input, int *ret_fd, Error *err)
{
        AUTO(closep) int fd = -1;

        if (input.len == 0) {
                fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
                if (fd < 0)
                        return fail(err, errno, "cannot open '/dev/null'");
        } else {
                fd = memfd_create("hone-input", MFD_CLOEXEC);
                if (fd < 0)
                        return fail(err, errno, "cannot hold the input of a program");
        }
        while (input.len) {
                ssize_t n = write(fd, input.ptr, input.len);

                if (n < 0 && errno != EINTR)
                        return fail(err, errno, "cannot hold the input of a program");
                input = span_from(input, n < 0 ? 0 : (size_t)n);
        }
        lseek(fd, 0, SEEK_SET);
        *ret_fd = TAKE_FD(fd);
        return 0;
}

static int open_output(const char *path, int *ret_fd, Error *err)
{
        *ret_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
        return *ret_fd < 0 ? fail(err, errno, "cannot open '%s'", path) : 0;
}

static int open_pipe(int *ret_read, int *ret_write, Error *err)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return fail(err, errno, "cannot make a pipe");
        *ret_read = ends[0];
        *ret_write = ends[1];
        if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
                return fail(err, errno, "cannot make a pipe");
        return 0;
}

static int duplicate(int fd, int *ret_fd, Error *err)
{
        *ret_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        return *ret_fd < 0 ? fail(err, errno, "cannot copy a file descriptor") : 0;
}

static int open_outputs(const SubprocessPlan *plan, bool keeps_output, Launch *l, Spawned *s,
                        Error *err)
{
        bool file = plan->output_path || !keeps_output;
        int r;

        if (file)
                r = open_output(plan->output_path ? plan->output_path : "/dev/null", &l->out, err);
        else
                r = open_pipe(&s->out, &l->out, err);
        if (r < 0)
                return r;
        if (file || plan->merge_streams)
                return duplicate(l->out, &l->error, err);
        return open_pipe(&s->error, &l->error, err);
}

static int move_above_std(int *fd, Error *err)
{
        int moved, r;

        if (*fd > 2)
                return 0;
        r = duplicate(*fd, &moved, err);
        if (r < 0)
                return r;
        close(*fd);
        *fd = moved;
        return 0;
}

static int open_streams(const SubprocessPlan *plan, bool keeps_output, Launch *l, Spawned *s,
                        Error *err)
{
        int *const all[] = { &l->in, &l->out, &l->error };
        int r = open_input(plan->input, &l->in, err);

        if (r < 0)
                return r;
        r = open_outputs(plan, keeps_output, l, s, err);
        for (size_t i = 0; r == 0 && i < COUNT(all); i++)
                r = move_above_std(all[i], err);
        return r;
}

static bool same_variable(const char *a, const char *b)
{
        size_t n = strcspn(a, "=");

        return strncmp(a, b, n) == 0 && b[n] == '=';
}

static bool is_replaced(const char *variable, const char *const *extra)
{
        for (; *extra; extra++)
                if (same_variable(*extra, variable))
                        return true;
        return false;
}

char *const *subprocess_environment(const char *const *extra, Arena *arena)
{
        size_t n = 0, kept = 0;
        const char **all;

        if (!extra)
                return environ;
        while (environ[n])
                n++;
        for (const char *const *e = extra; *e; e++)
                n++;
        all = new (arena, const char *, n + 1);
        for (char **e = environ; *e; e++)
                if (!is_replaced(*e, extra))
                        all[kept++] = *e;
        for (; *extra; extra++)
                all[kept++] = *extra;
        return (char *const *)all;
}

static char *const *arguments(const SubprocessPlan *plan, Arena *arena)
{
        const char **shell;

        BUG_IF(!plan->shell && (!plan->argv || !plan->argv[0]));
        if (!plan->shell)
                return (char *const *)plan->argv;
        shell = new (arena, const char *, 4);
        shell[0] = "/bin/sh";
        shell[1] = "-c";
        shell[2] = plan->shell;
        return (char *const *)shell;
}

static int fail_launch(const Launch *l, Error *err)
{
        const char *program = l->argv[0];

        if (l->stage == STAGE_DIR)
                return fail(err, l->failure, "cannot enter '%s' to run '%s'", l->dir, program);
        fail(err, l->failure, "cannot run '%s'", program);
        if (l->stage != STAGE_EXEC)
                return -l->failure;
        if (l->failure == ENOENT && strchr(program, '/'))
                return fail_hint(err, "check the path, and the interpreter that its first line "
                                      "names");
        if (l->failure == ENOENT)
                return fail_hint(err, "install %s, or check that its folder is in PATH", program);
        if (l->failure == EACCES)
                return fail_hint(err, "check that it may be executed: chmod +x");
        if (l->failure == ENOEXEC)
                return fail_hint(err, "it is not a program for this machine");
        return -l->failure;
}

int subprocess_spawn(const SubprocessPlan *plan, bool keeps_output, Arena *arena, Spawned *ret,
                     Error *err)
{
        AUTO(spawned_close) Spawned s = { .out = -1, .error = -1 };
        AUTO(launch_close) Launch l = { .in = -1, .out = -1, .error = -1, .dir = plan->dir };
        int r = open_streams(plan, keeps_output, &l, &s, err);

        if (r < 0)
                return r;
        l.argv = arguments(plan, arena);
        l.envp = subprocess_environment(plan->extra_env, arena);
        l.parent = getpid();
        keep_exit_statuses();
        s.pid = launch(&l);
        if (l.failure) {
                if (s.pid > 0)
                        waitpid(s.pid, NULL, 0);
                return fail_launch(&l, err);
        }
        *ret = s;
        s.out = s.error = -1;
        return 0;
}
