#include "harness.h"

#include "import/json_head.h"

TEST(json_head_finds_keys_by_their_path)
{
        Span text = SPAN("{\"a\": [1, {\"b\": {\"c\": \"x\"}}], \"d\": 2, \"e\": {\"d\\\"\": 1}}");

        assert_true(json_head_has(text, "a"));
        assert_true(json_head_has(text, "a[].b"));
        assert_true(json_head_has(text, "a[].b.c"));
        assert_true(json_head_has(text, "d"));
        assert_true(json_head_has(text, "e"));
        assert_false(json_head_has(text, "b"));
        assert_false(json_head_has(text, "a.b"));
        assert_false(json_head_has(text, "a[].c"));
        assert_false(json_head_has(text, "e.d"));
        assert_false(json_head_has(text, "x"));
        assert_true(json_head_has(text, "a[].*.c"));
        assert_true(json_head_has(text, "*"));
        assert_false(json_head_has(text, "*.c"));
        assert_span(json_head_text(text, "a[].b.c"), "x");
        assert_null(json_head_text(text, "d").ptr);
}

TEST(json_head_looks_into_lists_at_the_top_and_into_every_line)
{
        assert_true(json_head_has(SPAN("[{\"a\":1},{\"b\":2}]"), "[].b"));
        assert_true(json_head_has(SPAN("{\"a\":1}\n{\"b\":2}\n"), "b"));
        assert_true(json_head_has(SPAN("[[1],[{\"b\":2}]]"), "[][].b"));
        assert_false(json_head_has(SPAN("[{\"a\":1},{\"b\":2}]"), "b"));
}

TEST(json_head_takes_texts_that_end_anywhere_or_are_no_json)
{
        Span text = SPAN("{\"a\": [1, {\"b\\\"\": \"\\u1234\"}], \"d\": 2}");

        for (size_t n = 0; n <= text.len; n++)
                assert_false(json_head_has(span_first(text, n), "z"));
        assert_false(json_head_has(SPAN("a plain text {\"b\": 1}"), "b"));
        assert_false(json_head_has(SPAN("}]{\"b\": 1}"), "b"));
        assert_false(json_head_has(SPAN(""), "b"));
}

TEST(json_head_bounds_its_depth)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        char *text = new (arena, char, 1000);

        memset(text, '[', 1000);
        assert_false(json_head_has((Span){ text, 1000 }, "[].a"));
}
