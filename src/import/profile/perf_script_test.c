#include "import/profile/profile_format.h"

#include "harness.h"

#include <string.h>

static ProfileSet read_set(const char *text, ProfileImportPlan plan, Arena *arena)
{
        ProfileSet set = { 0 };
        Error err = { 0 };

        plan.name = SPAN("x.txt");
        plan.inline_frames = true;
        assert_ok(profile_import(span_of(text), &plan, arena, &set, &err), err);
        return set;
}

static Span written(const ProfileSet *set, Arena *arena)
{
        Buf out = buf_in(arena, MiB(1));

        profile_write_collapsed_weights(set->items.items[0].profile, &out);
        return buf_span(&out);
}

static void gives(const char *text, ProfileImportPlan plan, const char *want)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(text, plan, arena);

        assert_span(written(&set, arena), want);
}

static const char two[] = "# perf version : 6.1\n"
                          "my prog 10/11 [000] 5.000000:  7 cycles:u: \n"
                          "\t 1 leaf+0x2 (/bin/x)\n"
                          "\t 2 main+0x2 (/bin/x)\n"
                          "\n"
                          "my prog 10/12 [000] 5.250000:  5 cycles:u: \n"
                          "\t 9 leaf+0x8 (/bin/x)\n"
                          "\t 2 main+0x2 (/bin/x)\n"
                          "\n";

TEST(perf_script_periods_are_summed_by_stack)
{
        gives(two, (ProfileImportPlan){ 0 }, "my_prog;main;leaf 12\n");
        gives(two, (ProfileImportPlan){ .pid = true }, "my_prog-10;main;leaf 12\n");
        gives(two, (ProfileImportPlan){ .tid = true },
              "my_prog-10/11;main;leaf 7\nmy_prog-10/12;main;leaf 5\n");
}

TEST(perf_script_says_event_time_unit_and_producer)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(two, (ProfileImportPlan){ 0 }, arena);
        const Profile *p = set.items.items[0].profile;

        assert_span(set.producer, "perf 6.1");
        assert_span(span_of(p->event), "cycles:u");
        assert_int_equal(p->unit, UNIT_COUNT);
        assert_int_equal(p->duration_ns, 250000000);
        assert_int_equal(p->quality.samples, 2);
        assert_int_equal(set.warnings.len, 0);
        assert_int_equal(p->samples.len, 0);
}

TEST(perf_script_samples_are_kept_in_time_with_their_threads)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(two, (ProfileImportPlan){ .max_samples = 100 }, arena);
        const Profile *p = set.items.items[0].profile;

        assert_int_equal(p->samples.len, 2);
        assert_int_equal(p->samples.items[0].time_ns, 0);
        assert_int_equal(p->samples.items[1].time_ns, 250000000);
        assert_int_equal(p->samples.items[1].weight, 5);
        assert_int_equal(p->threads.len, 2);
        assert_int_equal(p->threads.items[1].pid, 10);
        assert_int_equal(p->threads.items[1].tid, 12);
        assert_span(p->strings.items[p->threads.items[1].name], "my prog");
        assert_span(written(&set, arena), "my_prog;main;leaf 12\n");
}

TEST(perf_script_reads_the_first_event_or_the_one_that_is_asked_for)
{
        static const char text[] = "a1 1 1.0: 3 cycles: \n\t1 f (/x)\n\n"
                                   "a1 1 2.0: 4 faults: \n\t1 g (/x)\n\n"
                                   "a1 1 3.0: 5 cycles: \n\t1 f (/x)\n\n";
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set(text, (ProfileImportPlan){ 0 }, arena);

        assert_span(written(&set, arena), "a1;f 8\n");
        assert_int_equal(set.warnings.len, 1);
        assert_span(set.warnings.items[0],
                    "only samples of cycles are read; 1 of other events (faults) are not");
        gives(text, (ProfileImportPlan){ .event = "faults" }, "a1;g 4\n");
}

TEST(perf_script_of_time_events_has_weights_in_ns)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set("a1 1 1.0: 1000000 cpu-clock:u: \n\t1 f (/x)\n\n",
                                  (ProfileImportPlan){ 0 }, arena);

        assert_int_equal(set.items.items[0].profile->unit, UNIT_NS);
        assert_near(set.items.items[0].profile->rate_hz, 1000, 1e-9);
}

