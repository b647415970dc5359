#include "harness.h"

#include "instrument/system/fake_proc.h"
#include "instrument/system/sampler.h"

#include <math.h>

TEST(sampler_leaves_ticks_out_after_a_dear_look)
{
        assert_int_equal(sampler_ticks_to_skip(NS_PER_S, 49 * NS_PER_MS), 0);
        assert_int_equal(sampler_ticks_to_skip(NS_PER_S, 50 * NS_PER_MS), 1);
        assert_int_equal(sampler_ticks_to_skip(NS_PER_S, 510 * NS_PER_MS), 10);
        assert_int_equal(sampler_ticks_to_skip(20 * NS_PER_MS, 9 * NS_PER_MS), 0);
        assert_int_equal(sampler_ticks_to_skip(20 * NS_PER_MS, 35 * NS_PER_MS), 3);
}

static SamplerSetup setup_for(const FakeProc *fake, int pid)
{
        return (SamplerSetup){
                .observer = { .proc_root = fake->root, .sys_root = fake->root, .pid = pid },
                .interval_ns = 20 * NS_PER_MS,
                .os = os_real()
        };
}

TEST(sampler_ends_when_the_target_does)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = fake_proc_in(arena);
        SamplerSetup setup = setup_for(&fake, 20);
        Sampler *s;
        Error err = { 0 };

        fake_host(&fake, 1);
        fake_process(&fake, &(FakeProcess){ .pid = 20 });
        assert_ok(sampler_start(&setup, arena, &s, &err), err);
        assert_false(sampler_wait(s, 50 * NS_PER_MS));
        fake_remove(&fake, "20/stat");
        assert_true(sampler_wait(s, 60 * NS_PER_S));
        sampler_stop(s);
        assert_true(s->observer.gone);
        assert_true(s->observer.looks >= 2);
        assert_true(s->cost_ns > 0);
        sampler_close(s);
}

TEST(sampler_has_no_value_for_ticks_it_missed)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        SystemTrack track = system_track_new(arena);
        Totals a = { 0 }, b = { .elapsed_s = 2, .psi_cpu_s = 1 };

        system_track_start(&track, &a);
        system_track_add(&track, 1, &a, &b); /* tick 0 was missed */
        for (size_t i = 0; i < n_system_rows; i++) {
                const BoundedSeries *series = &track.rows[i].series;

                assert_int_equal(series->len, 2);
                assert_true(isnan(series->values[0]));
                if (system_rows[i].metric == METRIC_HOST_PSI_CPU)
                        assert_near(series->values[1], 0.5, 1e-12);
        }
}

TEST(sampler_refuses_without_a_target)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        FakeProc fake = fake_proc_in(arena);
        SamplerSetup setup = setup_for(&fake, 4711);
        Sampler *s = NULL;
        Error err = { 0 };

        assert_fails(sampler_start(&setup, arena, &s, &err), err, ERR_NOT_FOUND);
        assert_null(s);
}
