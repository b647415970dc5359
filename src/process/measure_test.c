#include "process/measure.h"

#include <signal.h>
#include <string.h>

#include "base/interrupt.h"
#include "harness.h"

#define NEVER 1000000

/* An instrument that does nothing but as it is told. */
typedef struct Script {
        const char *name;
        int waits; /* how often wait() says "still running"; NEVER: until stopped */
        bool start_fails, stop_fails, interrupts;
        int *clock; /* counts starts and stops of all */
        int started_at, stopped_at;
} Script;

static int script_start(const Target *target UNUSED, const void *plan, Arena *arena UNUSED,
                        void **ret_state, Error *err)
{
        Script *s = *(Script *const *)plan;

        if (s->start_fails)
                return fail(err, ERR_UNAVAILABLE, "%s has no sensor", s->name);
        s->started_at = ++*s->clock;
        *ret_state = s;
        return 0;
}

static bool script_wait(void *state, uint64_t timeout_ns UNUSED)
{
        Script *s = state;

        if (s->interrupts)
                raise(SIGINT);
        return s->waits-- <= 0;
}

static int script_stop(void *state, Arena *arena, Recording **ret, Error *err)
{
        Script *s = state;

        s->stopped_at = ++*s->clock;
        if (s->stop_fails)
                return fail(err, ERR_FAILED, "%s saw nothing", s->name);
        *ret = recording_new(arena, s->name);
        return 0;
}

static void script_plan_json(const void *plan, Buf *out)
{
        buf_printf(out, "{\"script\":\"%s\"}", (*(Script *const *)plan)->name);
}

static const Instrument scripted = { .name = "scripted",
                                     .start = script_start,
                                     .wait = script_wait,
                                     .stop = script_stop,
                                     .plan_json = script_plan_json };

/* Up to three scripts measured over a window of a faked clock. */
typedef struct Stage {
        Arena *arena;
        FakeClock clock;
        Os os;
        int events;
        Script scripts[3];
        Script *plans[3];
        MeasurePart parts[3];
        Target target;
        Progress silent;
        MeasurePlan plan;
        Run *runs[3];
} Stage;

static void stage_begin(Stage *s)
{
        *s = (Stage){ .arena = arena_new(MiB(16)),
                      .clock = { .now_ns = NS_PER_S },
                      .target = { .kind = TARGET_URL, .text = SPAN("http://h/") } };
        s->os = os_fake(&s->clock);
        s->plan = (MeasurePlan){ .target = &s->target,
                                 .parts = s->parts,
                                 .label = SPAN("label"),
                                 .group = SPAN("group"),
                                 .what = "test",
                                 .os = &s->os,
                                 .progress = &s->silent };
}

static void stage_add(Stage *s, Script script, bool ends)
{
        size_t i = s->plan.n_parts++;

        script.clock = &s->events;
        s->scripts[i] = script;
        s->plans[i] = &s->scripts[i];
        s->parts[i] = (MeasurePart){ &scripted, &s->plans[i], ends };
}

static void stage_end(Stage *s)
{
        s->arena = arena_free(s->arena);
}

TEST(measure_window_ends_with_the_parts_that_end)
{
        Error err = { 0 };
        Stage s;

        stage_begin(&s);
        stage_add(&s, (Script){ .name = "load", .waits = 3 }, true);
        stage_add(&s, (Script){ .name = "system", .waits = NEVER }, false);
        stage_add(&s, (Script){ .name = "command", .waits = 5 }, true);
        assert_ok(measure(&s.plan, 0, s.arena, s.runs, &err), err);
        assert_int_equal(s.scripts[1].started_at, 1); /* it sees all of the others */
        assert_int_equal(s.scripts[1].waits, NEVER);
        assert_true(s.scripts[0].waits < 0 && s.scripts[2].waits < 0);
        for (size_t i = 0; i < 3; i++) {
                assert_true(s.scripts[i].stopped_at > 3);
                assert_span(s.runs[i]->recording->instrument, s.scripts[i].name);
                assert_span(s.runs[i]->label, "label");
                assert_span(s.runs[i]->group, "group");
                assert_span(s.runs[i]->target.text, "http://h/");
        }
        assert_span(s.runs[1]->plan_json, "{\"script\":\"system\"}");
        stage_end(&s);
}

TEST(measure_window_has_its_length_when_nothing_ends)
{
        Error err = { 0 };
        Stage s;

        stage_begin(&s);
        stage_add(&s, (Script){ .name = "system", .waits = NEVER }, false);
        s.plan.duration_ns = 3 * NS_PER_S;
        assert_ok(measure(&s.plan, 0, s.arena, s.runs, &err), err);
        assert_true(s.clock.now_ns >= 4 * NS_PER_S && s.clock.now_ns < 5 * NS_PER_S);
        assert_true(s.scripts[0].stopped_at > 0);
        stage_end(&s);
}

TEST(measure_goes_on_without_an_optional_part)
{
        for (int fails_late = 0; fails_late < 2; fails_late++) {
                Error err = { 0 };
                const Note *note;
                Stage s;

                stage_begin(&s);
                stage_add(&s, (Script){ .name = "load", .waits = 1 }, true);
                stage_add(&s,
                          (Script){ .name = "profile",
                                    .start_fails = !fails_late,
                                    .stop_fails = fails_late },
                          false);
                assert_ok(measure(&s.plan, 1u << 1, s.arena, s.runs, &err), err);
                assert_null(s.runs[1]);
                assert_int_equal(s.runs[0]->recording->notes.len, 1);
                note = &s.runs[0]->recording->notes.items[0];
                assert_int_equal(note->kind, NOTE_NOT_EXAMINED);
                assert_true(span_contains(note->text, fails_late ? "profile saw nothing"
                                                                 : "profile has no sensor"));
                stage_end(&s);
        }
}

TEST(measure_stops_all_when_a_part_fails)
{
        for (int fails_late = 0; fails_late < 2; fails_late++) {
                Error err = { 0 };
                Stage s;

                stage_begin(&s);
                stage_add(&s, (Script){ .name = "system", .waits = NEVER }, false);
                stage_add(&s,
                          (Script){ .name = "load",
                                    .start_fails = !fails_late,
                                    .stop_fails = fails_late },
                          true);
                assert_fails(measure(&s.plan, 0, s.arena, s.runs, &err), err,
                             fails_late ? ERR_FAILED : ERR_UNAVAILABLE);
                assert_non_null(strstr(err.message, fails_late ? "load saw" : "load has"));
                assert_true(s.scripts[0].stopped_at > s.scripts[0].started_at);
                assert_null(s.runs[0]);
                stage_end(&s);
        }
}

TEST(measure_that_is_interrupted_keeps_what_was_seen)
{
        Error err = { 0 };
        Stage s;

        interrupt_install();
        stage_begin(&s);
        stage_add(&s, (Script){ .name = "load", .waits = NEVER, .interrupts = true }, true);
        assert_ok(measure(&s.plan, 0, s.arena, s.runs, &err), err);
        assert_true(interrupted());
        assert_non_null(s.runs[0]);
        assert_int_equal(s.scripts[0].waits, NEVER - 1);
        interrupt_clear();
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        stage_end(&s);
}

TEST(measure_group_names_command_and_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        FakeClock clock = { .wall_ns = 1795242612 * NS_PER_S };
        Os os = os_fake(&clock);
        Span group = measure_group("load", &os, arena);

        if (!span_starts(group, "load-20261121-063012-"))
                fail_msg("'%.*s'", SPAN_ARG(group));
        assert_int_equal(group.len, strlen("load-20261121-063012-4f2a"));
}
