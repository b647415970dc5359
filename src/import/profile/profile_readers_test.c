/* What is particular to single formats: orders of keys, older forms, odd but legal files. */

#include "import/profile/call_graph.h"
#include "import/profile/code_map.h"
#include "import/profile/profile_format.h"
#include "import/profile/v8_profile.h"

#include "harness.h"

#include <string.h>

static ProfileSet must_read(Span text, const char *format, Arena *arena)
{
        ProfileImportPlan plan = { .name = SPAN("in"),
                                   .max_samples = 1000,
                                   .format = profile_format_find(span_of(format)) };
        ProfileSet set = { 0 };
        Error err = { 0 };

        assert_ok(profile_import(text, &plan, arena, &set, &err), err);
        return set;
}

static void assert_stacks(const ProfileSet *set, size_t item, const char *wanted, Arena *arena)
{
        Buf out = buf_in(arena, MiB(1));

        assert_true(item < set->items.len);
        profile_write_collapsed_weights(set->items.items[item].profile, &out);
        assert_span(buf_span(&out), wanted);
}

/* --- V8 --- */

static Span nested_heap(unsigned levels, Arena *arena)
{
        Buf out = buf_in(arena, MiB(4));

        buf_text(&out, "{\"head\":");
        for (unsigned i = 0; i < levels; i++)
                buf_text(&out, "{\"functionName\":\"f\",\"selfSize\":1,\"children\":[");
        for (unsigned i = 0; i < levels; i++)
                buf_text(&out, "]}");
        buf_text(&out, "}");
        return buf_span(&out);
}

TEST(trees_of_nodes_are_read_to_a_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileImportPlan plan = { .name = SPAN("in"),
                                   .format = profile_format_find(SPAN("heapprofile")) };
        ProfileSet set;
        Error err = { 0 };

        set = must_read(nested_heap(V8_TREE_DEPTH, arena), "heapprofile", arena);
        assert_int_equal(set.items.items[0].profile->total_weight, V8_TREE_DEPTH);
        assert_fails(
                profile_import(nested_heap(V8_TREE_DEPTH + 2, arena), &plan, arena, &set, &err),
                err, ERR_INPUT);
}

TEST(v8_nodes_come_in_any_order_and_times_never_fall)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = must_read(
                SPAN("{\"timeDeltas\":[10,-5,10,5],\"samples\":[3,2,3,3],\"endTime\":100,"
                     "\"startTime\":0,"
                     "\"nodes\":[{\"id\":3,\"parent\":2,\"callFrame\":{\"functionName\":\"leaf\"}},"
                     "{\"id\":2,\"parent\":1,\"callFrame\":{\"functionName\":\"main\"}},"
                     "{\"id\":1,\"callFrame\":{\"functionName\":\"(root)\"}}]}"),
                "cpuprofile", arena);

        /* 10, 10 (5 stands still), 15, 20, 100 */
        assert_stacks(&set, 0, "main 5000\nmain;leaf 85000\n", arena);
        assert_int_equal(set.items.items[0].profile->quality.samples, 4);
        assert_int_equal(set.items.items[0].profile->samples.items[3].time_ns, 10000);
}

TEST(v8_profiles_without_times_count_hits)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set =
                must_read(SPAN("{\"head\":{\"functionName\":\"(root)\",\"hitCount\":0,\"id\":1,"
                               "\"children\":[{\"functionName\":\"f\",\"hitCount\":3,\"id\":2,"
                               "\"children\":[]}]}}"),
                          "cpuprofile", arena);

        assert_stacks(&set, 0, "f 3\n", arena);
        assert_int_equal(set.items.items[0].profile->unit, UNIT_COUNT);
        assert_int_equal(set.warnings.len, 1);
}

TEST(code_that_moves_is_found_where_it_is)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Intake in = { .scratch = arena };
        CodeMap map = code_map(&in);
        uint32_t number = 0;

        assert_int_equal(code_map_add(&map, 0x1000, 0x3000, 1), 0);
        assert_int_equal(code_map_add(&map, 0x2800, 0x10, 2), 0);
        assert_true(code_map_find(&map, 0x2805, &number));
        assert_int_equal(number, 2);
        assert_true(code_map_find(&map, 0x3fff, &number));
        assert_int_equal(number, 1);
        assert_false(code_map_find(&map, 0x4000, &number));
        assert_int_equal(code_map_move(&map, 0x1000, 0x9000), 0);
        assert_false(code_map_find(&map, 0x1800, &number));
        assert_true(code_map_find(&map, 0xa000, &number));
        assert_int_equal(number, 1);
        code_map_remove(&map, 0x9000);
        assert_false(code_map_find(&map, 0xa000, &number));
        assert_int_equal(code_map_add(&map, UINT64_MAX - 4, 100, 3),
                         0); /* past the end: not kept */
        assert_false(code_map_find(&map, UINT64_MAX - 2, &number));
}

