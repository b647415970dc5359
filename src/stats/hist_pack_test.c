#include "harness.h"

#include "stats/hist.h"
#include "stats/rng.h"

#include <math.h>

static Span packed(Arena *arena, const Hist *h)
{
        Buf out = buf_in(arena, MiB(1));
        Error err = { 0 };

        hist_pack(h, &out);
        assert_ok(buf_check(&out, &err), err);
        return buf_span(&out);
}

static Hist *sample(Arena *arena, size_t n, uint64_t highest)
{
        Hist *h = hist_new(arena, (HistLayout){ 1, 1000000, 2 });
        Rng rng = rng_from_seed(n);

        for (size_t i = 0; i < n; i++)
                hist_record(h, (uint64_t)exp(rng_unit(&rng) * log((double)highest)));
        return h;
}

static void assert_same(const Hist *a, const Hist *b)
{
        assert_int_equal(a->n_counts, b->n_counts);
        assert_memory_equal(a->counts, b->counts, a->n_counts * sizeof(*a->counts));
        assert_true(a->total == b->total && a->saturated == b->saturated);
        assert_true(a->min == b->min && a->max == b->max);
        assert_near(a->sum, b->sum, 0);
        assert_near(a->sum_squares, b->sum_squares, 0);
}

TEST(hist_pack_round_trips)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        static const size_t sizes[] = { 0, 1, 2, 10, 1000, 20000 };
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(sizes); i++)
                for (uint64_t highest = 100; highest <= 10000000; highest *= 100) {
                        Hist *h = sample(arena, sizes[i], highest), *back;

                        assert_ok(hist_unpack(packed(arena, h), arena, &back, &err), err);
                        assert_same(h, back);
                }
}

TEST(hist_pack_is_sparse)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Hist *h = hist_new(arena, HIST_LATENCY);

        hist_record(h, 1000000);
        hist_record(h, UINT64_C(3000000000));
        assert_true(packed(arena, h).len < 60);
}

TEST(hist_unpack_refuses_every_cut)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Span whole = packed(arena, sample(arena, 100, 1000000));
        Error err = { 0 };
        Hist *back;

        for (size_t n = 0; n < whole.len; n++)
                assert_fails(hist_unpack(span_first(whole, n), arena, &back, &err), err,
                             ERR_CORRUPT);
}

TEST(hist_unpack_refuses_bytes_after_the_end)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Buf out = buf_in(arena, MiB(1));
        Error err = { 0 };
        Hist *back;

        hist_pack(sample(arena, 100, 1000), &out);
        buf_byte(&out, 0);
        assert_fails(hist_unpack(buf_span(&out), arena, &back, &err), err, ERR_CORRUPT);
}

/* A changed byte gives an error, or a histogram whose exact values still fit its bins; never a
 * crash, and nothing is left in the arena after a failure. */
TEST(hist_unpack_survives_changed_bytes)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Span whole = packed(arena, sample(arena, 50, 1000000));
        char *copy = arena_text(arena, whole.ptr, whole.len);
        size_t refused = 0;

        for (size_t i = 0; i < whole.len; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        Mark mark = arena_mark(arena);
                        Error err = { 0 };
                        Hist *back;

                        copy[i] = (char)(whole.ptr[i] ^ (1 << bit));
                        if (hist_unpack((Span){ copy, whole.len }, arena, &back, &err) < 0)
                                refused++;
                        else
                                assert_true(hist_quantile(back, 1) == back->max &&
                                            back->min <= back->max);
                        copy[i] = whole.ptr[i];
                        arena_reset(arena, mark);
                }
        assert_true(refused > 50);
}

static void refuse(Arena *arena, const char *bytes, size_t n, int code)
{
        Error err = { 0 };
        Hist *back;

        assert_fails(hist_unpack((Span){ bytes, n }, arena, &back, &err), err, code);
}

#define EXACT_ZERO         \
        "\0\0\0"           \
        "\0\0\0\0\0\0\0\0" \
        "\0\0\0\0\0\0\0\0"

TEST(hist_unpack_refuses_hostile_fields)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        static const char version[] = "H\2\1\x10\1" EXACT_ZERO "\0";
        static const char digits[] = "H\1\1\x10\x7f" EXACT_ZERO "\0";
        static const char huge[] = "H\1\1\xff\xff\xff\xff\xff\xff\xff\xff\x7f\5" EXACT_ZERO "\0";
        static const char long_number[] = "H\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\1\1";
        static const char beyond[] = "H\1\1\x10\1" EXACT_ZERO "\1\xff\xff\xff\x7f\1";
        static const char no_count[] = "H\1\1\x10\1" EXACT_ZERO "\1\0\0";
        static const char empty_min[] = "H\1\1\x10\1"
                                        "\0\1\1"
                                        "\0\0\0\0\0\0\0\0"
                                        "\0\0\0\0\0\0\0\0"
                                        "\0";
        static const char good[] = "H\1\1\x10\1" EXACT_ZERO "\0";
        Error err = { 0 };
        Hist *back;

        refuse(arena, version, sizeof(version) - 1, ERR_CORRUPT);
        refuse(arena, digits, sizeof(digits) - 1, ERR_INPUT);
        refuse(arena, huge, sizeof(huge) - 1, ERR_LIMIT);
        refuse(arena, long_number, sizeof(long_number) - 1, ERR_CORRUPT);
        refuse(arena, beyond, sizeof(beyond) - 1, ERR_CORRUPT);
        refuse(arena, no_count, sizeof(no_count) - 1, ERR_CORRUPT);
        refuse(arena, empty_min, sizeof(empty_min) - 1, ERR_CORRUPT);
        refuse(arena, "", 0, ERR_CORRUPT);
        assert_ok(hist_unpack((Span){ good, sizeof(good) - 1 }, arena, &back, &err), err);
        assert_int_equal(back->total, 0);
}
