#include "instrument/profile/profiler.h"

#include "instrument/profile/profile_targets.h"

#include "harness.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Instrumented programs run their targets with larger frames and other entry points. */
#if defined(__SANITIZE_ADDRESS__)
#        define INSTRUMENTED 1
#elif defined(__has_feature)
#        if __has_feature(address_sanitizer)
#                define INSTRUMENTED 1
#        endif
#endif
#ifndef INSTRUMENTED
#        define INSTRUMENTED 0
#endif

static void require_perf(void)
{
        Target self = { .kind = TARGET_PROCESS, .pid = getpid() };
        const char *tier;
        Error err = { 0 };

        if (profile_instrument.probe(&self, &tier, &err) < 0)
                skip_because("%s", err.message);
        assert_string_equal(tier, "perf_event + .eh_frame");
}

static Recording *profile_target(const Target *target, const ProfilePlan *plan, Arena *arena)
{
        ProfilePlan uncached = *plan; /* the cache of whoever runs the tests stays as it is */
        Recording *rec = NULL;
        Error err = { 0 };
        void *sampling;

        uncached.no_symbol_cache = true;
        assert_ok(profile_instrument.start(target, &uncached, arena, &sampling, &err), err);
        while (!profile_instrument.wait(sampling, NS_PER_S))
                ;
        assert_ok(profile_instrument.stop(sampling, arena, &rec, &err), err);
        assert_non_null(rec->profile);
        return rec;
}

static Recording *profile_pid(int pid, Arena *arena)
{
        Target target = { .kind = TARGET_PROCESS, .pid = pid };
        ProfilePlan plan = { .rate_hz = 499, .duration_ns = 600 * NS_PER_MS };

        return profile_target(&target, &plan, arena);
}

/* Profiles one of the targets and stops it. */
static Recording *profile_named(const char *name, Arena *arena)
{
        int pid = target_start(name);
        Recording *rec = profile_pid(pid, arena);

        target_stop(pid);
        return rec;
}

static bool has_note(const Recording *rec, NoteKind kind, const char *text)
{
        vec_each (Note, note, &rec->notes)
                if (note->kind == kind && span_contains(note->text, text))
                        return true;
        return false;
}

/* Samples of stacks in which `text` stands, out of the collapsed lines. */
static uint64_t samples_with(const Recording *rec, const char *text, Arena *arena)
{
        Buf collapsed = buf_in(arena, MiB(16));
        uint64_t sum = 0;
        Span rest, line;

        profile_write_collapsed(rec->profile, &collapsed);
        rest = buf_span(&collapsed);
        while (span_next_line(&rest, &line)) {
                uint64_t n = 0;
                Span count = line;

                while (span_find_byte(count, ' ') >= 0)
                        count = span_from(count, (size_t)span_find_byte(count, ' ') + 1);
                (void)span_to_u64(count, &n, NULL);
                if (span_contains(line, text))
                        sum += n;
        }
        return sum;
}

static void assert_share(uint64_t part, uint64_t whole, double least)
{
        if (whole == 0 || (double)part < least * (double)whole)
                fail_msg("%llu of %llu is less than %g", (unsigned long long)part,
                         (unsigned long long)whole, least);
}

TEST(a_chain_of_twenty_functions_is_complete_and_in_order)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Buf order = buf_in(arena, KiB(4));
        Recording *rec;
        const ProfileQuality *q;

        require_perf();
        rec = profile_named("chain", arena);
        q = &rec->profile->quality;
        for (int i = TARGET_CHAIN_LENGTH - 1; i >= 0; i--)
                buf_printf(&order, ";chain_%d", i);
        assert_true(q->samples > 50);
        assert_share(q->complete, q->samples, 0.99);
        assert_share(samples_with(rec, order.ptr, arena), q->samples, 0.97);
        assert_int_equal(q->samples, q->complete + q->truncated);
        assert_share(samples_with(rec, "chain;", arena), q->samples, 1);
        assert_true(recording_get(rec, METRIC_PROFILE_COMPLETE, SPAN("")) >= 0.99);
        assert_true(recording_get(rec, METRIC_PROFILE_CPU, SPAN("")) < 1);
        assert_false(rec->partial);
        assert_span(rec->tier, "perf_event + .eh_frame");
}

TEST(samples_weigh_the_time_they_stand_for)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Recording *rec;
        const Profile *p;

        require_perf();
        rec = profile_named("chain", arena);
        p = rec->profile;
        assert_near((double)p->total_weight / (double)p->quality.samples, 1e9 / 499, 1e4);
        assert_true(p->total_weight < 2 * rec->duration_ns);
        assert_near(p->rate_hz, 499, 0);
}

