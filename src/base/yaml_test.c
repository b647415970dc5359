#include "base/yaml.h"

#include "base/buf.h"
#include "harness.h"

#include <string.h>

static const Value *read_yaml(Arena *arena, const char *text)
{
        Document doc;
        Error err = { 0 };

        assert_ok(yaml_parse(span_of(text), "f", arena, &doc, &err), err);
        return doc.root;
}

static void refuse(Span text, int code, const char *message)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Document doc = { 0 };
        Error err = { 0 };

        if (yaml_parse(text, "f", arena, &doc, &err) >= 0)
                fail_msg("accepted: %.*s", SPAN_ARG(text));
        assert_string_equal(err.message, message);
        assert_int_equal(err.code, code);
        assert_null(doc.root);
}

#define REFUSES(text, message) refuse(SPAN(text), ERR_INPUT, "f:" message)

TEST(yaml_reads_a_tree_in_source_order)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *root = read_yaml(arena, "# budget\nname: shop\nmetrics:\n  - p99: 250ms\n"
                                             "    max: 1.5\n  - [a, 'b', \"c\\n\"]\n"
                                             "note: |\n  two\n  lines\n");
        const Value *metrics = value_get(root, "metrics");

        assert_int_equal(root->kind, VALUE_MAP);
        assert_int_equal(root->count, 3);
        assert_span(root->first->key, "name");
        assert_span(value_get(root, "name")->text, "shop");
        assert_int_equal(metrics->kind, VALUE_LIST);
        assert_int_equal(metrics->count, 2);
        assert_span(value_get(metrics->first, "p99")->text, "250ms");
        assert_near(value_get(metrics->first, "max")->number, 1.5, 0);
        assert_span(metrics->first->next->first->next->next->text, "c\n");
        assert_span(value_get(root, "note")->text, "two\nlines\n");
}

TEST(yaml_knows_the_place_of_every_node)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *root = read_yaml(arena, "\xC3\xA9t\xC3\xA9: [1, x]\r\nb:\r\n  - 2\r\n");
        const Value *second = root->first->next;

        assert_int_equal(root->line, 1);
        assert_int_equal(root->column, 1);
        assert_int_equal(root->first->key_column, 1);
        assert_int_equal(root->first->column, 6);
        assert_int_equal(root->first->first->next->column, 10);
        assert_int_equal(second->key_line, 2);
        assert_int_equal(second->line, 3);
        assert_int_equal(second->column, 3);
        assert_int_equal(second->first->column, 5);
}

typedef struct ScalarRow {
        const char *text;
        ValueKind kind;
} ScalarRow;

static const ScalarRow scalar_rows[] = {
        { "", VALUE_NULL },
        { "~", VALUE_NULL },
        { "null", VALUE_NULL },
        { "NULL", VALUE_NULL },
        { "nULL", VALUE_TEXT },
        { "true", VALUE_BOOL },
        { "False", VALUE_BOOL },
        { "yes", VALUE_TEXT },
        { "no", VALUE_TEXT },
        { "on", VALUE_TEXT },
        { "off", VALUE_TEXT },
        { "y", VALUE_TEXT },
        { "0", VALUE_NUMBER },
        { "-0", VALUE_NUMBER },
        { "42", VALUE_NUMBER },
        { "+42", VALUE_NUMBER },
        { "-1.5e3", VALUE_NUMBER },
        { ".5", VALUE_NUMBER },
        { "5.", VALUE_NUMBER },
        { "0.25", VALUE_NUMBER },
        { "012", VALUE_TEXT },
        { "-012", VALUE_TEXT },
        { "0o17", VALUE_TEXT },
        { "0x1f", VALUE_TEXT },
        { "1_000", VALUE_TEXT },
        { ".inf", VALUE_TEXT },
        { ".nan", VALUE_TEXT },
        { "1e999", VALUE_TEXT },
        { "1.2.3", VALUE_TEXT },
        { "1e", VALUE_TEXT },
        { "--1", VALUE_TEXT },
        { ".", VALUE_TEXT },
        { "e5", VALUE_TEXT },
        { "10s", VALUE_TEXT },
        { "2026-11-21", VALUE_TEXT },
        { "12:30", VALUE_TEXT },
        { "'42'", VALUE_TEXT },
        { "\"true\"", VALUE_TEXT },
        { "''", VALUE_TEXT },
        { "!!str 42", VALUE_TEXT },
        { "!!int '42'", VALUE_NUMBER },
        { "!!float 1", VALUE_NUMBER },
        { "!!bool true", VALUE_BOOL },
        { "!!null ''", VALUE_NULL },
        { "!!seq []", VALUE_LIST },
        { "!!map {}", VALUE_MAP },
};

