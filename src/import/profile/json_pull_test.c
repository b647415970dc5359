#include "import/profile/json_pull.h"

#include "harness.h"

#include <string.h>

static JsonPull pull(const char *text, Arena *arena, Error *err)
{
        return json_pull(span_of(text), SPAN("in"), arena, err);
}

TEST(pull_walks_objects_and_arrays_in_order)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Error err = { 0 };
        JsonPull p = pull(" {\"a\" : [1, 2.5 ,-3,],\"b\":{\"c\":null},\"d\":\"x\"} ", arena, &err);
        Span key, text = { 0 };
        double sum = 0;

        assert_true(pull_open(&p, '{'));
        while (pull_key(&p, &key)) {
                if (span_is(key, "a")) {
                        assert_true(pull_open(&p, '['));
                        while (pull_item(&p))
                                sum += pull_number(&p);
                } else if (span_is(key, "d")) {
                        text = pull_text(&p);
                } else {
                        pull_skip(&p);
                }
        }
        pull_end(&p);
        assert_int_equal(p.failed, 0);
        assert_near(sum, 0.5, 0);
        assert_span(text, "x");
}

TEST(pull_decodes_what_v8_writes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Error err = { 0 };
        JsonPull p = pull("[\"a\\\"\\\\\\/\\n\\u00e9\\ud83d\\ude00\",\"\\ud83d!\",\"plain\"]",
                          arena, &err);

        assert_true(pull_open(&p, '['));
        assert_true(pull_item(&p));
        assert_span(pull_text(&p), "a\"\\/\n\xc3\xa9\xf0\x9f\x98\x80");
        assert_true(pull_item(&p));
        assert_span(pull_text(&p), "\xef\xbf\xbd!"); /* half a pair */
        assert_true(pull_item(&p));
        assert_span(pull_text(&p), "plain");
        assert_false(pull_item(&p));
        assert_int_equal(p.failed, 0);
}

TEST(scaled_numbers_are_exact)
{
        static const struct {
                const char *text;
                unsigned decimals;
                int64_t value;
        } rows[] = {
                { "163140599286.123", 3, INT64_C(163140599286123) },
                { "1732186836213456.789", 3, INT64_C(1732186836213456789) },
                { "-0.5", 3, -500 },
                { "7", 6, 7000000 },
                { "1e3", 3, 1000000 },
                { "0.0009999", 3, 1 },
                { "12.5e-1", 6, 1250000 },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Error err = { 0 };
                JsonPull p = pull(rows[i].text, arena, &err);

                assert_true(pull_scaled(&p, rows[i].decimals) == rows[i].value);
                assert_int_equal(p.failed, 0);
        }
}

TEST(the_first_mistake_is_kept_and_ends_every_loop)
{
        static const struct {
                const char *text, *message;
        } rows[] = {
                { "[1 2]", "in:1:4: expected ',' or ']', found '2'" },
                { "[1,\n x]", "in:2:2: expected a number, found 'x'" },
                { "[1,", "in:1:4: expected ',' or ']', found the end" },
                { "[1e400]", "in:1:2: '1e400' is out of range" },
                { "[\"a\"]", "in:1:2: expected a number, found '\"'" },
                { "7", "in:1:1: expected an array, found '7'" },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Error err = { 0 };
                JsonPull p = pull(rows[i].text, arena, &err);
                unsigned items = 0;

                if (pull_open(&p, '['))
                        while (pull_item(&p) && items++ < 10)
                                pull_number(&p);
                assert_int_equal(p.failed, -ERR_INPUT);
                assert_string_equal(err.message, rows[i].message);
                assert_true(items < 10);
                assert_int_equal(pull_u64(&p), 0);
                assert_false(pull_open(&p, '['));
        }
}

TEST(what_is_passed_over_is_checked_for_brackets_and_strings)
{
        static const struct {
                const char *text;
                bool cut;
        } rows[] = { { "[{]}", false }, { "[{\"a]\"", true }, { "[\"a", true }, { "]", false } };

        for (size_t i = 0; i < COUNT(rows); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                Error err = { 0 };
                JsonPull p = pull(rows[i].text, arena, &err);

                pull_skip(&p);
                assert_int_equal(p.failed, -ERR_INPUT);
                assert_int_equal(p.cut, rows[i].cut);
        }
}

TEST(nesting_has_a_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        char *text = new (arena, char, 2 * JSON_PULL_DEPTH + 4);
        Error err = { 0 };
        JsonPull p;

        memset(text, '[', JSON_PULL_DEPTH);
        memset(text + JSON_PULL_DEPTH, ']', JSON_PULL_DEPTH);
        p = pull(text, arena, &err);
        pull_skip(&p);
        assert_int_equal(p.failed, 0);
        memset(text, '[', JSON_PULL_DEPTH + 1);
        p = pull(text, arena, &err);
        pull_skip(&p);
        assert_int_equal(p.failed, -ERR_INPUT);
}
