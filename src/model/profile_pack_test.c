#include "model/profile.h"
#include "model/varint.h"

#include "harness.h"

static Profile *example(Arena *arena)
{
        Profile *p = profile_new(arena, 1000);
        uint32_t a = profile_frame(
                p, &(FrameDesc){ SPAN("main"), SPAN("/bin/x"), SPAN("x.c"), 10, FRAME_NATIVE });
        uint32_t b = profile_frame(
                p, &(FrameDesc){ SPAN("sys_read"), SPAN("[kernel]"), SPAN(""), 0, FRAME_KERNEL });
        uint32_t chain[] = { a, b, a };

        profile_add(p, chain, 3, 5, 50);
        profile_add(p, chain, 2, 2, 20);
        profile_add(p, &b, 1, 1, UINT64_C(1) << 40);
        profile_add(p, NULL, 0, 1, 3);
        profile_keep_samples(p, 3);
        for (uint64_t i = 0; i < 4; i++) /* the last is beyond the ceiling, and times fall too */
                profile_add_at(p, chain, 2 + i % 2, profile_thread(p, SPAN("worker"), 4, 5),
                               i == 1 ? 7 : UINT64_C(1) << (60 + i % 3), 10);
        p->quality.lost = 300;
        p->quality.complete = 7;
        p->rate_hz = 99.5;
        p->duration_ns = 12345678901;
        p->event = "cycles";
        return p;
}

static Span packed_example(Arena *arena)
{
        Buf out = buf_in(arena, MiB(1));

        profile_pack(example(arena), &out);
        return buf_span(&out);
}

TEST(packed_profile_comes_back_equal)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Span packed = packed_example(arena);
        Buf again = buf_in(arena, MiB(1));
        Profile *p;
        Error err = { 0 };

        assert_ok(profile_unpack(packed, arena, &p, &err), err);
        assert_int_equal(p->nodes.len, 5);
        assert_int_equal(p->total_weight, (UINT64_C(1) << 40) + 113);
        assert_int_equal(p->quality.lost, 300);
        assert_int_equal(p->quality.samples, 13);
        assert_int_equal(p->quality.untimed, 1);
        assert_int_equal(p->samples.len, 3);
        assert_int_equal(p->samples.items[1].time_ns, 7);
        assert_int_equal(p->samples.items[2].time_ns, UINT64_C(1) << 62);
        assert_int_equal(p->threads.items[0].tid, 5);
        assert_int_equal(p->unit, UNIT_NS);
        assert_near(p->rate_hz, 99.5, 0);
        assert_string_equal(p->event, "cycles");
        assert_int_equal(p->frames.items[0].line, 10);
        assert_span(profile_module(p, 1), "[kernel]");
        profile_pack(p, &again);
        assert_true(span_eq(buf_span(&again), packed));
}

TEST(packed_profile_of_the_first_form_is_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        static const uint64_t rest[] = { 0, 0, 3, 30, 0 }; /* strings, frames, root, nodes */
        Buf out = buf_in(arena, KiB(1));
        Profile *p;
        Error err = { 0 };

        buf_text(&out, "HPF1");
        varint_put_bytes(&out, SPAN("cpu"));
        varint_put_double(&out, 99);
        varint_put(&out, 5);
        for (uint64_t i = 0; i < 7; i++)
                varint_put(&out, i);
        for (size_t i = 0; i < COUNT(rest); i++)
                varint_put(&out, rest[i]);
        assert_ok(profile_unpack(buf_span(&out), arena, &p, &err), err);
        assert_int_equal(p->total_weight, 30);
        assert_int_equal(p->quality.unknown_frames, 6);
        assert_int_equal(p->samples.len, 0);
        assert_int_equal(p->unit, UNIT_NS);
}

TEST(unpacked_profile_takes_further_stacks)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Profile *p;
        Error err = { 0 };
        uint32_t frame = 0;

        assert_ok(profile_unpack(packed_example(arena), arena, &p, &err), err);
        profile_add(p, &frame, 1, 1, 1);
        assert_int_equal(p->nodes.len, 5); /* main was there */
        frame = profile_frame(p, &(FrameDesc){ .symbol = SPAN("new") });
        profile_add(p, &frame, 1, 1, 1);
        assert_int_equal(p->nodes.len, 6);
        assert_int_equal(p->quality.dropped, 0);
}

TEST(torn_packed_profile_is_refused_at_every_length)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span packed = packed_example(arena);

        for (size_t n = 0; n < packed.len; n++) {
                Mark mark = arena_mark(arena);
                Profile *p;
                Error err = { 0 };

                assert_fails(profile_unpack(span_first(packed, n), arena, &p, &err), err,
                             ERR_CORRUPT);
                arena_reset(arena, mark);
        }
}

TEST(flipped_bits_of_a_packed_profile_never_break_the_trie)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span packed = packed_example(arena);
        size_t refused = 0;

        for (size_t bit = 0; bit < packed.len * 8; bit++) {
                Mark mark = arena_mark(arena);
                char *copy = span_text(arena, packed);
                Profile *p;
                Error err = { 0 };

                copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
                if (profile_unpack((Span){ copy, packed.len }, arena, &p, &err) < 0) {
                        assert_int_equal(err.code, ERR_CORRUPT);
                        refused++;
                } else {
                        FunctionCost *costs;

                        assert_int_equal(profile_totals(p, arena)[0], p->total_weight);
                        profile_functions(p, arena, &costs);
                }
                arena_reset(arena, mark);
        }
        assert_true(refused > packed.len);
}

TEST(packed_profile_with_promises_larger_than_itself_is_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(4));
        Profile *p;
        Error err = { 0 };

        buf_text(&out, "HPF2");
        varint_put_bytes(&out, SPAN("cpu"));
        varint_put_double(&out, 99);
        for (int i = 0; i < 8; i++)
                varint_put(&out, 0);
        varint_put(&out, 4000000000u); /* strings */
        assert_fails(profile_unpack(buf_span(&out), arena, &p, &err), err, ERR_CORRUPT);
        assert_true(span_contains(span_of(err.message), "byte"));
}

TEST(varints_have_one_form_and_know_their_end)
{
        static const uint64_t values[] = { 0,         1,     127,      128,
                                           16383,     16384, 1u << 31, UINT64_MAX / 2,
                                           UINT64_MAX };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (size_t i = 0; i < COUNT(values); i++) {
                Buf out = buf_in(arena, 100);
                VarReader in;

                varint_put(&out, values[i]);
                in = varint_from(buf_span(&out));
                assert_true(varint_next(&in) == values[i]);
                assert_false(in.bad);
                assert_int_equal(varint_next(&in), 0);
                assert_true(in.bad);
        }
}

TEST(varints_refuse_wide_and_padded_numbers)
{
        static const Span bad[] = { { "\x80\x00", 2 },
                                    { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10 },
                                    { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11 },
                                    { "\x80", 1 } };

        for (size_t i = 0; i < COUNT(bad); i++) {
                VarReader in = varint_from(bad[i]);

                assert_int_equal(varint_next(&in), 0);
                assert_true(in.bad);
        }
}
