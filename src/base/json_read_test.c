#include "base/json.h"

#include "harness.h"

#include <string.h>

static void assert_message(int (*parse)(Span, const char *, Arena *, Document *, Error *),
                           Span text, const char *message)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Document doc = { 0 };
        Error err = { 0 };

        if (parse(text, "f", arena, &doc, &err) >= 0)
                fail_msg("accepted: %.*s", SPAN_ARG(text));
        assert_string_equal(err.message, message);
        assert_null(doc.root);
}

#define REFUSES(text, message) assert_message(json_parse, SPAN(text), "f:" message)
#define REFUSES_STRICTLY(text, message) assert_message(json_parse_strict, SPAN(text), "f:" message)

static const Value *read_json(Arena *arena, Span text)
{
        Document doc;
        Error err = { 0 };

        assert_ok(json_parse_strict(text, "f", arena, &doc, &err), err);
        return doc.root;
}

TEST(json_reads_a_tree_in_source_order)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *root = read_json(
                arena,
                SPAN(" {\"a\" : [1, true, null, \"x\"],\n  \"b\":{\"c\":false}, \"\":-0.5e1 }\n"));
        const Value *list = value_get(root, "a");

        assert_int_equal(root->kind, VALUE_MAP);
        assert_int_equal(root->count, 3);
        assert_span(root->first->key, "a");
        assert_int_equal(list->count, 4);
        assert_near(list->first->number, 1, 0);
        assert_true(list->first->next->boolean);
        assert_int_equal(list->first->next->next->kind, VALUE_NULL);
        assert_span(list->first->next->next->next->text, "x");
        assert_false(value_get(value_get(root, "b"), "c")->boolean);
        assert_near(value_get(root, "")->number, -5, 0);
        assert_null(value_get(root, "z"));
        assert_null(value_get(NULL, "z"));
        assert_null(value_get(list, "a"));
}

TEST(json_knows_the_place_of_every_node)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *root =
                read_json(arena, SPAN("\xEF\xBB\xBF{\"\xC3\xA9\": 1,\r\n\t\"b\":\n [2] }"));
        const Value *second = root->first->next;

        assert_int_equal(root->line, 1);
        assert_int_equal(root->column, 1);
        assert_int_equal(root->first->column, 7);
        assert_int_equal(root->first->key_column, 2);
        assert_int_equal(second->key_line, 2);
        assert_int_equal(second->key_column, 2);
        assert_int_equal(second->line, 3);
        assert_int_equal(second->column, 2);
        assert_int_equal(second->first->column, 3);
}

TEST(json_decodes_escapes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *v = read_json(
                arena, SPAN("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"a\\u00e9\\u20AC\\ud83d\\udc1dz\", "
                            "\"\\u0000\"]"));

        assert_span(v->first->text, "\"\\/\b\f\n\r\t");
        assert_span(v->first->next->text, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x9Dz");
        assert_true(span_eq(v->first->next->next->text, SPAN("\0")));
}

TEST(json_keeps_the_text_of_a_number)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *v = read_json(arena, SPAN("[18446744073709551615, 0.1, 1E+2, -0]"));

        assert_span(v->first->text, "18446744073709551615");
        assert_near(v->first->next->number, 0.1, 0);
        assert_near(v->first->next->next->number, 100, 0);
        assert_true(__builtin_signbit(v->first->next->next->next->number));
}

TEST(json_reads_long_numbers_exactly)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span text = span_of(arena_printf(arena, "[%.1074f, %f]", 5e-324, 1.7976931348623157e308));
        const Value *v = read_json(arena, text);

        assert_true(v->first->number == 5e-324);
        assert_true(v->first->next->number == 1.7976931348623157e308);
}