TEST(yaml_types_plain_scalars_by_the_core_schema)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (size_t i = 0; i < COUNT(scalar_rows); i++) {
                const Value *v = value_get(
                        read_yaml(arena, arena_printf(arena, "k: %s\n", scalar_rows[i].text)), "k");

                if (v->kind != scalar_rows[i].kind)
                        fail_msg("%s is %s", scalar_rows[i].text, value_kind_name(v->kind));
        }
}

TEST(yaml_keeps_the_text_of_scalars)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *v = read_yaml(arena, "[18446744073709551615, True, 1.10]");

        assert_span(v->first->text, "18446744073709551615");
        assert_true(v->first->next->boolean);
        assert_span(v->first->next->text, "True");
        assert_span(v->first->next->next->text, "1.10");
        assert_near(v->first->next->next->number, 1.1, 0);
}

TEST(yaml_nothing_is_one_null)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Document doc;
        Error err = { 0 };

        assert_int_equal(read_yaml(arena, "")->kind, VALUE_NULL);
        assert_int_equal(read_yaml(arena, "# only a comment\n")->kind, VALUE_NULL);
        assert_int_equal(read_yaml(arena, "---\n...\n")->kind, VALUE_NULL);
        assert_ok(yaml_parse((Span){ 0 }, "f", arena, &doc, &err), err);
        assert_int_equal(doc.root->kind, VALUE_NULL);
        assert_span(read_yaml(arena, "\xEF\xBB\xBF\"x\"")->text, "x");
}

TEST(yaml_resolves_aliases_with_a_place_of_their_own)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *root = read_yaml(arena, "a: &x {n: [1, 2]}\nb: *x\nc: &x 7\nd: *x\n");
        const Value *b = value_get(root, "b");

        assert_int_equal(b->kind, VALUE_MAP);
        assert_int_equal(b->line, 2);
        assert_int_equal(b->column, 4);
        assert_int_equal(value_get(b, "n")->count, 2);
        assert_int_equal(value_get(b, "n")->line, 1);
        assert_near(value_get(root, "d")->number, 7, 0);
        assert_null(value_get(root, "d")->next);
}

TEST(yaml_refuses_a_billion_laughs)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf text = buf_in(arena, KiB(64));

        buf_text(&text, "- &a0 [lol]\n");
        for (int i = 1; i < 20; i++)
                buf_printf(&text, "- &a%d [*a%d, *a%d, *a%d]\n", i, i - 1, i - 1, i - 1);
        refuse(buf_span(&text), ERR_LIMIT, "f:11:9: aliases add more than 100000 nodes");
}

TEST(yaml_counts_the_depth_behind_an_alias)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf text = buf_in(arena, KiB(64));

        buf_text(&text, "- &a ");
        buf_repeat(&text, '[', 40);
        buf_repeat(&text, ']', 40);
        buf_text(&text, "\n- ");
        buf_repeat(&text, '[', 23);
        buf_text(&text, "*a");
        buf_repeat(&text, ']', 23);
        assert_int_equal(read_yaml(arena, buf_span(&text).ptr)->count, 2);
        buf_text(&text, "\n- ");
        buf_repeat(&text, '[', 24);
        buf_text(&text, "*a");
        buf_repeat(&text, ']', 24);
        refuse(buf_span(&text), ERR_LIMIT, "f:3:27: more than 64 levels of nesting");
}

TEST(yaml_has_a_ceiling_on_depth)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf text = buf_in(arena, KiB(256));

        buf_repeat(&text, '[', YAML_MAX_DEPTH);
        buf_repeat(&text, ']', YAML_MAX_DEPTH);
        assert_int_equal(read_yaml(arena, buf_span(&text).ptr)->count, 1);
        buf_clear(&text);
        buf_repeat(&text, '[', 100000);
        refuse(buf_span(&text), ERR_LIMIT, "f:1:65: more than 64 levels of nesting");
        buf_clear(&text);
        for (int i = 0; i < 500; i++) {
                buf_repeat(&text, ' ', (size_t)i);
                buf_text(&text, "a:\n");
        }
        refuse(buf_span(&text), ERR_LIMIT, "f:65:65: more than 64 levels of nesting");
}

TEST(yaml_has_a_ceiling_on_anchors)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf text = buf_in(arena, KiB(256));

        for (int i = 0; i <= YAML_MAX_ANCHORS; i++)
                buf_printf(&text, "- &a%d x\n", i);
        refuse(buf_span(&text), ERR_LIMIT, "f:1001:3: more than 1000 anchors");
}

TEST(yaml_has_a_ceiling_on_tag_directives)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf text = buf_in(arena, KiB(256));

        for (int i = 0; i < 100; i++)
                buf_printf(&text, "%%TAG !a%d! tag:x\n", i);
        buf_text(&text, "--- x\n");
        assert_span(read_yaml(arena, buf_span(&text).ptr)->text, "x");
        buf_text(&text, "...\n%TAG !b! tag:x\n");
        refuse(buf_span(&text), ERR_LIMIT, "f:103:1: more than 100 tag directives");
}

