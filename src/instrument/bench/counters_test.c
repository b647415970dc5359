#include "instrument/bench/launcher_int.h"

#include "harness.h"

#include <errno.h>
#include <linux/perf_event.h>

static Launcher *launcher_new(Arena *arena)
{
        Launcher *launcher;
        Error err = { 0 };

        assert_ok(launcher_start(arena, &launcher, &err), err);
        return launcher;
}

/* What the kernel counts without a PMU goes the same way, with the program's children: page faults
 * in the place of instructions, CPU time in that of cycles. */
static const CounterEvent software[COUNTERS] = {
        { PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
        { PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK },
};

TEST(counters_count_a_program_and_its_children)
{
        static const char *const shells[] = { ":", "/bin/true; /bin/true; /bin/true; :" };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        CounterUse use = counters_probe(software);

        if (!use.counts)
                skip_because("%s", use.reason);
        launcher_count(launcher, software);
        for (size_t i = 0; i < 100; i++) {
                Mark mark = arena_mark(arena);
                ExecSample sample;
                Error err = { 0 };

                assert_ok(launcher_exec(launcher,
                                        &(ExecPlan){ .shell = shells[i % 2], .counters = true },
                                        arena, &sample, &err),
                          err);
                /* Those of exec itself come before it is enabled. */
                assert_true(sample.instructions + 20 >= sample.minor_faults);
                assert_true(sample.instructions <= sample.minor_faults + sample.major_faults);
                assert_true(sample.cycles > 0);
                arena_reset(arena, mark);
        }
}

/* The other way of starting fails in the same words. */
TEST(counters_do_not_hide_why_a_program_does_not_start)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        const char *const words[] = { "/tmp", NULL };
        ExecSample sample;
        Error err = { 0 };

        launcher_count(launcher, software);
        for (int i = 0; i < 20; i++)
                assert_fails(launcher_exec(launcher, &(ExecPlan){ .argv = words, .counters = true },
                                           arena, &sample, &err),
                             err, EISDIR);
        assert_ok(launcher_exec(launcher,
                                &(ExecPlan){ .shell = "sleep 1000",
                                             .counters = true,
                                             .timeout_ns = 50 * NS_PER_MS },
                                arena, &sample, &err),
                  err);
        assert_true(sample.timed_out);
}

TEST(counters_say_why_they_are_not_there)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        const char *reason = NULL;
        ExecSample sample;
        Error err = { 0 };

        if (counters_available(&reason))
                skip_because("this machine counts instructions");
        assert_true(reason && reason[0]);
        /* No error: they are left out. */
        assert_ok(launcher_exec(launcher, &(ExecPlan){ .shell = ":", .counters = true }, arena,
                                &sample, &err),
                  err);
        assert_int_equal(sample.instructions, 0);
        assert_int_equal(sample.cycles, 0);
}

TEST(counters_count_instructions)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        AUTO(launcher_stopp) Launcher *launcher = launcher_new(arena);
        uint64_t counts[2];
        const char *reason;
        ExecSample sample;
        Error err = { 0 };

        if (!counters_available(&reason))
                skip_because("%s", reason);
        for (int i = 0; i < 2; i++) {
                assert_ok(launcher_exec(launcher,
                                        &(ExecPlan){ .shell = i ? "n=0; while [ $n -lt 20000 ]; do "
                                                                  "n=$((n+1)); done"
                                                                : ":",
                                                     .counters = true },
                                        arena, &sample, &err),
                          err);
                counts[i] = sample.instructions;
        }
        if (counts[0] == 0 || counts[1] == 0)
                skip_because("others had the counters");
        assert_true(counts[1] > 2 * counts[0]);
}