TEST(json_accepts_comments_and_trailing_commas_unless_strict)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span text = SPAN("// a budget \xC3\xA9\n{ /* two\nlines */ \"a\": [1, 2,], }\n// the end");
        Document doc;
        Error err = { 0 };

        assert_ok(json_parse(text, "f", arena, &doc, &err), err);
        assert_int_equal(value_get(doc.root, "a")->count, 2);
        assert_int_equal(value_get(doc.root, "a")->line, 3);
        REFUSES_STRICTLY("// x\n1", "1:1: comments are not allowed here");
        REFUSES_STRICTLY("[1,/**/2]", "1:4: comments are not allowed here");
        REFUSES_STRICTLY("[1,]", "1:4: a ',' before ']' is not allowed here");
        REFUSES_STRICTLY("{\"a\":1,}", "1:8: a ',' before '}' is not allowed here");
}

TEST(json_errors_name_the_place)
{
        REFUSES("", "1:1: expected a value, found the end");
        REFUSES("[1 2]", "1:4: expected ',' or ']', found '2'");
        REFUSES("[,]", "1:2: expected a value, found ','");
        REFUSES("[1,,]", "1:4: expected a value, found ','");
        REFUSES("[1", "1:3: expected ',' or ']', found the end");
        REFUSES("{\"a\" 1}", "1:6: expected ':', found '1'");
        REFUSES("{a:1}", "1:2: expected a key in double quotes or '}', found 'a'");
        REFUSES("{\n  \"a\": nul\n}", "2:8: expected a value, found 'n'");
        REFUSES("[1] x", "1:5: expected the end, found 'x'");
        REFUSES("\"\xC3\xA9\xC3\xA9\" x", "1:6: expected the end, found 'x'");
        REFUSES("\x01", "1:1: expected a value, found the byte 0x01");
        REFUSES("[\xFF]", "1:2: expected a value, found the byte 0xff");
        REFUSES("\n /* x", "2:2: this comment does not end");
        REFUSES("[\"abc", "1:2: this string does not end");
        REFUSES("[\"abc\\", "1:6: unknown escape in a string");
}

TEST(json_refuses_bad_strings)
{
        REFUSES("\"a\nb\"", "1:3: the control character 0x0a in a string must be escaped");
        REFUSES("\"a\0b\"", "1:3: the control character 0x00 in a string must be escaped");
        REFUSES("\"\\x\"", "1:2: unknown escape in a string");
        REFUSES("\"\\\0\"", "1:2: unknown escape in a string");
        REFUSES("\"\\u12\"", "1:2: expected four hexadecimal digits after '\\u'");
        REFUSES("\"\\u0x1f\"", "1:2: expected four hexadecimal digits after '\\u'");
        REFUSES("\"a\\ud800\"", "1:3: half of a surrogate pair");
        REFUSES("\"a\\udc00\"", "1:3: half of a surrogate pair");
        REFUSES("\"a\\ud800\\u0041\"", "1:3: half of a surrogate pair");
        REFUSES("\"a\xC3(\"", "1:3: the byte 0xc3 is not UTF-8");
        REFUSES("\"a\xED\xA0\x80\"", "1:3: the byte 0xed is not UTF-8");
        REFUSES("\"\\n\xC0\xAF\"", "1:4: the byte 0xc0 is not UTF-8");
}

TEST(json_refuses_bad_numbers)
{
        REFUSES("01", "1:1: a number does not start with 0");
        REFUSES("-", "1:2: expected a digit, found the end");
        REFUSES("+1", "1:1: expected a value, found '+'");
        REFUSES(".5", "1:1: expected a value, found '.'");
        REFUSES("[1.]", "1:4: expected a digit, found ']'");
        REFUSES("1e", "1:3: expected a digit, found the end");
        REFUSES("1e+", "1:4: expected a digit, found the end");
        REFUSES("[1, 1e400]", "1:5: '1e400' is out of range");
        REFUSES("NaN", "1:1: expected a value, found 'N'");
        REFUSES("0x10", "1:2: expected the end, found 'x'");
}

