#include "base/json.h"

#include "harness.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ASSERT_NUMBER(n, text)                                       \
        do {                                                         \
                AUTO(arena_freep) Arena *arena_ = arena_new(MiB(1)); \
                Buf out_ = buf_in(arena_, KiB(1));                   \
                JsonWriter w_ = json_to(&out_, false);               \
                json_double(&w_, (n));                               \
                assert_span(buf_span(&out_), text);                  \
        } while (0)

static void write_sample(JsonWriter *w)
{
        json_open_object(w);
        json_key(w, "a");
        json_open_array(w);
        json_u64(w, UINT64_MAX);
        json_i64(w, INT64_MIN);
        json_bool(w, true);
        json_null(w);
        json_text(w, NULL);
        json_close_array(w);
        json_key(w, "empty");
        json_open_object(w);
        json_close_object(w);
        json_key_span(w, SPAN("none"));
        json_open_array(w);
        json_close_array(w);
        json_close_object(w);
}

TEST(json_writes_on_one_line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(4));
        JsonWriter w = json_to(&out, false);

        write_sample(&w);
        assert_span(buf_span(&out), "{\"a\":[18446744073709551615,-9223372036854775808,true,null,"
                                    "null],\"empty\":{},\"none\":[]}");
}

TEST(json_writes_pretty_with_two_spaces_a_level)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(4));
        JsonWriter w = json_to(&out, true);

        write_sample(&w);
        assert_span(buf_span(&out), "{\n  \"a\": [\n    18446744073709551615,\n"
                                    "    -9223372036854775808,\n    true,\n    null,\n    null\n"
                                    "  ],\n  \"empty\": {},\n  \"none\": []\n}");
}

TEST(json_escapes_what_rfc_8259_asks_for_and_nothing_else)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(4));
        JsonWriter w = json_to(&out, false);

        json_span(&w, SPAN("\"\\/<>&'\b\f\n\r\t\x01\x1f\x7f\0z\xC3\xA9\xF0\x9F\x90\x9D"));
        assert_span(buf_span(&out), "\"\\\"\\\\/<>&'\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000z"
                                    "\xC3\xA9\xF0\x9F\x90\x9D\"");
}

TEST(json_replaces_bytes_that_are_not_utf8)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(4));
        JsonWriter w = json_to(&out, false);

        json_open_array(&w);
        json_span(&w, SPAN("a\xFFz"));
        json_span(&w, SPAN("\xC3"));
        json_span(&w, SPAN("\xED\xA0\x80"));
        json_span(&w, SPAN("\xC0\xAF"));
        json_span(&w, (Span){ 0 });
        json_close_array(&w);
        assert_span(buf_span(&out),
                    "[\"a\xEF\xBF\xBDz\",\"\xEF\xBF\xBD\","
                    "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\",\"\xEF\xBF\xBD\xEF\xBF\xBD\",\"\"]");
}

TEST(json_writes_numbers_with_the_fewest_digits)
{
        ASSERT_NUMBER(0, "0");
        ASSERT_NUMBER(-0.0, "-0");
        ASSERT_NUMBER(0.1, "0.1");
        ASSERT_NUMBER(0.1 + 0.2, "0.30000000000000004");
        ASSERT_NUMBER(100, "100");
        ASSERT_NUMBER(-42, "-42");
        ASSERT_NUMBER(123456789012345, "123456789012345");
        ASSERT_NUMBER(9007199254740993.0, "9007199254740992");
        ASSERT_NUMBER(1e15, "1e+15");
        ASSERT_NUMBER(1e300, "1e+300");
        ASSERT_NUMBER(1.0 / 3, "0.3333333333333333");
        ASSERT_NUMBER(5e-324, "5e-324");
        ASSERT_NUMBER(DBL_MAX, "1.7976931348623157e+308");
        ASSERT_NUMBER(DBL_MIN, "2.2250738585072014e-308");
        ASSERT_NUMBER((double)NAN, "null");
        ASSERT_NUMBER((double)-INFINITY, "null");
}

TEST(json_numbers_read_back_equal)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        uint64_t bits = 88172645463325252;

        for (int i = 0; i < 20000; i++) {
                Mark mark = arena_mark(arena);
                Buf out = buf_in(arena, KiB(1));
                JsonWriter w = json_to(&out, false);
                Document doc;
                Error err = { 0 };
                double n;

                bits ^= bits << 13;
                bits ^= bits >> 7;
                bits ^= bits << 17;
                memcpy(&n, &bits, sizeof(n));
                if (!isfinite(n))
                        continue;
                json_double(&w, n);
                assert_ok(json_parse_strict(buf_span(&out), "t", arena, &doc, &err), err);
                assert_memory_equal(&doc.root->number, &n, sizeof(n));
                arena_reset(arena, mark);
        }
}

TEST(json_writer_goes_as_deep_as_the_reader)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(64));
        JsonWriter w = json_to(&out, true);
        Document doc;
        Error err = { 0 };

        for (int i = 0; i < JSON_MAX_DEPTH; i++) {
                if (i % 2) {
                        json_key(&w, "k");
                        json_open_array(&w);
                        json_u64(&w, 1);
                } else {
                        json_open_object(&w);
                }
        }
        for (int i = JSON_MAX_DEPTH; i-- > 0;)
                if (i % 2)
                        json_close_array(&w);
                else
                        json_close_object(&w);
        assert_ok(json_parse_strict(buf_span(&out), "t", arena, &doc, &err), err);
}

TEST(json_writer_past_the_ceiling_is_told_by_the_buffer)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, 8);
        JsonWriter w = json_to(&out, true);
        Error err = { 0 };

        write_sample(&w);
        assert_fails(buf_check(&out, &err), err, ERR_LIMIT);
}