/* --- Chrome --- */

TEST(a_trace_may_end_anywhere)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = must_read(
                SPAN("[{\"ph\":\"X\",\"name\":\"a\",\"ts\":1,\"dur\":2,\"pid\":1,\"tid\":1},\n"),
                "chrome-trace", arena);

        assert_stacks(&set, 0, "a 2000\n", arena);
        assert_int_equal(set.warnings.len, 0);
        set = must_read(
                SPAN("[{\"ph\":\"X\",\"name\":\"a\",\"ts\":1,\"dur\":2,\"pid\":1,\"tid\":1},\n"
                     "{\"ph\":\"X\",\"na"),
                "chrome-trace", arena);
        assert_stacks(&set, 0, "a 2000\n", arena);
        assert_span(set.warnings.items[0], "it ends early, after byte 53: read to there");
}

TEST(spans_that_overlap_are_cut_and_counted)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = must_read(SPAN("[{\"ph\":\"X\",\"name\":\"a\",\"ts\":0,\"dur\":10,\"pid\":"
                                        "\"p\",\"tid\":\"t\"},"
                                        "{\"ph\":\"X\",\"name\":\"b\",\"ts\":5,\"dur\":10,\"pid\":"
                                        "\"p\",\"tid\":\"t\"}]"),
                                   "chrome-trace", arena);

        assert_stacks(&set, 0, "a 5000\na;b 5000\n", arena);
        assert_int_equal(set.warnings.len, 1);
}

/* --- Firefox --- */

TEST(gecko_profiles_have_processes_in_each_other)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const char thread[] =
                "{\"name\":\"T\",\"tid\":5,\"samples\":{\"schema\":{\"stack\":0,\"time\":1},"
                "\"data\":"
                "[[1,0.5],[0,1.5],[null,2]]},\"stackTable\":{\"schema\":{\"frame\":1,\"prefix\":0},"
                "\"data\":[[null,0],[0,1]]},\"frameTable\":{\"schema\":{\"location\":0,\"line\":3},"
                "\"data\":[[0],[1,null,null,9]]},\"stringTable\":[\"(root)\","
                "\"run (a.js:3:7)\"]}";
        const char *text =
                arena_printf(arena,
                             "{\"meta\":{\"interval\":1},\"libs\":[],\"threads\":[%s],"
                             "\"processes\":[{\"meta\":{\"interval\":2},\"threads\":[%s]}]}",
                             thread, thread);
        ProfileSet set = must_read(span_of(text), "firefox", arena);
        const Profile *p;

        assert_int_equal(set.items.len, 2);
        assert_stacks(&set, 0, "[no stack] 1000000\nrun 1000000\n", arena);
        assert_stacks(&set, 1, "[no stack] 2000000\nrun 2000000\n", arena);
        p = set.items.items[0].profile;
        assert_int_equal(p->frames.items[0].line, 3);
        assert_span(profile_module(p, 0), "a.js");
}

TEST(firefox_threads_share_tables_and_use_what_they_need)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = must_read(
                SPAN("{\"meta\":{\"interval\":1,\"preprocessedProfileVersion\":58},\"libs\":[],"
                     "\"shared\":{\"stringArray\":[\"a\",\"b\",\"f.c\"],\"frameTable\":{\"func\":["
                     "0,1]},"
                     "\"funcTable\":{\"name\":[0,1],\"source\":[0,null]},\"sources\":{\"filename\":"
                     "[2]},"
                     "\"stackTable\":{\"prefix\":[null,0],\"frame\":[0,1]}},"
                     "\"threads\":[{\"name\":\"x\",\"samples\":{\"stack\":[0],\"timeDeltas\":[1],"
                     "\"weight\":[3],\"weightType\":\"tracing-ms\"}},{\"name\":\"y\",\"samples\":{"
                     "\"stack\":[1,1],\"time\":[1,2]}}]}"),
                "firefox", arena);

        assert_int_equal(set.items.len, 2);
        assert_stacks(&set, 0, "a 3000000\n", arena);
        assert_int_equal(set.items.items[0].profile->frames.len, 1);
        assert_stacks(&set, 1, "a;b 2000000\n", arena);
}