TEST(json_refuses_duplicate_keys_in_small_and_large_maps)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));
        Buf text = buf_in(arena, MiB(4));
        Document doc;
        Error err = { 0 };

        REFUSES("{\"a\":1,\n \"b\":2, \"\\u0061\":3}", "2:9: 'a' is here twice, first in line 1");
        REFUSES("{\"\":1,\"\":2}", "1:7: '' is here twice, first in line 1");
        buf_text(&text, "{");
        for (int i = 0; i < 50000; i++)
                buf_printf(&text, "\"k%d\":%d,\n", i, i);
        buf_text(&text, "}");
        assert_ok(json_parse(buf_span(&text), "f", arena, &doc, &err), err);
        assert_int_equal(doc.root->count, 50000);
        text.len--;
        buf_text(&text, "\"k7\":0}");
        assert_fails(json_parse(buf_span(&text), "f", arena, &doc, &err), err, ERR_INPUT);
        assert_string_equal(err.message, "f:50001:1: 'k7' is here twice, first in line 8");
}

TEST(json_has_a_ceiling_on_depth)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf text = buf_in(arena, KiB(64));
        Document doc;
        Error err = { 0 };

        buf_repeat(&text, '[', JSON_MAX_DEPTH);
        buf_repeat(&text, ']', JSON_MAX_DEPTH);
        assert_ok(json_parse(buf_span(&text), "f", arena, &doc, &err), err);
        buf_clear(&text);
        buf_repeat(&text, '[', 50000);
        assert_fails(json_parse(buf_span(&text), "f", arena, &doc, &err), err, ERR_LIMIT);
        assert_string_equal(err.message, "f:1:65: more than 64 levels of nesting");
}

TEST(json_has_a_ceiling_on_memory)
{
        AUTO(arena_freep) Arena *texts = arena_new(MiB(4));
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Buf text = buf_in(texts, MiB(1));
        Document doc;
        Error err = { 0 };

        buf_text(&text, "[");
        for (int i = 0; i < 10000; i++)
                buf_text(&text, "1,");
        buf_text(&text, "]");
        assert_fails(json_parse(buf_span(&text), "f", arena, &doc, &err), err, ERR_LIMIT);
        assert_non_null(strstr(err.message, "f:1:"));
}

TEST(json_refuses_a_text_past_its_ceiling_unread)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span text = { "1", JSON_MAX_BYTES + 1 };
        Document doc;
        Error err = { 0 };

        assert_fails(json_parse(text, "f", arena, &doc, &err), err, ERR_LIMIT);
}

TEST(json_fails_at_every_size_of_the_arena_until_it_fits)
{
        Span text = SPAN("{\"a\":[1,2,{\"b\\n\":\"c\\t\"}],\"c\":1,\"d\":2,\"e\":3,\"f\":4,"
                         "\"g\":5,\"h\":6,\"i\":7,\"j\":8}");
        int failures = 0;

        for (size_t room = 0;; room += 64) {
                AUTO(arena_freep) Arena *arena = arena_new(room);
                Document doc = { 0 };
                Error err = { 0 };

                if (json_parse(text, "f", arena, &doc, &err) == 0)
                        break;
                assert_int_equal(err.code, ERR_LIMIT);
                assert_null(doc.root);
                failures++;
        }
        assert_in_range(failures, 10, 1000);
}

/* Every beginning of a document is refused, none is read past its end. */
TEST(json_refuses_every_torn_document)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Span whole = SPAN("{\"a\\u00e9\":[1.5e3,true,null,\"\xC3\xA9\\ud83d\\udc1d\"],\"b\":{}}");

        for (size_t n = 0; n < whole.len; n++) {
                Document doc;
                Error err = { 0 };
                Span torn = span_copy(arena, span_first(whole, n));

                assert_fails(json_parse(torn, "f", arena, &doc, &err), err, ERR_INPUT);
        }
}
