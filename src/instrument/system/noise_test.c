#include "harness.h"

#include "instrument/system/fake_proc.h"
#include "instrument/system/noise.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static NoiseFacts quiet(void)
{
        return (NoiseFacts){
                .window_s = 10, .cpus = 4, .target_cpu = 1, .own_cpu = 0.5, .other_cpu = 0.02
        };
}

TEST(noise_of_a_quiet_machine)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        NoiseFacts f = quiet();
        Noise noise = noise_judge(&f, arena);

        assert_int_equal(noise.verdict, NOISE_QUIET);
        assert_span(noise.reason, "");
        assert_near(noise.other_cpu, 0.02, 0);
}

TEST(noise_verdicts_follow_the_limits)
{
        static const struct {
                size_t field;
                double value;
                NoiseVerdict verdict;
                const char *reason;
        } rows[] = {
                { offsetof(NoiseFacts, steal), 0.02, NOISE_NOISY, "steal" },
                { offsetof(NoiseFacts, steal), 0.2, NOISE_UNRELIABLE, "steal" },
                { offsetof(NoiseFacts, other_cpu), 0.5, NOISE_NOISY, "0.50 of 4 cores" },
                { offsetof(NoiseFacts, other_cpu), 2, NOISE_UNRELIABLE, "other processes" },
                { offsetof(NoiseFacts, psi_io), 0.9, NOISE_NOISY, "I/O" },
                { offsetof(NoiseFacts, psi_io), 0.1, NOISE_QUIET, "" },
                /* the target is alone: it waits for itself */
                { offsetof(NoiseFacts, psi_cpu), 0.95, NOISE_QUIET, "" },
                { offsetof(NoiseFacts, runqueue_wait), 2, NOISE_QUIET, "" },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
                NoiseFacts f = quiet();
                Noise noise;

                memcpy((char *)&f + rows[i].field, &rows[i].value, sizeof(double));
                noise = noise_judge(&f, arena);
                assert_int_equal(noise.verdict, rows[i].verdict);
                assert_true(span_contains(noise.reason, rows[i].reason));
        }
}

TEST(noise_blames_others_for_their_share_of_the_waiting)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        NoiseFacts f = quiet();

        f.other_cpu = 0.3; /* below its own limit: a sixth of the work */
        f.runqueue_wait = 0.5;
        assert_int_equal(noise_judge(&f, arena).verdict, NOISE_NOISY);
        f.runqueue_wait = 2;
        assert_int_equal(noise_judge(&f, arena).verdict, NOISE_UNRELIABLE);
        f.other_cpu = (double)NAN; /* not known: all of it may be theirs */
        f.runqueue_wait = 0.3;
        assert_int_equal(noise_judge(&f, arena).verdict, NOISE_UNRELIABLE);
}

TEST(noise_names_the_busiest)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        NoiseFacts f = quiet();

        f.other_cpu = 3;
        f.busiest = SPAN("cc1");
        f.busiest_pid = 77;
        f.busiest_cpu = 2.5;
        assert_span(noise_judge(&f, arena).reason,
                    "other processes used 3.00 of 4 cores, most of all cc1 (pid 77, 2.50)");
}

TEST(noise_is_unknown_without_sources_or_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        NoiseFacts f = quiet();
        Noise noise;

        f.window_s = 0.05;
        noise = noise_judge(&f, arena);
        assert_int_equal(noise.verdict, NOISE_UNKNOWN);
        assert_true(span_contains(noise.reason, "too short"));
        f = quiet();
        f.steal = f.other_cpu = (double)NAN;
        assert_int_equal(noise_judge(&f, arena).verdict, NOISE_UNKNOWN);
}

static void machine(const FakeProc *fake, unsigned busy, unsigned other, unsigned target)
{
        fake_host(fake, busy);
        fake_process(fake, &(FakeProcess){ .pid = 1 });
        fake_process(fake, &(FakeProcess){ .pid = 3, .kernel_thread = true, .user = busy / 2 });
        fake_process(fake, &(FakeProcess){ .pid = 10, .ppid = 1, .name = "hone", .user = target });
        fake_process(fake, &(FakeProcess){ .pid = 20, .ppid = 1, .user = target });
        fake_process(fake, &(FakeProcess){ .pid = 21, .ppid = 20, .user = target });
        fake_process(fake, &(FakeProcess){ .pid = 40, .ppid = 1, .name = "cc1", .user = other });
}

static NoiseFacts facts_of(const FakeProc *fake, unsigned busy, unsigned other, unsigned target)
{
        const NoiseSetup setup = { .proc_root = fake->root, .pid = 20, .self_pid = 10 };
        NoiseWatch *watch;

        machine(fake, 0, 0, 0);
        watch = noise_begin_in(&setup, NS_PER_S, fake->arena);
        machine(fake, busy, other, target);
        return noise_facts(watch, 3 * NS_PER_S);
}