/* --- calls without stacks --- */

TEST(recursion_keeps_the_whole_cost)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = must_read(SPAN("events: Ir\nfn=main\n1 10\ncfn=a\ncalls=1 1\n1 900\n"
                                        "fn=a\n1 300\ncfn=b\ncalls=9 1\n1 1200\ncfn=a\ncalls=2 1\n"
                                        "1 500\nfn=b\n1 600\ncfn=a\ncalls=9 1\n1 700\n"),
                                   "callgrind", arena);

        assert_int_equal(set.items.items[0].profile->total_weight, 910);
}

TEST(costs_of_many_callers_are_shared_by_what_they_spent)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set =
                must_read(SPAN("events: Ir\nfn=a\n1 0\ncfn=f\ncalls=1 1\n1 300\nfn=b\n1 0\n"
                               "cfn=f\ncalls=1 1\n1 100\nfn=f\n1 200\ncfn=g\ncalls=1 1\n"
                               "1 200\nfn=g\n1 200\n"),
                          "callgrind", arena);

        assert_stacks(&set, 0, "a;f 150\na;f;g 150\nb;f 50\nb;f;g 50\n", arena);
}

/* --- pprof --- */

TEST(references_of_pprof_that_lead_nowhere_are_named)
{
        static const struct {
                const char *bytes;
                size_t len;
                const char *message;
        } rows[] = {
#define ROW(literal, message) { "" literal "", sizeof(literal) - 1, message }
                ROW("\x0a\2\x08\5\x32\0",
                    "in: a value's type: string 5 does not exist: there are 1"),
                ROW("\x0a\0\x32\0\x12\5\x0a\1\7\x12\0",
                    "in: byte 6: this sample's location does not exist"),
                ROW("\x0a\0\x32\0\x12\5\x12\3\1\2\3", "in: byte 6: more values than types"),
                ROW("\x0a\0\x32\0\x12\0", "in: byte 4: fewer values than types"),
                ROW("\x22\4\x08\1\x10\2", "in: byte 0: this location's mapping does not exist"),
                ROW("\x22\6\x08\1\x22\2\x08\3", "in: byte 4: this line's function does not exist"),
                ROW("\x2a\2\x08\1\x2a\2\x08\1", "in: byte 4: a second record with this id"),
                ROW("\x2a\0", "in: byte 0: this record has no id, or the id 0"),
                ROW("\x32\1x", "in: byte 0: the first string has to be empty"),
                ROW("\x32\0", "in: no types of values in it"),
                ROW("\x0b", "in: byte 0: damaged, or it ends early"),
#undef ROW
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                ProfileImportPlan plan = { .name = SPAN("in"),
                                           .format = profile_format_find(SPAN("pprof")) };
                ProfileSet set;
                Error err = { 0 };

                assert_fails(profile_import((Span){ rows[i].bytes, rows[i].len }, &plan, arena,
                                            &set, &err),
                             err, ERR_INPUT);
                assert_string_equal(err.message, rows[i].message);
        }
}

TEST(negative_values_of_a_difference_are_left_out_with_a_word)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set =
                must_read(SPAN("\x0a\0\x32\0\x12\3\x12\1\5\x12\x0c\x12\x0a\xff\xff\xff\xff\xff"
                               "\xff\xff\xff\xff\1"),
                          "pprof", arena);

        assert_stacks(&set, 0, "[no stack] 5\n", arena);
        assert_int_equal(set.warnings.len, 1);
}

/* --- gperftools, Go --- */

TEST(contention_and_goroutines_are_profiles_too)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set =
                must_read(SPAN("--- contention:\ncycles/second=2000000000\nsampling period=10\n"
                               "4000 3 @ 0x11 0x21\n"),
                          "pprof-text", arena);

        assert_stacks(&set, 0, "0x20;0x10 30\n", arena);
        assert_stacks(&set, 1, "0x20;0x10 20000\n", arena);
        set = must_read(SPAN("goroutine profile: total 3\n2 @ 0x11 "
                             "0x21\n#\t0x10\tmain.wait+0x3\t/a b.go:7\n"
                             "\n1 @ 0x11\n"),
                        "pprof-text", arena);
        assert_stacks(&set, 0, "0x10 1\n0x20;main.wait 2\n", arena);
}
