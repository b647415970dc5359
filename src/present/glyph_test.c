#include "present/glyph.h"

#include "harness.h"

TEST(glyph_columns_of_plain_wide_and_combining_text)
{
        assert_int_equal(text_columns(SPAN("abc")), 3);
        assert_int_equal(text_columns(SPAN("日本")), 4);
        assert_int_equal(text_columns(SPAN("e\xcc\x81")), 1);
        assert_int_equal(text_columns(SPAN("⭐🔴")), 4);
        assert_int_equal(text_columns(SPAN("█─│")), 3);
        assert_int_equal(text_columns(SPAN("\xff\xfe")), 2);
        assert_int_equal(text_columns(SPAN("")), 0);
}

TEST(glyph_text_is_cut_between_characters)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        assert_span(text_first_columns(SPAN("日本語"), 5), "日本");
        assert_span(text_shorten(arena, SPAN("abcdef"), 4), "abc…");
        assert_span(text_shorten(arena, SPAN("abcdef"), 6), "abcdef");
        assert_span(text_shorten(arena, SPAN("日本語"), 4), "日…");
        assert_span(text_shorten(arena, SPAN("abc"), 0), "");
        assert_span(text_shorten(arena, SPAN("abc"), 1), "…");
}

TEST(glyph_clean_makes_control_characters_visible)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        assert_span(text_clean(arena, SPAN("a\x1b[31mb"), CLEAN_LINE), "a\\x1b[31mb");
        assert_span(text_clean(arena, SPAN("a\nb\tc\rd"), CLEAN_LINE), "a b c d");
        assert_span(text_clean(arena, SPAN("a\nb\rc"), CLEAN_LINES), "a\nb c");
        assert_span(text_clean(arena, SPAN("\xe2\x80\xae\xff\xc2\x9b"), CLEAN_LINE),
                    "\\u202e\\xff\\x9b");
        assert_span(text_clean(arena, SPAN("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"), CLEAN_LINE),
                    "\\ufffe\\uffff\xef\xbf\xbd"); /* no characters of XML; the third is one */
        assert_span(text_clean(arena, SPAN("naïve ⭐"), CLEAN_LINE), "naïve ⭐");
        assert_span(text_clean(arena, (Span){ "a\0b", 3 }, CLEAN_LINE), "a\\x00b");
}