TEST(noise_divides_the_machine_into_target_ours_and_others)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = fake_proc_in(arena);
        NoiseFacts f = facts_of(&fake, 100, 20, 10);

        assert_near(f.window_s, 2, 1e-9);
        assert_near(f.cpus, 2, 0);
        assert_near(f.target_cpu, 20 * 0.01 / 2, 1e-9);
        assert_near(f.own_cpu, 10 * 0.01 / 2, 1e-9);
        assert_near(f.other_cpu, 20 * 0.01 / 2, 1e-9);
        assert_span(f.busiest, "cc1");
        assert_int_equal(f.busiest_pid, 40);
        assert_near(f.steal, 10.0 / 610, 1e-9);
        assert_near(f.runqueue_wait, 0.1 / 2 / 2, 1e-9);
        assert_near(f.psi_cpu, 0.1 / 2, 1e-9);
        assert_near(f.psi_io, 0.01 / 2, 1e-9);
}

TEST(noise_counts_cpu_that_no_process_here_used)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = fake_proc_in(arena);
        NoiseFacts f = facts_of(&fake, 300, 0, 0);

        /* 3 s of work, half of it in kernel threads; a margin of 5 % of two CPUs */
        assert_near(f.other_cpu, 1.5 - 0.75 - 0.1, 1e-9);
}

TEST(noise_asks_the_threads_where_the_kernel_has_no_sum)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = fake_proc_in(arena);
        const NoiseSetup setup = { .proc_root = fake.root, .pid = 20, .self_pid = 10 };
        NoiseWatch *watch;

        machine(&fake, 0, 0, 0);
        fake_remove(&fake, "schedstat");
        watch = noise_begin_in(&setup, NS_PER_S, arena);
        fake_process(&fake, &(FakeProcess){ .pid = 40, .ppid = 1, .wait_ns = 800000000 });
        assert_near(noise_facts(watch, 2 * NS_PER_S).runqueue_wait, 0.4, 1e-9);
}

TEST(noise_does_not_take_an_ended_target_for_others)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = fake_proc_in(arena);
        const NoiseSetup setup = { .proc_root = fake.root, .pid = 20, .self_pid = 10 };
        NoiseWatch *watch;

        machine(&fake, 0, 0, 0);
        watch = noise_begin_in(&setup, NS_PER_S, arena);
        fake_remove(&fake, "20");
        fake_remove(&fake, "21");
        fake_process(&fake, &(FakeProcess){ .pid = 1, .inherited_user = 90 });
        assert_near(noise_facts(watch, 2 * NS_PER_S).other_cpu, 0, 1e-9);
}

TEST(noise_of_nowhere_is_unknown)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        NoiseWatch *watch =
                noise_begin_in(&(NoiseSetup){ .proc_root = "/nowhere/at/all" }, NS_PER_S, arena);
        NoiseFacts f = noise_facts(watch, 2 * NS_PER_S);

        assert_true(isnan(f.steal) && isnan(f.other_cpu));
        assert_int_equal(noise_judge(&f, arena).verdict, NOISE_UNKNOWN);
}

static int fork_burner(void)
{
        int pid = fork();

        if (pid == 0)
                for (volatile unsigned n = 0;;)
                        n++;
        assert_true(pid > 0);
        return pid;
}

static double cpu_of(int pid)
{
        clockid_t clock;
        struct timespec t;

        assert_int_equal(clock_getcpuclockid(pid, &clock), 0);
        assert_int_equal(clock_gettime(clock, &t), 0);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Our own child, seen once as part of this program and once as a stranger. */
static NoiseFacts watch_burner(Arena *arena, int self_pid, double *ret_burnt_s)
{
        int pid = fork_burner();
        const Os *os = os_real();
        NoiseWatch *watch = noise_begin_in(
                &(NoiseSetup){ .proc_root = "/proc", .self_pid = self_pid }, os_now(os), arena);
        double before = cpu_of(pid);
        NoiseFacts f;

        os->sleep_ns(os, 400 * NS_PER_MS);
        *ret_burnt_s = cpu_of(pid) - before;
        f = noise_facts(watch, os_now(os));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        noise_release(watch);
        return f;
}

TEST(noise_sees_a_stranger_that_burns_cpu)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        double burnt_s;
        NoiseFacts f = watch_burner(arena, 0, &burnt_s);

        assert_true(f.other_cpu * f.window_s >= burnt_s - 0.03);
        assert_true(f.busiest.len > 0);
}

TEST(noise_does_not_count_what_this_program_does)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        double burnt_s;
        NoiseFacts f = watch_burner(arena, getpid(), &burnt_s);

        assert_true(f.own_cpu * f.window_s >= burnt_s - 0.03);
}

TEST(noise_begins_and_ends_on_this_machine)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Os *os = os_real();
        NoiseWatch *watch = noise_begin(0, arena);
        Noise noise;

        os->sleep_ns(os, 250 * NS_PER_MS);
        noise = noise_end(watch, arena);
        assert_true(noise.verdict != NOISE_UNKNOWN);
        assert_true(noise.other_cpu >= 0);
        assert_true(noise.verdict == NOISE_QUIET || noise.reason.len > 0);
}
