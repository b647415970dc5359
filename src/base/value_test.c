#include "base/value.h"

#include "base/json.h"
#include "base/yaml.h"
#include "harness.h"

#include <string.h>

static Document document(Arena *arena, const char *json)
{
        Document doc;
        Error err = { 0 };

        assert_ok(json_parse(span_of(json), "f", arena, &doc, &err), err);
        return doc;
}

TEST(value_fail_names_the_place)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Document doc = document(arena, "\n [1]");
        Error err = { 0 };

        assert_int_equal(value_fail(&err, &doc, doc.root, "no %s", "map"), -ERR_INPUT);
        assert_string_equal(err.message, "f:2:2: no map");
        value_fail(&err, &doc, NULL, "nothing");
        assert_string_equal(err.message, "f: nothing");
        assert_int_equal(value_fail(NULL, &doc, NULL, "nothing"), -ERR_INPUT);
        assert_string_equal(value_kind_name(VALUE_NUMBER), "a number");
        assert_string_equal(value_kind_name(VALUE_MAP), "a map");
}

TEST(value_reads_what_it_is)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Document doc = document(arena, "{\"t\":\"x\",\"n\":1.5,\"b\":true}");
        Error err = { 0 };
        Span text = { 0 };
        double number = 0;
        bool boolean = false;

        assert_ok(value_to_text(&doc, value_get(doc.root, "t"), &text, &err), err);
        assert_span(text, "x");
        assert_ok(value_to_number(&doc, value_get(doc.root, "n"), &number, &err), err);
        assert_near(number, 1.5, 0);
        assert_ok(value_to_bool(&doc, value_get(doc.root, "b"), &boolean, &err), err);
        assert_true(boolean);
}

TEST(value_refuses_another_kind_and_says_both)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Document doc = document(arena, "{\"t\":\"x\",\"n\":1.5,\"l\":[null]}");
        const Value *t = value_get(doc.root, "t"), *n = value_get(doc.root, "n");
        Error err = { 0 };
        Span text = SPAN("kept");
        double number = 7;
        bool boolean = true;
        uint64_t count = 7;

        assert_fails(value_to_number(&doc, t, &number, &err), err, ERR_INPUT);
        assert_string_equal(err.message, "f:1:6: 't' must be a number, found text");
        assert_fails(value_to_text(&doc, n, &text, &err), err, ERR_INPUT);
        assert_string_equal(err.message, "f:1:14: 'n' must be text, found a number");
        assert_string_equal(err.hint, "write it in quotes: \"1.5\"");
        assert_fails(value_to_bool(&doc, value_get(doc.root, "l")->first, &boolean, &err), err,
                     ERR_INPUT);
        assert_string_equal(err.message, "f:1:23: expected true or false, found null");
        assert_fails(value_to_u64(&doc, t, &count, &err), err, ERR_INPUT);
        assert_fails(value_to_duration(&doc, doc.root, &count, &err), err, ERR_INPUT);
        assert_string_equal(err.message, "f:1:1: expected a duration, found a map");
        assert_span(text, "kept");
        assert_true(boolean);
        assert_int_equal(count, 7);
        assert_near(number, 7, 0);
}

TEST(value_reads_counts_exactly)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Document doc = document(arena, "[18446744073709551615, 9007199254740993, 1e6, 5.0, 0]");
        static const uint64_t wanted[] = { UINT64_MAX, 9007199254740993, 1000000, 5, 0 };
        Document bad = document(arena, "[18446744073709551616, -1, 1.5, 1e300, -1e300]");
        Error err = { 0 };
        uint64_t n = 7;
        size_t i = 0;

        value_each (it, doc.root) {
                assert_ok(value_to_u64(&doc, it, &n, &err), err);
                assert_true(n == wanted[i++]);
        }
        n = 7;
        value_each (it, bad.root)
                assert_fails(value_to_u64(&bad, it, &n, &err), err, ERR_INPUT);
        assert_string_equal(err.message,
                            "f:1:40: expected a whole number from 0 to 2^64-1, found '-1e300'");
        assert_int_equal(n, 7);
}