TEST(threads_old_and_new_have_their_names)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Recording *rec;

        require_perf();
        rec = profile_named("threads", arena);
        assert_share(rec->profile->quality.complete, rec->profile->quality.samples, 0.95);
        assert_true(samples_with(rec, "worker-bee;", arena) > 5);
        assert_true(samples_with(rec, "short-lived;", arena) > 5);
        assert_true(samples_with(rec, ";chain_3;chain_2;chain_1;chain_0", arena) > 5);
}

TEST(children_are_followed_through_fork_and_exec)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Recording *rec;

        require_perf();
        rec = profile_named("fork", arena);
        assert_true(samples_with(rec, "fork;", arena) > 5);
        assert_true(samples_with(rec, ";run_fork;chain_4;chain_3;chain_2", arena) > 5);
        assert_true(samples_with(rec, "short;", arena) > 5);
        assert_true(samples_with(rec, ";run_short;chain_5;chain_4;chain_3", arena) > 5);
        if (!INSTRUMENTED)
                assert_share(rec->profile->quality.complete, rec->profile->quality.samples, 0.9);
}

TEST(cpp_names_are_demangled_without_parameters)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Recording *rec;

        require_perf();
        rec = profile_named("mangled", arena);
        assert_share(samples_with(rec, ";shop::Cache::find;chain_0", arena),
                     rec->profile->quality.samples, 0.9);
}

static uint64_t samples_of_kind(const Profile *p, FrameKind kind, const char *symbol)
{
        uint64_t sum = 0;

        vec_each (ProfileNode, node, &p->nodes)
                if (node->frame < p->frames.len && p->frames.items[node->frame].kind == kind &&
                    span_is(profile_symbol(p, node->frame), symbol))
                        sum++;
        return sum;
}

TEST(inlined_functions_are_expanded_unless_the_plan_says_no)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        ProfilePlan plan = { .rate_hz = 499, .duration_ns = 400 * NS_PER_MS, .no_inlines = true };
        Target target = { .kind = TARGET_PROCESS };
        Recording *with, *without;

        require_perf();
        with = profile_named("inline", arena);
        target.pid = target_start("inline");
        without = profile_target(&target, &plan, arena);
        target_stop(target.pid);
        if (samples_with(with, ";inlined_middle;", arena) == 0)
                skip_because("the tests were built without debug information");
        assert_true(samples_with(with, ";inline_outer;inlined_middle;inlined_inner", arena) > 20);
        assert_true(samples_of_kind(with->profile, FRAME_INLINED, "inlined_inner") > 0);
        assert_true(samples_of_kind(with->profile, FRAME_NATIVE, "inline_outer") > 0);
        assert_int_equal(samples_with(without, "inlined_inner", arena), 0);
        assert_true(samples_with(without, ";inline_outer", arena) > 20);
}

TEST(lines_and_files_come_from_debug_information)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        bool found = false;
        Recording *rec;

        require_perf();
        rec = profile_named("chain", arena);
        vec_each (Frame, f, &rec->profile->frames)
                if (span_is(rec->profile->strings.items[f->symbol], "chain_7"))
                        found |= f->line > 30 && f->line < 70 &&
                                 span_ends(rec->profile->strings.items[f->file],
                                           "profile_targets.c");
        assert_true(found);
}

TEST(signal_handlers_are_unwound_through)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Recording *rec;

        require_perf();
        rec = profile_named("signal", arena);
        assert_share(rec->profile->quality.complete, rec->profile->quality.samples, 0.97);
        assert_share(samples_with(rec, ";on_signal;chain_1;chain_0", arena),
                     rec->profile->quality.samples, 0.8);
        assert_share(samples_with(rec, ";run_signal;", arena), rec->profile->quality.samples, 0.8);
}

TEST(realigned_stacks_are_unwound_through)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Recording *rec;

        require_perf();
        rec = profile_named("realigned", arena);
        assert_share(rec->profile->quality.complete, rec->profile->quality.samples, 0.97);
        assert_share(samples_with(rec, ";realigned;chain_0", arena), rec->profile->quality.samples,
                     0.9);
}

TEST(a_stack_deeper_than_the_copy_is_counted_as_truncated)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Recording *rec;

        require_perf();
        rec = profile_named("deep", arena);
        assert_true(rec->profile->quality.truncated > 20);
        assert_true(samples_with(rec, ";[truncated];deep_stack;", arena) > 20);
        assert_true(has_note(rec, NOTE_WARNING, "the copied part of the stack ended"));
}

TEST(an_idle_target_gives_a_recording_that_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        Recording *rec;

        require_perf();
        rec = profile_named("idle", arena);
        assert_int_equal(rec->profile->quality.samples, 0);
        assert_near(recording_get(rec, METRIC_PROFILE_SAMPLES, SPAN("")), 0, 0);
        assert_true(has_note(rec, NOTE_WARNING, "no samples: the target did not run on a CPU"));
}

