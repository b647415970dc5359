#include "base/span.h"

#include "harness.h"

#include <float.h>
#include <math.h>
#include <string.h>

TEST(span_compares_bytes)
{
        assert_true(span_eq((Span){ 0 }, SPAN("")));
        assert_true(span_is(SPAN("ab"), "ab"));
        assert_false(span_is(SPAN("ab"), "abc"));
        assert_false(span_eq(SPAN("a\0b"), SPAN("a\0c")));
        assert_true(span_is_any_case(SPAN("Content-Type"), "content-TYPE"));
        assert_false(span_is_any_case(SPAN("a"), "ab"));
        assert_true(span_compare(SPAN("a"), SPAN("b")) < 0);
        assert_true(span_compare(SPAN("ab"), SPAN("a")) > 0);
        assert_true(span_compare(SPAN("\xFF"), SPAN("a")) > 0);
        assert_int_equal(span_compare(SPAN(""), (Span){ 0 }), 0);
        assert_int_equal(span_of(NULL).len, 0);
}

TEST(span_finds_and_fits)
{
        assert_true(span_starts(SPAN("abc"), "ab"));
        assert_true(span_starts((Span){ 0 }, ""));
        assert_false(span_starts(SPAN("a"), "ab"));
        assert_true(span_ends(SPAN("abc"), "bc"));
        assert_false(span_ends(SPAN("c"), "bc"));
        assert_true(span_contains(SPAN("abc"), "b"));
        assert_false(span_contains((Span){ 0 }, "b"));
        assert_int_equal(span_find_byte(SPAN("a\0b"), 'b'), 2);
        assert_int_equal(span_find_byte((Span){ 0 }, 'b'), -1);
        assert_int_equal(span_find(SPAN("abab"), SPAN("ba")), 1);
        assert_int_equal(span_find(SPAN("a"), SPAN("")), 0);
        assert_int_equal(span_find(SPAN("a"), SPAN("aa")), -1);
}

TEST(span_cuts_within_its_bounds)
{
        assert_span(span_from(SPAN("abc"), 1), "bc");
        assert_span(span_from(SPAN("abc"), 9), "");
        assert_span(span_from((Span){ 0 }, 9), "");
        assert_span(span_first(SPAN("abc"), 2), "ab");
        assert_span(span_first(SPAN("abc"), 9), "abc");
        assert_span(span_trim(SPAN(" \t\r\n\v\fa b ")), "a b");
        assert_span(span_trim(SPAN("  ")), "");
        assert_span(span_trim((Span){ 0 }), "");
}

TEST(span_cut_yields_every_piece_once)
{
        static const char *const pieces[] = { "a", "", "b", "" };
        Span rest = SPAN("a,,b,");
        size_t n = 0;

        while (rest.ptr) {
                Span piece = span_cut(&rest, ',');

                assert_true(n < COUNT(pieces));
                assert_span(piece, pieces[n++]);
        }
        assert_int_equal(n, COUNT(pieces));
}

TEST(span_next_line_knows_both_line_ends)
{
        Span rest = SPAN("one\r\n\ntwo\rx\nlast"), line = { 0 };

        assert_true(span_next_line(&rest, &line));
        assert_span(line, "one");
        assert_true(span_next_line(&rest, &line));
        assert_span(line, "");
        assert_true(span_next_line(&rest, &line));
        assert_span(line, "two\rx");
        assert_true(span_next_line(&rest, &line));
        assert_span(line, "last");
        assert_false(span_next_line(&rest, &line));
}

TEST(span_next_word_skips_white_space)
{
        Span rest = SPAN("  cpu0\t12 \n"), word = { 0 };

        assert_true(span_next_word(&rest, &word));
        assert_span(word, "cpu0");
        assert_true(span_next_word(&rest, &word));
        assert_span(word, "12");
        assert_false(span_next_word(&rest, &word));
}

TEST(span_copies_belong_to_the_arena)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        char bytes[] = "abc";
        Span copy = span_copy(arena, (Span){ bytes, 3 });

        bytes[0] = 'x';
        assert_span(copy, "abc");
        assert_string_equal(span_text(arena, SPAN("ab")), "ab");
        assert_string_equal(span_text(arena, (Span){ 0 }), "");
}

TEST(span_reads_whole_numbers_in_range)
{
        Error err = { 0 };
        uint64_t u = 7;
        int64_t i = 7;

        assert_ok(span_to_u64(SPAN("18446744073709551615"), &u, &err), err);
        assert_true(u == UINT64_MAX);
        assert_ok(span_to_u64(SPAN("007"), &u, &err), err);
        assert_int_equal(u, 7);
        assert_fails(span_to_u64(SPAN("18446744073709551616"), &u, &err), err, ERR_INPUT);
        assert_string_equal(err.message, "'18446744073709551616' is too large");
        assert_fails(span_to_u64(SPAN("99999999999999999999999"), &u, &err), err, ERR_INPUT);
        assert_fails(span_to_u64(SPAN(""), &u, &err), err, ERR_INPUT);
        assert_fails(span_to_u64(SPAN("-1"), &u, &err), err, ERR_INPUT);
        assert_fails(span_to_u64(SPAN(" 1"), &u, &err), err, ERR_INPUT);
        assert_fails(span_to_u64(SPAN("1\0"), &u, &err), err, ERR_INPUT);
        assert_fails(span_to_u64(SPAN("a"), &u, &err), err, ERR_INPUT);
        assert_int_equal(u, 7);
        assert_ok(span_to_i64(SPAN("-9223372036854775808"), &i, &err), err);
        assert_true(i == INT64_MIN);
        assert_ok(span_to_i64(SPAN("9223372036854775807"), &i, &err), err);
        assert_true(i == INT64_MAX);
        assert_fails(span_to_i64(SPAN("9223372036854775808"), &i, &err), err, ERR_INPUT);
        assert_fails(span_to_i64(SPAN("-9223372036854775809"), &i, &err), err, ERR_INPUT);
        assert_fails(span_to_i64(SPAN("-"), &i, &err), err, ERR_INPUT);
        assert_fails(span_to_i64(SPAN("--1"), &i, &err), err, ERR_INPUT);
        assert_true(i == INT64_MAX);
}

