#include "base/buf.h"

#include "harness.h"

#include <string.h>

TEST(buf_appends_in_order_and_ends_with_a_nul)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf b = buf_in(arena, KiB(1));
        Error err = { 0 };

        assert_string_equal(buf_span(&b).ptr, "");
        buf_text(&b, "p99");
        buf_byte(&b, ' ');
        buf_printf(&b, "%d %s", 12, "ms");
        buf_repeat(&b, '-', 3);
        buf_add(&b, SPAN("a\0b"));
        buf_text(&b, NULL);
        buf_add(&b, (Span){ 0 });
        buf_printf(&b, "%s", "");
        assert_true(span_eq(buf_span(&b), SPAN("p99 12 ms---a\0b")));
        assert_int_equal(b.ptr[b.len], 0);
        assert_ok(buf_check(&b, &err), err);
}

TEST(buf_grows_and_keeps_what_it_holds)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Buf b = buf_in(arena, MiB(1));

        for (int i = 0; i < 50000; i++)
                buf_printf(&b, "%05d", i);
        assert_int_equal(b.len, 250000);
        for (int i = 0; i < 50000; i += 777)
                assert_span(span_first(span_from(buf_span(&b), (size_t)i * 5), 5),
                            arena_printf(arena, "%05d", i));
}

TEST(buf_fills_to_its_ceiling_exactly)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Error err = { 0 };

        for (size_t ceiling = 0; ceiling < 600; ceiling += 7) {
                Buf b = buf_in(arena, ceiling);

                for (size_t i = 0; i < ceiling; i++)
                        buf_byte(&b, 'x');
                assert_int_equal(b.len, ceiling);
                assert_ok(buf_check(&b, &err), err);
                buf_byte(&b, 'y');
                assert_int_equal(b.len, ceiling);
                assert_fails(buf_check(&b, &err), err, ERR_LIMIT);
        }
}

TEST(buf_stays_as_it_was_past_the_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf b = buf_in(arena, 10);
        Error err = { 0 };

        buf_text(&b, "12345678");
        buf_printf(&b, "%s", "abc");
        buf_text(&b, "9");
        buf_repeat(&b, 'x', SIZE_MAX);
        assert_span(buf_span(&b), "12345678");
        assert_fails(buf_check(&b, &err), err, ERR_LIMIT);
        buf_clear(&b);
        assert_ok(buf_check(&b, &err), err);
        buf_text(&b, "0123456789");
        assert_span(buf_span(&b), "0123456789");
}

TEST(buf_remembers_that_the_arena_was_full)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Buf b = buf_in(arena, SIZE_MAX);
        Error err = { 0 };

        for (int i = 0; i < 10000; i++)
                buf_text(&b, "0123456789");
        assert_in_range(b.len, KiB(8), KiB(64));
        assert_int_equal(b.len % 10, 0);
        assert_fails(buf_check(&b, &err), err, ERR_LIMIT);
}

TEST(buf_reserves_room_to_write_into)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf b = buf_in(arena, 1000);
        char *at = buf_reserve(&b, 999);

        assert_non_null(at);
        memcpy(at, "abc", 3);
        buf_grew(&b, 3);
        assert_span(buf_span(&b), "abc");
        assert_null(buf_reserve(&b, 998));
}

TEST(buf_can_append_itself)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf b = buf_in(arena, KiB(64));

        buf_text(&b, "ab");
        for (int i = 0; i < 10; i++)
                buf_add(&b, buf_span(&b));
        assert_int_equal(b.len, 2048);
        assert_true(span_ends(buf_span(&b), "ababab"));
}