TEST(a_command_is_profiled_from_its_first_instruction_to_its_end)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        const char *const argv[] = { "/proc/self/exe", NULL };
        Target target = { .kind = TARGET_COMMAND, .argv = argv };
        ProfilePlan plan = { .rate_hz = 999 };
        Recording *rec;

        require_perf();
        setenv(TARGET_VARIABLE, "moment", 1);
        rec = profile_target(&target, &plan, arena);
        unsetenv(TARGET_VARIABLE);
        assert_true(rec->profile->quality.samples > 10);
        assert_true(samples_with(rec, ";run_moment;chain_19;", arena) > 10);
        assert_false(rec->partial);
}

TEST(a_command_that_fails_says_how)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        const char *const argv[] = { "sh", "-c", "exit 3", NULL };
        const char *const missing[] = { "/nonexistent/program", NULL };
        Target target = { .kind = TARGET_COMMAND, .argv = argv };
        ProfilePlan plan = { .rate_hz = 99 };
        Error err = { 0 };
        void *sampling;

        require_perf();
        assert_true(has_note(profile_target(&target, &plan, arena), NOTE_WARNING, "exit status 3"));
        target.argv = missing;
        assert_fails(profile_instrument.start(&target, &plan, arena, &sampling, &err), err, ENOENT);
        assert_non_null(strstr(err.during, "/nonexistent/program"));
}

TEST(stopping_early_is_partial_and_ends_the_command)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        const char *const argv[] = { "sleep", "1000", NULL };
        Target target = { .kind = TARGET_COMMAND, .argv = argv };
        ProfilePlan plan = { .rate_hz = 99, .duration_ns = 100 * NS_PER_S };
        InstrumentProgress progress;
        Recording *rec;
        Error err = { 0 };
        void *sampling;

        require_perf();
        assert_ok(profile_instrument.start(&target, &plan, arena, &sampling, &err), err);
        assert_false(profile_instrument.wait(sampling, 50 * NS_PER_MS));
        profile_instrument.progress(sampling, &progress);
        assert_true(progress.elapsed_ns >= 50 * NS_PER_MS);
        assert_int_equal(progress.planned_ns, plan.duration_ns);
        assert_ok(profile_instrument.stop(sampling, arena, &rec, &err), err);
        assert_true(rec->partial);
}

TEST(a_target_that_ends_is_noticed)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        ProfilePlan plan = { .rate_hz = 99, .duration_ns = 100 * NS_PER_S };
        Target target = { .kind = TARGET_PROCESS };
        Recording *rec;

        require_perf();
        target.pid = target_start("moment");
        rec = profile_target(&target, &plan, arena);
        assert_true(rec->partial);
        assert_true(has_note(rec, NOTE_WARNING, "the target ended after"));
        assert_true(rec->duration_ns < plan.duration_ns);
}

TEST(targets_and_plans_that_cannot_be_are_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Target url = { .kind = TARGET_URL, .text = SPAN("http://example.com/") };
        Target none = { .kind = TARGET_PROCESS, .pid = 0x7ffffff0 };
        ProfilePlan plan = { .rate_hz = 99 };
        Error err = { 0 };
        void *sampling;

        assert_fails(profile_instrument.start(&url, &plan, arena, &sampling, &err), err,
                     ERR_UNAVAILABLE);
        assert_fails(profile_instrument.start(&none, &plan, arena, &sampling, &err), err,
                     ERR_NOT_FOUND);
        plan.rate_hz = 1e9;
        assert_fails(profile_instrument.start(&none, &plan, arena, &sampling, &err), err,
                     ERR_USAGE);
        plan = (ProfilePlan){ .stack_bytes = 65536 };
        assert_fails(profile_instrument.start(&none, &plan, arena, &sampling, &err), err,
                     ERR_USAGE);
        plan.stack_bytes = 1001;
        assert_fails(profile_instrument.start(&none, &plan, arena, &sampling, &err), err,
                     ERR_USAGE);
}

TEST(the_plan_is_written_with_its_presets)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        ProfilePlan plan = { .duration_ns = NS_PER_S };
        Buf out = buf_in(arena, KiB(4));

        profile_instrument.plan_json(&plan, &out);
        assert_span(buf_span(&out),
                    "{\"rate_hz\":99,\"duration_ns\":1000000000,\"stack_bytes\":32768,"
                    "\"max_nodes\":1048576,\"kernel\":true,\"inlines\":true}");
}

TEST(time_in_the_kernel_counts_for_its_caller_when_kernel_frames_are_left_out)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(256));
        ProfilePlan plan = { .rate_hz = 499, .duration_ns = 500 * NS_PER_MS, .no_kernel = true };
        Target target = { .kind = TARGET_PROCESS };
        Recording *rec;

        require_perf();
        target.pid = target_start("fork");
        rec = profile_target(&target, &plan, arena);
        target_stop(target.pid);
        assert_true(rec->profile->quality.samples > 10);
        vec_each (Frame, f, &rec->profile->frames)
                assert_int_not_equal(f->kind, FRAME_KERNEL);
}
