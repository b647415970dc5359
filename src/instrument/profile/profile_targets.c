#include "instrument/profile/profile_targets.h"

#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFETIME_S 20
#define READY_FD 9 /* where a target says that it runs; not open in a command of hone */

/* A chain of functions that each do something after their call, so that no call is a jump. The
 * calls go through volatile pointers where a compiler could see through them. */
#define LINK(name, next)                                                     \
        __attribute__((noinline, used)) unsigned name(volatile unsigned *x); \
        unsigned name(volatile unsigned *x)                                  \
        {                                                                    \
                unsigned r = next(x);                                        \
                                                                             \
                (*x)++;                                                      \
                return r + *x;                                               \
        }

__attribute__((noinline, used)) unsigned chain_0(volatile unsigned *x);
unsigned chain_0(volatile unsigned *x)
{
        for (int i = 0; i < 20000; i++)
                *x += (unsigned)i & 3;
        return *x & 1;
}

LINK(chain_1, chain_0)
LINK(chain_2, chain_1)
LINK(chain_3, chain_2)
LINK(chain_4, chain_3)
LINK(chain_5, chain_4)
LINK(chain_6, chain_5)
LINK(chain_7, chain_6)
LINK(chain_8, chain_7)
LINK(chain_9, chain_8)
LINK(chain_10, chain_9)
LINK(chain_11, chain_10)
LINK(chain_12, chain_11)
LINK(chain_13, chain_12)
LINK(chain_14, chain_13)
LINK(chain_15, chain_14)
LINK(chain_16, chain_15)
LINK(chain_17, chain_16)
LINK(chain_18, chain_17)
LINK(chain_19, chain_18)

/* A C++ name for a C function: demangling without a C++ compiler. */
unsigned mangled_burn(volatile unsigned *x) __asm__("_ZN4shop5Cache4findERKSs")
        __attribute__((noinline));
LINK(mangled_burn, chain_0)

static inline __attribute__((always_inline)) unsigned inlined_inner(volatile unsigned *x)
{
        for (int i = 0; i < 20000; i++)
                *x += (unsigned)i & 7;
        return *x;
}

static inline __attribute__((always_inline)) unsigned inlined_middle(volatile unsigned *x)
{
        return inlined_inner(x) + 1;
}

__attribute__((noinline, used)) unsigned inline_outer(volatile unsigned *x);
unsigned inline_outer(volatile unsigned *x)
{
        return inlined_middle(x) + 2;
}

/* More stack than any copy holds. */
__attribute__((noinline, used)) unsigned deep_stack(volatile unsigned *x, int depth);
unsigned deep_stack(volatile unsigned *x, int depth)
{
        volatile char room[4096];
        unsigned r;

        for (size_t i = 0; i < sizeof(room); i += 512)
                room[i + (size_t)depth % 512] = (char)depth;
        r = depth > 0 ? deep_stack(x, depth - 1) : chain_0(x);
        return r + (unsigned)room[0];
}

/* The stack is realigned: the frame's address is an expression in some compilers' output. */
__attribute__((noinline, used)) unsigned realigned(volatile unsigned *x);
unsigned realigned(volatile unsigned *x)
{
        _Alignas(64) volatile char room[128];
        unsigned r;

        room[0] = 1;
        r = chain_0(x);
        return r + (unsigned)room[0];
}

static volatile unsigned signal_work;

static void on_signal(int signal UNUSED)
{
        for (int i = 0; i < 200; i++)
                signal_work = chain_1(&signal_work) & 1;
}

static void forever(unsigned (*work)(volatile unsigned *))
{
        unsigned (*volatile call)(volatile unsigned *) = work;
        volatile unsigned x = 0;

        for (;;)
                (void)call(&x);
}

static void run_chain(void)
{
        forever(chain_19);
}

static void run_mangled(void)
{
        forever(mangled_burn);
}

static void run_inline(void)
{
        forever(inline_outer);
}

static void run_realigned(void)
{
        forever(realigned);
}

static void run_deep(void)
{
        volatile unsigned x = 0;

        for (;;)
                (void)deep_stack(&x, 64);
}

static void *thread_main(void *arg UNUSED)
{
        prctl(PR_SET_NAME, "worker-bee");
        forever(chain_3);
        return NULL;
}

/* One thread before the profiler attaches, and new ones that live for a moment all the time. */
static void *short_main(void *arg UNUSED)
{
        volatile unsigned x = 0;

        prctl(PR_SET_NAME, "short-lived");
        for (int i = 0; i < 400; i++)
                (void)chain_2(&x);
        return NULL;
}

static void run_threads(void)
{
        pthread_t thread;

        pthread_create(&thread, NULL, thread_main, NULL);
        for (;;) {
                pthread_t short_lived;

                if (pthread_create(&short_lived, NULL, short_main, NULL) == 0)
                        pthread_join(short_lived, NULL);
        }
}

/* Children that work and end; one in two becomes another program first. */
static void run_fork(void)
{
        for (unsigned n = 0;; n++) {
                volatile unsigned x = 0;
                int status, pid = fork();

                if (pid == 0 && n % 2) {
                        setenv(TARGET_VARIABLE, "short", 1);
                        execl("/proc/self/exe", "second-program", (char *)NULL);
                        _exit(1);
                }
                for (int i = 0; pid == 0 && i < 800; i++)
                        (void)chain_4(&x);
                if (pid == 0)
                        _exit(0);
                waitpid(pid, &status, 0);
        }
}

static void run_short(void)
{
        volatile unsigned x = 0;

        for (int i = 0; i < 800; i++)
                (void)chain_5(&x);
}

static void run_signal(void)
{
        signal(SIGUSR1, on_signal);
        for (;;)
                raise(SIGUSR1);
}

static void run_idle(void)
{
        for (;;)
                pause();
}

static void run_moment(void)
{
        volatile unsigned x = 0;

        for (int i = 0; i < 8000; i++)
                (void)chain_19(&x);
}

static const struct TargetRow {
        const char *name;
        void (*run)(void);
} targets[] = {
        { "chain", run_chain },         { "mangled", run_mangled }, { "inline", run_inline },
        { "realigned", run_realigned }, { "deep", run_deep },       { "threads", run_threads },
        { "fork", run_fork },           { "short", run_short },     { "signal", run_signal },
        { "idle", run_idle },           { "moment", run_moment },
};

__attribute__((constructor)) static void become_target(void)
{
        const char *name = getenv(TARGET_VARIABLE);

        for (size_t i = 0; name && i < COUNT(targets); i++)
                if (strcmp(targets[i].name, name) == 0) {
                        prctl(PR_SET_PDEATHSIG, SIGKILL);
                        prctl(PR_SET_NAME, name);
                        alarm(LIFETIME_S);
                        signal(SIGPIPE, SIG_IGN); /* nobody listens to a second program */
                        (void)!write(READY_FD, ".", 1);
                        targets[i].run();
                        _exit(0);
                }
}

int target_start(const char *name)
{
        int ready[2], pid;
        char byte;

        assert_int_equal(pipe(ready), 0);
        pid = fork();
        if (pid == 0) {
                dup2(ready[1], READY_FD);
                if (ready[0] != READY_FD)
                        close(ready[0]);
                if (ready[1] != READY_FD)
                        close(ready[1]);
                setenv(TARGET_VARIABLE, name, 1);
                execl("/proc/self/exe", name, (char *)NULL);
                _exit(1);
        }
        assert_true(pid > 0);
        close(ready[1]);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        return pid;
}

void target_stop(int pid)
{
        int status = 0;

        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