TEST(span_reads_hexadecimal)
{
        Error err = { 0 };
        uint64_t u = 7;

        assert_ok(span_to_hex(SPAN("0xFFffFFffFFffFFff"), &u, &err), err);
        assert_true(u == UINT64_MAX);
        assert_ok(span_to_hex(SPAN("7f00"), &u, &err), err);
        assert_int_equal(u, 0x7f00);
        assert_fails(span_to_hex(SPAN("10000000000000000"), &u, &err), err, ERR_INPUT);
        assert_fails(span_to_hex(SPAN("0x"), &u, &err), err, ERR_INPUT);
        assert_fails(span_to_hex(SPAN("0x0x1"), &u, &err), err, ERR_INPUT);
        assert_fails(span_to_hex(SPAN("fg"), &u, &err), err, ERR_INPUT);
        assert_int_equal(u, 0x7f00);
}

TEST(span_last_line_passes_over_blank_ones)
{
        assert_span(span_last_line(SPAN("a\n b c \r\n \n\n")), "b c");
        assert_span(span_last_line(SPAN("a\nb")), "b");
        assert_null(span_last_line(SPAN("\n \r\n")).ptr);
        assert_null(span_last_line((Span){ 0 }).ptr);
}

TEST(span_reads_finite_decimals)
{
        Error err = { 0 };
        double d = 7;

        assert_ok(span_to_double(SPAN("-1.5e3"), &d, &err), err);
        assert_near(d, -1500, 0);
        assert_ok(span_to_double(SPAN("1e-400"), &d, &err), err);
        assert_near(d, 0, 0);
        assert_ok(span_to_double(SPAN("1.7976931348623157e308"), &d, &err), err);
        assert_near(d, DBL_MAX, 0);
        assert_fails(span_to_double(SPAN("1e309"), &d, &err), err, ERR_INPUT);
        assert_string_equal(err.message, "'1e309' is out of range");
        assert_fails(span_to_double(SPAN(""), &d, &err), err, ERR_INPUT);
        assert_fails(span_to_double(SPAN("nan"), &d, &err), err, ERR_INPUT);
        assert_fails(span_to_double(SPAN("inf"), &d, &err), err, ERR_INPUT);
        assert_fails(span_to_double(SPAN("0x10"), &d, &err), err, ERR_INPUT);
        assert_fails(span_to_double(SPAN(" 1"), &d, &err), err, ERR_INPUT);
        assert_fails(span_to_double(SPAN("1e"), &d, &err), err, ERR_INPUT);
        assert_fails(span_to_double(SPAN("1.2.3"), &d, &err), err, ERR_INPUT);
        assert_fails(span_to_double(SPAN("1\0"), &d, &err), err, ERR_INPUT);
        assert_fails(span_to_double(SPAN("1,5"), &d, &err), err, ERR_INPUT);
        assert_near(d, DBL_MAX, 0);
}

TEST(span_refuses_numbers_without_end)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        char *digits = new (arena, char, 100000);
        Error err = { 0 };
        double d;

        memset(digits, '1', 100000);
        assert_fails(span_to_double((Span){ digits, 100000 }, &d, &err), err, ERR_INPUT);
}

TEST(span_hash_follows_the_bytes)
{
        assert_true(span_hash(SPAN("a")) == span_hash(span_first(SPAN("ab"), 1)));
        assert_true(span_hash(SPAN("a")) != span_hash(SPAN("b")));
        assert_true(span_hash(SPAN("")) == span_hash((Span){ 0 }));
        assert_true(span_hash(SPAN("a\0")) != span_hash(SPAN("a")));
        assert_true(span_hash_seeded(SPAN("a"), 0) == span_hash(SPAN("a")));
        assert_true(span_hash_seeded(SPAN("a"), 1) != span_hash(SPAN("a")));
}

TEST(span_distance_counts_edits)
{
        char text[100];

        memset(text, 'a', sizeof(text));
        assert_int_equal(span_distance(SPAN("p99"), SPAN("p99")), 0);
        assert_int_equal(span_distance(SPAN("kitten"), SPAN("sitting")), 3);
        assert_int_equal(span_distance(SPAN(""), SPAN("abc")), 3);
        assert_int_equal(span_distance(SPAN("abc"), (Span){ 0 }), 3);
        assert_true(span_distance((Span){ text, 64 }, SPAN("a")) == SIZE_MAX);
        assert_int_equal(span_distance((Span){ text, 63 }, (Span){ text, 60 }), 3);
}