TEST(value_reads_durations)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Document doc = document(arena, "[\"250ms\", 10, 0.5, 18446744073, 1e-9, 0]");
        static const uint64_t wanted[] = { 250000000, 10000000000,
                                           500000000, UINT64_C(18446744073000000000),
                                           1,         0 };
        Document bad = document(arena, "[-1, 18446744074, 1e300, \"soon\"]");
        Error err = { 0 };
        uint64_t ns = 7;
        size_t i = 0;

        value_each (it, doc.root) {
                assert_ok(value_to_duration(&doc, it, &ns, &err), err);
                assert_true(ns == wanted[i++]);
        }
        ns = 7;
        value_each (it, bad.root) {
                assert_fails(value_to_duration(&bad, it, &ns, &err), err, ERR_INPUT);
                assert_int_equal(strncmp(err.message, "f:1:", 4), 0);
        }
        assert_int_equal(ns, 7);
}

typedef struct Settings {
        Span name;
        double ratio;
        uint64_t runs, duration_ns;
        bool strict;
        const Value *metrics;
        char guard;
} Settings;

static const Field fields[] = {
        { "name", FIELD_TEXT, offsetof(Settings, name), true, "what is measured" },
        { "ratio", FIELD_NUMBER, offsetof(Settings, ratio), false, "" },
        { "runs", FIELD_COUNT, offsetof(Settings, runs), false, "" },
        { "duration", FIELD_DURATION, offsetof(Settings, duration_ns), false, "" },
        { "strict", FIELD_BOOL, offsetof(Settings, strict), false, "" },
        { "metrics", FIELD_VALUE, offsetof(Settings, metrics), false, "" },
};

static int read_settings(Arena *arena, const char *yaml, Settings *ret, Error *err)
{
        Document doc;

        assert_ok(yaml_parse(span_of(yaml), "f", arena, &doc, err), *err);
        return value_read_fields(&doc, doc.root, fields, COUNT(fields), ret, err);
}

TEST(fields_fill_a_struct_and_leave_what_is_absent)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Settings s = { .ratio = 0.25, .guard = 'g' };
        Error err = { 0 };

        assert_ok(read_settings(arena,
                                "name: shop\nruns: 5\nduration: 1m30s\nstrict: true\n"
                                "metrics: [p99]\n",
                                &s, &err),
                  err);
        assert_span(s.name, "shop");
        assert_int_equal(s.runs, 5);
        assert_int_equal(s.duration_ns, 90 * NS_PER_S);
        assert_true(s.strict);
        assert_int_equal(s.metrics->count, 1);
        assert_near(s.ratio, 0.25, 0);
        assert_int_equal(s.guard, 'g');
}

static void assert_refused(const char *yaml, const char *message, const char *hint)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Settings s = { .runs = 7 };
        Error err = { 0 };

        assert_fails(read_settings(arena, yaml, &s, &err), err, ERR_INPUT);
        assert_string_equal(err.message, message);
        assert_string_equal(err.hint, hint);
        assert_int_equal(s.runs, 7); /* nothing was written */
        assert_null(s.name.ptr);
}

TEST(fields_suggest_the_nearest_known_key)
{
        const char *known = "known keys: name, ratio, runs, duration, strict, metrics";

        assert_refused("name: x\nruns: 1\n  \ndurration:\n  3\n", "f:4:1: unknown key 'durration'",
                       "did you mean 'duration'?");
        assert_refused("name: x\nrun: 1\n", "f:2:1: unknown key 'run'", "did you mean 'runs'?");
        assert_refused("name: x\nMETRICS: 1\n", "f:2:1: unknown key 'METRICS'",
                       "did you mean 'metrics'?");
        assert_refused("name: x\nthreshold: 1\n", "f:2:1: unknown key 'threshold'", known);
        assert_refused("name: x\nx: 1\n", "f:2:1: unknown key 'x'", known);
        assert_refused("name: x\n'': 1\n", "f:2:1: unknown key ''", known);
}

TEST(fields_say_which_key_is_missing_or_wrong)
{
        assert_refused("runs: 5\n", "f:1:1: the key 'name' is missing", "name: what is measured");
        assert_refused("name: x\nruns: many\n", "f:2:7: 'runs' must be a whole number, found text",
                       "");
        assert_refused("name: x\nruns:\n", "f:2:6: 'runs' must be a whole number, found null", "");
        assert_refused("name: 7\n", "f:1:7: 'name' must be text, found a number",
                       "write it in quotes: \"7\"");
        assert_refused("[name]\n", "f:1:1: expected a map, found a list", "");
        assert_refused("", "f:1:1: expected a map, found null", "");
}