TEST(perf_script_leaves_out_a_last_sample_that_no_empty_line_ends_unless_it_is_all)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set;

        gives("a1 1 1.0: 3 x: \n\t1 f (/x)\n", (ProfileImportPlan){ 0 }, "a1;f 3\n");
        gives("a1 1 1.0: 3 x: \r\n\t1 f (/x)\r\n\r\na1 1 1.0: 3 x: \r\n\t1 f (/x)\r\n\r\n",
              (ProfileImportPlan){ 0 }, "a1;f 6\n");
        set = read_set("a1 1 1.0: 3 x: \n\t1 f (/x)\n\na1 1 1.0: 3 x: \n\t1 f (/x)\n",
                       (ProfileImportPlan){ 0 }, arena);
        assert_span(written(&set, arena), "a1;f 3\n");
        assert_span(set.warnings.items[0],
                    "the text ends within the sample of line 4, which is left out");
}

TEST(perf_script_without_frames_counts_for_the_name)
{
        gives("a1 1 1.0: 3 x: \n\t1 f (/x)\n\na1 1 1.0: 4 x: \n\n", (ProfileImportPlan){ 0 },
              "a1 4\na1;f 3\n");
}

TEST(perf_script_lines_that_are_not_understood_are_counted)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = read_set("a1 1 1.0: 3 x: \n\t1 f (/x)\n  file.c:12\n  file.c:12\n\n",
                                  (ProfileImportPlan){ 0 }, arena);

        assert_span(written(&set, arena), "a1;f 3\n");
        assert_span(set.warnings.items[0], "2 lines were not understood, the first is line 3");
}

TEST(perf_script_without_call_chains_has_a_sample_a_line)
{
        gives("            perl  12 5.1:   3 cycles:      55d0 hv+0x1 (/bin/perl)\n"
              "            perl  12 5.2:   4 cycles:      55d1 hv+0x2 (/bin/perl)\n"
              "        long nam  13 5.3:   1 cycles:      55d1 [unknown] ([unknown])\n",
              (ProfileImportPlan){ 0 }, "long_nam;[unknown] 1\nperl;hv 7\n");
}

static void refused(const char *text, ProfileImportPlan plan, int code, const char *message)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set;
        Error err = { 0 };

        plan.name = SPAN("x.txt");
        plan.format = profile_format_find(SPAN("perf-script"));
        assert_fails(profile_import(span_of(text), &plan, arena, &set, &err), err, code);
        assert_span(span_of(err.message), message);
}

TEST(perf_script_without_samples_is_an_error)
{
        refused("hello\n", (ProfileImportPlan){ 0 }, ERR_INPUT, "x.txt: no samples in it");
        refused("a1 1 1.0: 3 x: \n\t1 f (/\n", (ProfileImportPlan){ 0 }, ERR_INPUT,
                "x.txt: no samples in it");
        refused(two, (ProfileImportPlan){ .event = "faults" }, ERR_INPUT,
                "x.txt: no samples of faults in it");
        refused("a1 1 1.0: 99999999999999999999 x: \n\t1 f (/x)\n\n", (ProfileImportPlan){ 0 },
                ERR_LIMIT, "x.txt:3: the periods add up to too much");
        refused("a1 1 1.0: 18446744073709551615 x: \n\t1 f (/x)\n\n", (ProfileImportPlan){ 0 },
                ERR_LIMIT, "x.txt:3: the periods add up to too much");
        refused("a1 1 1.0: 1 x: \n\t1 f (/x)\n\t1 g (/x)\n\n",
                (ProfileImportPlan){ .max_nodes = 2 }, ERR_LIMIT,
                "x.txt:3: more different frames than fit");
}

/* The text ends where its memory ends: nothing behind it may be looked at. */
TEST(perf_script_is_read_to_its_last_byte_only)
{
        static const char text[] =
                "a1 1 1.0: 3 x: \n\t1 f (/x)\n\na1 1 1.0: 3 x: \n\t1 g+0x1 (/x) ";

        for (size_t n = 40; n < sizeof(text); n++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                AUTO(arena_freep) Arena *exact = arena_new(n);
                ProfileImportPlan plan = { .name = SPAN("x") };
                Span copy = { new (exact, char, n), n };
                ProfileSet set = { 0 };
                Error err = { 0 };

                memcpy((char *)(uintptr_t)copy.ptr, text, n);
                assert_ok(profile_import(copy, &plan, arena, &set, &err), err);
                assert_span(written(&set, arena), "a1;f 3\n");
        }
}
