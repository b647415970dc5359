/* Runs a program N times by the launcher, as `hone bench` does: what bench/exec.sh measures. Or
 * barely, by vfork and wait4: less than that nobody can spend.
 *
 *     exec_driver launcher|bare N PROGRAM [WORD...]
 *
 * The first prints the median and the least wall time in ns.
 */
#include "instrument/bench/exec.h"
#include "base/os.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int by_size(const void *a, const void *b)
{
        const uint64_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static int run(uint64_t n, const char *const *argv, Error *err)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        AUTO(launcher_stopp) Launcher *launcher = NULL;
        uint64_t *wall_ns = new (arena, uint64_t, n);
        int r = launcher_start(arena, &launcher, err);

        for (uint64_t i = 0; r == 0 && i < n; i++) {
                Mark mark = arena_mark(arena);
                ExecSample sample;

                r = launcher_exec(launcher, &(ExecPlan){ .argv = argv }, arena, &sample, err);
                wall_ns[i] = sample.wall_ns;
                arena_reset(arena, mark);
        }
        if (r < 0)
                return r;
        qsort(wall_ns, n, sizeof(*wall_ns), by_size);
        printf("%llu %llu\n", (unsigned long long)wall_ns[n / 2], (unsigned long long)wall_ns[0]);
        return 0;
}

static int run_bare(uint64_t n, char *const *argv)
{
        for (uint64_t i = 0; i < n; i++) {
                pid_t pid = vfork();

                if (pid == 0) {
                        execv(argv[0], argv);
                        _exit(127);
                }
                if (pid < 0 || waitpid(pid, NULL, 0) < 0)
                        return 3;
        }
        puts("0 0");
        return 0;
}

int main(int argc, char **argv)
{
        uint64_t n;
        Error err = { 0 };

        if (argc < 4 || span_to_u64(span_of(argv[2]), &n, NULL) < 0 || n == 0 || n > 1000000)
                return 2;
        if (span_is(span_of(argv[1]), "bare"))
                return run_bare(n, argv + 3);
        if (run(n, (const char *const *)argv + 3, &err) == 0)
                return 0;
        error_print(&err, stderr);
        return 3;
}
