#include "import/profile/bytes.h"

#include "base/buf.h"

#include "harness.h"

#include <zlib.h>

static Span packed(Span text, Arena *arena)
{
        size_t room = text.len + KiB(1);
        unsigned char *out = new (arena, unsigned char, room);
        z_stream z = { .next_in = (Bytef *)(uintptr_t)text.ptr,
                       .avail_in = (uInt)text.len,
                       .next_out = out,
                       .avail_out = (uInt)room };

        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        deflateEnd(&z);
        return (Span){ (char *)out, z.total_out };
}

TEST(bytes_that_are_plain_stay_where_they_are)
{
        AUTO(bytes_done) Bytes plain = { 0 };
        Error err = { 0 };

        assert_ok(bytes_plain(SPAN("a;b 1\n"), SPAN("x"), &plain, &err), err);
        assert_null(plain.ptr);
        assert_ok(bytes_plain(SPAN("BZh_f;b 1\n"), SPAN("x"), &plain, &err), err);
        assert_null(plain.ptr);
        assert_ok(bytes_plain(SPAN(""), SPAN("x"), &plain, &err), err);
        assert_null(plain.ptr);
}

TEST(bytes_of_gzip_with_two_members_are_one_text)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        AUTO(bytes_done) Bytes plain = { 0 };
        Buf both = buf_in(arena, KiB(64));
        Error err = { 0 };

        buf_add(&both, packed(SPAN("a;b 1\n"), arena));
        buf_add(&both, packed(SPAN("a;c 2\n"), arena));
        buf_repeat(&both, '\0', 17);
        assert_ok(bytes_plain(buf_span(&both), SPAN("x"), &plain, &err), err);
        assert_span(bytes_span(&plain), "a;b 1\na;c 2\n");
}

TEST(bytes_of_gzip_cut_anywhere_are_an_error_with_the_place)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span whole = packed(SPAN("a;b 1\na;c 2\na;d 3\n"), arena);

        for (size_t n = 2; n < whole.len; n++) {
                AUTO(bytes_done) Bytes plain = { 0 };
                Error err = { 0 };

                assert_fails(bytes_plain(span_first(whole, n), SPAN("x.gz"), &plain, &err), err,
                             ERR_INPUT);
                assert_true(span_starts(span_of(err.message), "x.gz: byte "));
                assert_null(plain.ptr);
        }
}

TEST(bytes_of_gzip_with_a_flipped_bit_are_an_error)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Span whole = packed(SPAN("a;b 1\na;c 2\na;d 3\n"), arena);
        char *bytes = span_text(arena, whole);
        AUTO(bytes_done) Bytes plain = { 0 };
        Error err = { 0 };

        bytes[whole.len - 6] ^= 1; /* the checksum */
        assert_fails(bytes_plain((Span){ bytes, whole.len }, SPAN("x"), &plain, &err), err,
                     ERR_INPUT);
}

TEST(bytes_of_utf16_become_utf8_in_either_order_with_and_without_a_mark)
{
        static const char little[] = "\xff\xfe"
                                     "a\0;\0\xe4\0 \0"
                                     "1\0\n\0",
                          big[] = "\xfe\xff"
                                  "\0a\0;\0\xe4\0 \0001\0\n";
        AUTO(bytes_done) Bytes one = { 0 }, two = { 0 }, three = { 0 };
        Error err = { 0 };

        assert_ok(bytes_plain((Span){ little, 14 }, SPAN("x"), &one, &err), err);
        assert_span(bytes_span(&one), "a;\xc3\xa4 1\n");
        assert_ok(bytes_plain((Span){ big, 14 }, SPAN("x"), &two, &err), err);
        assert_span(bytes_span(&two), "a;\xc3\xa4 1\n");
        assert_ok(bytes_plain((Span){ little + 2, 12 }, SPAN("x"), &three, &err), err);
        assert_span(bytes_span(&three), "a;\xc3\xa4 1\n");
}

TEST(bytes_of_utf16_pairs_are_one_character_and_halves_are_replaced)
{
        static const char text[] = "\xff\xfe\x3d\xd8\x25\xdd\x3d\xd8"
                                   "a\0";
        AUTO(bytes_done) Bytes plain = { 0 };
        Error err = { 0 };

        assert_ok(bytes_plain((Span){ text, 10 }, SPAN("x"), &plain, &err), err);
        assert_span(bytes_span(&plain), "\xf0\x9f\x94\xa5\xef\xbf\xbd"
                                        "a");
        assert_fails(bytes_plain((Span){ text, 9 }, SPAN("x"), &plain, &err), err, ERR_INPUT);
}

TEST(bytes_of_other_compressions_say_what_unpacks_them)
{
        AUTO(bytes_done) Bytes plain = { 0 };
        Error err = { 0 };

        assert_fails(bytes_plain(SPAN("\x28\xb5\x2f\xfd rest"), SPAN("x"), &plain, &err), err,
                     ERR_UNAVAILABLE);
        assert_true(span_contains(span_of(err.hint), "zstdcat"));
        error_clear(&err);
        assert_fails(bytes_plain(SPAN("BZh91AY&SY\x12"), SPAN("x"), &plain, &err), err,
                     ERR_UNAVAILABLE);
}

TEST(bytes_of_files_that_are_not_there_or_are_folders_are_errors)
{
        AUTO(bytes_done) Bytes bytes = { 0 };
        Error err = { 0 };

        assert_fails(bytes_load("/nonexistent/file", &bytes, &err), err, 2);
        assert_fails(bytes_load("/", &bytes, &err), err, 21);
        assert_null(bytes.ptr);
}