TEST(yaml_refuses_a_text_past_its_ceiling_unread)
{
        refuse((Span){ "x", YAML_MAX_BYTES + 1 }, ERR_LIMIT,
               "f: the document is too large for the memory it may use");
}

TEST(yaml_fails_at_every_size_of_the_arena_until_it_fits)
{
        Span text = SPAN("a: &x {b: [1, 'two', three]}\nc: *x\n? d\n: e\nf: 1\ng: 2\nh: 3\n"
                         "i: 4\nj: 5\nk: 6\n");
        int failures = 0;

        for (size_t room = 0;; room += 64) {
                AUTO(arena_freep) Arena *arena = arena_new(room);
                Document doc = { 0 };
                Error err = { 0 };

                if (yaml_parse(text, "f", arena, &doc, &err) == 0)
                        break;
                assert_int_equal(err.code, ERR_LIMIT);
                assert_null(doc.root);
                failures++;
        }
        assert_in_range(failures, 10, 1000);
}

TEST(yaml_errors_name_the_place)
{
        REFUSES("a: 1\nb: 2\na: 3\n", "3:1: 'a' is here twice, first in line 1");
        REFUSES("a: *b\n", "1:4: no anchor 'b' stands before this");
        REFUSES("a: &b [*b]\n", "1:8: the anchor 'b' holds itself");
        REFUSES("a: &x {b: 1}\nc:\n  <<: *x\n", "3:3: merge keys ('<<') are not supported");
        REFUSES("a: !shop x\n", "1:4: the tag '!shop' is not supported");
        REFUSES("a: !!binary x\n", "1:4: the tag 'tag:yaml.org,2002:binary' is not supported");
        REFUSES("a: !!int x\n",
                "1:4: the tag 'tag:yaml.org,2002:int' does not fit what it stands before");
        REFUSES("a: !!str [x]\n",
                "1:4: the tag 'tag:yaml.org,2002:str' does not fit what it stands before");
        REFUSES("a: !!map [x]\n",
                "1:4: the tag 'tag:yaml.org,2002:map' does not fit what it stands before");
        REFUSES("? [a]\n: 1\n", "1:3: a key must be text");
        REFUSES("x: &a 1\n*a : 2\n", "2:1: a key must be text");
        REFUSES("?\n: 1\n", "1:2: expected a key");
        REFUSES("&k a: 1\n", "1:1: a key can have no anchor and no tag");
        REFUSES("a: 1\n---\nb: 2\n", "2:1: a second document starts here, one is expected");
        REFUSES("a: b\n  c: d\n", "2:4: mapping values are not allowed in this context");
        REFUSES("a: [1\nb: 2\n", "2:2: did not find expected ',' or ']' (while parsing a flow "
                                 "sequence from line 1)");
        REFUSES("a:\n\tb: 1\n", "2:1: found character that cannot start any token (while scanning "
                                "for the next token from line 2)");
}

TEST(yaml_names_the_place_of_bytes_that_are_not_text)
{
        REFUSES("a: 1\n\xC3\xA9: \xFF\n", "2:4: invalid leading UTF-8 octet");
        REFUSES("a: \x01\n", "1:4: control characters are not allowed");
        REFUSES("a: 1\nb\0: 2\n", "2:2: control characters are not allowed");
        REFUSES("a: \xC3", "1:4: incomplete UTF-8 octet sequence");
        REFUSES("a: \xED\xA0\x80\n", "1:4: invalid Unicode character");
}

TEST(yaml_quoted_merge_key_and_odd_keys_are_text)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        const Value *root = read_yaml(arena, "'<<': 1\n2: two\ntrue: t\n'': none\n");

        assert_near(value_get(root, "<<")->number, 1, 0);
        assert_span(value_get(root, "2")->text, "two");
        assert_span(value_get(root, "true")->text, "t");
        assert_span(value_get(root, "")->text, "none");
}

/* Torn anywhere, the text is read or refused, never past its end. */
TEST(yaml_survives_every_torn_document)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span whole = SPAN("%YAML 1.1\n---\na: &x {b: [1, \"\\u00e9\", '\xC3\xA9']}\nc: *x\nd: >-\n"
                          "  folded\n  text\n? e\n: !!str 5\n...\n");

        for (size_t n = 0; n <= whole.len; n++) {
                Document doc = { 0 };
                Error err = { 0 };

                if (yaml_parse(span_copy(arena, span_first(whole, n)), "f", arena, &doc, &err) < 0)
                        assert_int_equal(strncmp(err.message, "f:", 2), 0);
                else
                        assert_non_null(doc.root);
        }
}
