#include "harness.h"

#include "base/fs.h"
#include "import/import.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static const char two_commands[] =
        "{ \"results\": [\n"
        "  { \"command\": \"sort a\", \"mean\": 2, \"median\": 2, \"user\": 0.5, \"system\": "
        "0.25,\n"
        "    \"times\": [1, 2, 3], \"memory_usage_byte\": [4096, 4096, 8192],\n"
        "    \"exit_codes\": [0, 0, 1], \"parameters\": { \"n\": \"10\" } },\n"
        "  { \"command\": \"sort b\", \"median\": 4, \"times\": [4] } ] }\n";

static int read_text(const char *name, Span text, Arena *arena, Imported *ret, Error *err)
{
        return import_text(&(ImportPlan){ .name = name, .text = text }, arena, ret, err);
}

TEST(import_keeps_every_measurement_and_its_median)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Error err = { 0 };
        const Samples *samples;
        Imported got;

        assert_ok(read_text("a.json", span_of(two_commands), arena, &got, &err), err);
        assert_string_equal(got.format->name, "hyperfine");
        assert_int_equal(got.n_unknown, 0);
        samples = recording_find_samples(got.recording, METRIC_TIME, SPAN("sort a/n=10"));
        assert_non_null(samples);
        assert_int_equal(samples->len, 3);
        assert_near(samples->values[2], 3e9, 1);
        assert_near(recording_get(got.recording, METRIC_TIME, SPAN("sort a/n=10")), 2e9, 1);
        assert_near(recording_get(got.recording, METRIC_TIME_USER, SPAN("sort a/n=10")), 0.5e9, 1);
        assert_near(recording_get(got.recording, METRIC_MEMORY, SPAN("sort a/n=10")), 4096, 0);
        assert_near(recording_get(got.recording, METRIC_TIME, SPAN("sort b")), 4e9, 1);
}

TEST(import_refuses_every_beginning_of_a_document)
{
        Span whole = span_trim(span_of(two_commands));

        for (size_t n = 0; n < whole.len; n++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Imported got = { 0 };
                Error err = { 0 };

                if (read_text("a.json", span_first(whole, n), arena, &got, &err) == 0)
                        fail_msg("%zu bytes of %zu were read as whole", n, whole.len);
                assert_null(got.recording);
                assert_true(err.message[0] != '\0');
        }
}

TEST(import_names_the_place_of_a_time_that_cannot_be)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Imported got;
        Error err = { 0 };

        assert_fails(read_text("a.json",
                               SPAN("{\"results\":[\n{\"command\":\"x\",\"times\":[1,\n-2]}]}"),
                               arena, &got, &err),
                     err, ERR_INPUT);
        assert_string_equal(err.message, "a.json:3: time of 'x' is below zero: -2e+09");
}

TEST(import_refuses_what_is_empty_packed_or_unknown)
{
        static const struct {
                Span text;
                const char *says;
        } rows[] = {
                { SPAN(""), "'x' is empty" },
                { SPAN(" \n\n"), "'x' is empty" },
                { SPAN("\x1f\x8b\x08"), "'x' is compressed with gzip" },
                { SPAN("PK\x03\x04\n"), "'x' is compressed with zip" },
                { SPAN("\xff\xfeh\0"), "'x' is text in UTF-16, not UTF-8" },
                { SPAN("h\0i\0"), "'x' is no text, and what is read here is" },
                { SPAN("hello\n"), "'x' is in no format that is known here" },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Imported got;
                Error err = { 0 };

                assert_fails(read_text("x", rows[i].text, arena, &got, &err), err, ERR_UNAVAILABLE);
                assert_string_equal(err.message, rows[i].says);
                assert_true(err.hint[0] != '\0');
        }
}

TEST(import_refuses_what_two_tools_wrote_into_one_file)
{
        static const char go[] = "BenchmarkA-2 100 12 ns/op\n";
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Error err = { 0 };
        Imported got;
        Buf text = buf_in(arena, KiB(4));

        buf_text(&text, two_commands);
        buf_text(&text, go);
        assert_fails(read_text("x", buf_span(&text), arena, &got, &err), err, ERR_UNAVAILABLE);
        assert_string_equal(err.message, "'x' holds both hyperfine and go");
        assert_ok(import_text(&(ImportPlan){ .name = "x",
                                             .text = buf_span(&text),
                                             .format = import_format_find(SPAN("go")) },
                              arena, &got, &err),
                  err);
        assert_int_equal(got.n_benchmarks, 1);
        assert_true(got.n_unknown > 0);
}

