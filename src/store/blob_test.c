#include "store/store_int.h"

#include "harness.h"

TEST(blobs_of_all_sizes_come_back)
{
        static const size_t sizes[] = { 0, 1, 100, KiB(64), MiB(3) };

        for (size_t i = 0; i < COUNT(sizes); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                char *bytes = new (arena, char, sizes[i] + 1), digest[DIGEST_SIZE];
                Span plain = { bytes, sizes[i] }, packed, back;
                Error err = { 0 };

                for (size_t j = 0; j < sizes[i]; j++)
                        bytes[j] = (char)(j * j >> 7);
                digest_hex(plain, digest);
                assert_ok(blob_pack(plain, arena, &packed, &err), err);
                assert_ok(blob_unpack(packed, plain.len, span_of(digest), arena, &back, &err), err);
                assert_true(span_eq(plain, back));
                assert_fails(
                        blob_unpack(packed, plain.len + 1, span_of(digest), arena, &back, &err),
                        err, ERR_CORRUPT);
        }
}

TEST(damaged_blobs_are_refused_at_every_bit)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span plain = SPAN("a histogram, a series or a profile: a histogram, a series"), packed,
             back;
        char digest[DIGEST_SIZE], *copy;
        Error err = { 0 };

        digest_hex(plain, digest);
        assert_ok(blob_pack(plain, arena, &packed, &err), err);
        copy = span_text(arena, packed);
        for (size_t bit = 0; bit < packed.len * 8; bit++) {
                Mark mark = arena_mark(arena);

                copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
                if (blob_unpack((Span){ copy, packed.len }, plain.len, span_of(digest), arena,
                                &back, &err) >= 0)
                        assert_true(span_eq(back, plain));
                else
                        assert_int_equal(err.code, ERR_CORRUPT);
                copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
                arena_reset(arena, mark);
        }
        for (size_t len = 0; len < packed.len; len++)
                assert_fails(blob_unpack(span_first(packed, len), plain.len, span_of(digest), arena,
                                         &back, &err),
                             err, ERR_CORRUPT);
}

TEST(blob_that_promises_more_than_memory_is_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        AUTO(arena_freep) Arena *large = arena_new(MiB(64));
        Span plain = { new (large, char, MiB(8)), MiB(8) }, packed, back;
        char digest[DIGEST_SIZE];
        Error err = { 0 };

        digest_hex(plain, digest);
        assert_ok(blob_pack(plain, large, &packed, &err), err);
        assert_true(packed.len < KiB(4)); /* zeros */
        assert_fails(blob_unpack(packed, plain.len, span_of(digest), arena, &back, &err), err,
                     ERR_LIMIT);
        assert_fails(blob_unpack(packed, UINT64_MAX, span_of(digest), arena, &back, &err), err,
                     ERR_CORRUPT);
}
