#include "instrument/bench/noise_block.h"

#include "base/fs.h"
#include "harness.h"
#include "model/noise_judge.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Proc {
        Arena *arena;
        char *root;
} Proc;

static void proc_write(const Proc *proc, const char *name, const char *text)
{
        Error err = { 0 };

        assert_ok(file_write(path_join(proc->arena, proc->root, name), span_of(text), &err), err);
}

/* In place, because the watch holds the files open as it does in /proc. */
static void proc_change(const Proc *proc, const char *name, const char *text)
{
        FILE *file = fopen(path_join(proc->arena, proc->root, name), "we");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static Proc proc_new(Arena *arena)
{
        Proc proc = { arena, arena_printf(arena, "/tmp/hone-noise-XXXXXX") };
        Error err = { 0 };

        assert_non_null(mkdtemp(proc.root));
        assert_ok(dir_make(path_join(arena, proc.root, "pressure"), &err), err);
        return proc;
}

static void proc_remove(Proc *proc)
{
        Error err = { 0 };

        assert_ok(tree_remove(proc->root, &err), err);
}

#define CPUS "cpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\nintr 1 2 3\n"
#define STAT(numbers) "cpu  " numbers "\n" CPUS
#define PRESSURE(us) "some avg10=0.00 avg60=1.00 avg300=0.50 total=" us "\nfull avg10=0 total=9\n"

static const struct {
        uint64_t window_ns;
        const char *stat, *pressure;
        NoiseVerdict verdict;
        double steal, other, psi;
        const char *reason;
} blocks[] = {
        /* two CPUs, 10 s: 2000 ticks; begun at 1000 idle, 10 steal, 1 s of pressure */
        { 10 * NS_PER_S, STAT("0 0 0 2990 10 0 0 10 0 0"), PRESSURE("1000000"), NOISE_QUIET, 0, 0,
          0, "" },
        { 10 * NS_PER_S, STAT("900 0 40 2000 10 0 0 60 0 0"), PRESSURE("4000000"), NOISE_UNRELIABLE,
          0.025, 0.85, 0.3, "of 2 cores" },
        { 10 * NS_PER_S, STAT("0 0 0 2800 10 0 0 200 0 0"), PRESSURE("1000000"), NOISE_UNRELIABLE,
          0.095, 0, 0, "steal" },
        { 10 * NS_PER_S, STAT("0 300 0 2500 10 0 0 10 0 0"), PRESSURE("1000000"), NOISE_NOISY, 0,
          0.4, 0, "of 2 cores" },
        { NS_PER_S / 10, STAT("0 0 0 1020 10 0 0 10 0 0"), PRESSURE("1100000"), NOISE_UNKNOWN, 0, 0,
          1, "too short" },
};

TEST(noise_block_judges_by_two_files)
{
        for (size_t i = 0; i < COUNT(blocks); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
                AUTO(proc_remove) Proc proc = proc_new(arena);
                FakeClock clock = { .now_ns = 1 };
                Os os = os_fake(&clock);
                NoiseBlock *watch;
                Noise noise;

                proc_write(&proc, "stat", STAT("0 0 0 1000 10 0 0 10 0 0"));
                proc_write(&proc, "pressure/cpu", PRESSURE("1000000"));
                watch = noise_block_new(&(NoiseBlockSetup){ .proc_root = proc.root, .os = &os },
                                        arena);
                noise_block_begin(watch);
                clock.now_ns += blocks[i].window_ns;
                proc_change(&proc, "stat", blocks[i].stat);
                proc_change(&proc, "pressure/cpu", blocks[i].pressure);
                noise = noise_block_end(watch, arena);
                assert_int_equal(noise.verdict, blocks[i].verdict);
                assert_near(noise.steal, blocks[i].steal, 1e-9);
                assert_near(noise.psi_cpu, blocks[i].psi, 1e-9);
                assert_near(noise.other_cpu, blocks[i].other, 0.06);
                assert_true(isnan(noise.runqueue_wait));
                assert_true(span_contains(noise.reason, blocks[i].reason));
        }
}

TEST(noise_block_does_not_guess_what_it_cannot_read)
{
        static const char *const stats[] = { "",
                                             "cpu",
                                             "cpu 1 2 3\n",
                                             "cpu a b c d e f g h\n",
                                             "cpu0 1 2 3 4 5 6 7 8\n",
                                             "cpu 99999999999999999999999 2 3 4 5 6 7 8\n" };

        for (size_t i = 0; i < COUNT(stats); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
                AUTO(proc_remove) Proc proc = proc_new(arena);
                FakeClock clock = { .now_ns = 1 };
                Os os = os_fake(&clock);
                NoiseBlock *watch;
                Noise noise;

                proc_write(&proc, "stat", stats[i]);
                proc_write(&proc, "pressure/cpu", i % 2 ? "some total=" : "full total=1\n");
                watch = noise_block_new(&(NoiseBlockSetup){ .proc_root = proc.root, .os = &os },
                                        arena);
                noise_block_begin(watch);
                clock.now_ns += NS_PER_S;
                noise = noise_block_end(watch, arena);
                assert_int_equal(noise.verdict, NOISE_UNKNOWN);
                assert_true(isnan(noise.steal) && isnan(noise.other_cpu) && isnan(noise.psi_cpu));
                assert_true(noise.reason.len > 0);
        }
}

TEST(noise_block_without_proc_is_unknown)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        NoiseBlock *watch =
                noise_block_new(&(NoiseBlockSetup){ .proc_root = "/no/such/proc" }, arena);

        noise_block_begin(watch);
        assert_int_equal(noise_block_end(watch, arena).verdict, NOISE_UNKNOWN);
}

static pid_t spin(void)
{
        pid_t pid = fork();

        if (pid == 0)
                for (;;)
                        if (getppid() == 1)
                                _exit(0);
        assert_true(pid > 0);
        return pid;
}

/* Our own program is no noise; a process that spins beside it is. */
TEST(noise_block_tells_others_from_the_programs)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        AUTO(launcher_stopp) Launcher *launcher = NULL;
        const ExecPlan plan = { .shell = "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done" };
        double other[2];
        Error err = { 0 };

        assert_ok(launcher_start(arena, &launcher, &err), err);
        for (int busy = 0; busy < 2; busy++) {
                NoiseBlock *watch =
                        noise_block_new(&(NoiseBlockSetup){ .launcher = launcher }, arena);
                pid_t spinning = busy ? spin() : 0;
                ExecSample sample;
                Noise noise;

                noise_block_begin(watch);
                for (int i = 0; i < 2; i++)
                        assert_ok(launcher_exec(launcher, &plan, arena, &sample, &err), err);
                noise = noise_block_end(watch, arena);
                if (busy) {
                        kill(spinning, SIGKILL);
                        waitpid(spinning, NULL, 0);
                }
                other[busy] = noise.other_cpu;
                assert_true(noise.runqueue_wait >= 0);
                if (noise.verdict == NOISE_UNKNOWN)
                        skip_because("the program took less than %.1f s", NOISE_SHORTEST_WINDOW_S);
        }
        assert_true(other[1] >= 0 && other[0] >= 0);
        if (other[0] > 0.3)
                skip_because("the machine is busy");
        assert_true(other[1] > 0.3);
}