/* Ten thousand benchmarks in an arena that holds a few. */
TEST(import_says_when_there_are_more_results_than_room)
{
        AUTO(arena_freep) Arena *text_arena = arena_new(MiB(4)), *arena = arena_new(KiB(200));
        Buf text = buf_in(text_arena, MiB(2));
        Error err = { 0 };
        Imported got = { 0 };

        buf_text(&text, "{\"results\":[{\"command\":\"0\",\"times\":[1]}");
        for (int i = 1; i < 10000; i++)
                buf_printf(&text, ",{\"command\":\"%d\",\"times\":[1]}", i);
        buf_text(&text, "]}");
        assert_fails(read_text("a.json", buf_span(&text), arena, &got, &err), err, ERR_LIMIT);
        assert_string_equal(err.message, "a.json: more results than a run can hold");
        assert_null(got.recording);
}

TEST(import_says_when_there_is_no_room_for_a_distribution)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(100));
        Error err = { 0 };
        Imported got = { 0 };

        assert_fails(read_text("a.json",
                               SPAN("{\"metric\":\"a\",\"type\":\"Point\",\"data\":{\"value\":1}}"),
                               arena, &got, &err),
                     err, ERR_LIMIT);
}

TEST(import_puts_the_samples_of_one_name_after_each_other)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        const Samples *samples;
        Error err = { 0 };
        Imported got;

        assert_ok(read_text("a.json",
                            SPAN("{\"results\":[{\"command\":\"x\",\"times\":[1,2]},"
                                 "{\"command\":\"y\",\"times\":[9]},"
                                 "{\"command\":\"x\",\"times\":[3]}]}"),
                            arena, &got, &err),
                  err);
        samples = recording_find_samples(got.recording, METRIC_TIME, SPAN("x"));
        assert_int_equal(samples->len, 3);
        assert_near(samples->values[2], 3e9, 0);
        assert_int_equal(got.n_benchmarks, 2);
}

/* The first summary is what the tool said; two are measurements of one benchmark. */
TEST(import_takes_repeated_summaries_for_samples)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        const MetricValue *value;
        Error err = { 0 };
        Imported got;

        assert_ok(read_text("a.json",
                            SPAN("{\"results\":[{\"command\":\"x\",\"median\":1},"
                                 "{\"command\":\"x\",\"median\":3}]}"),
                            arena, &got, &err),
                  err);
        value = recording_find(got.recording, METRIC_TIME, SPAN("x"));
        assert_near(value->value, 2e9, 0);
        assert_int_equal(value->n, 2);
        assert_int_equal(recording_find_samples(got.recording, METRIC_TIME, SPAN("x"))->len, 2);
}

TEST(import_prefers_samples_to_a_summary_and_says_so)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Error err = { 0 };
        Imported got;

        assert_ok(read_text("a.json",
                            SPAN("{\"results\":[{\"command\":\"x\",\"median\":7},\n"
                                 "{\"command\":\"x\",\"times\":[1,2,3]},\n"
                                 "{\"command\":\"x\",\"median\":9}]}"),
                            arena, &got, &err),
                  err);
        assert_near(recording_get(got.recording, METRIC_TIME, SPAN("x")), 2e9, 0);
        assert_int_equal(got.n_unknown, 2);
        assert_int_equal(got.unknown.items[0].line, 1);
        assert_int_equal(got.unknown.items[1].line, 3);
}

TEST(import_counts_all_unknown_lines_and_keeps_the_first)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Buf text = buf_in(arena, MiB(1));
        Error err = { 0 };
        Imported got;

        for (int i = 0; i < 1500; i++)
                buf_text(&text, "chatter\n");
        buf_text(&text, "{\"hone_bench\":1,\"name\":\"a\",\"metric\":\"time\",\"unit\":\"ns\","
                        "\"values\":[1]}\n");
        assert_ok(read_text("a.txt", buf_span(&text), arena, &got, &err), err);
        assert_int_equal(got.n_unknown, 1500);
        assert_int_equal(got.unknown.len, 1000);
        assert_span(got.unknown.items[999].text, "chatter");
        assert_int_equal(got.unknown.items[999].line, 1000);
}

TEST(import_file_reads_files_and_names_what_cannot_be_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        char path[] = "/tmp/hone-import-XXXXXX";
        AUTO(closep) int fd = mkstemp(path);
        Error err = { 0 };
        Imported got;
        int r;

        assert_true(fd >= 0);
        assert_ok(fd_write_all(fd, span_of(two_commands), &err), err);
        r = import_file(path, NULL, NULL, arena, &got, &err);
        assert_ok(r, err);
        assert_string_equal(got.format->name, "hyperfine");
        /* gigabytes are refused without being read */
        assert_int_equal(ftruncate(fd, (off_t)GiB(3)), 0);
        assert_fails(import_file(path, NULL, NULL, arena, &got, &err), err, ERR_LIMIT);
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(ftruncate(fd, (off_t)GiB(3)), 0);
        assert_fails(import_file(path, NULL, NULL, arena, &got, &err), err, ERR_UNAVAILABLE);
        assert_int_equal(unlink(path), 0);
        assert_fails(import_file(path, NULL, NULL, arena, &got, &err), err, ENOENT);
        assert_fails(import_file("/", NULL, NULL, arena, &got, &err), err, EISDIR);
}
