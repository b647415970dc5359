#include "instrument/profile/dwarf_cursor.h"

#include "harness.h"

static Cursor over(const void *bytes, size_t n)
{
        return cursor_of((Span){ bytes, n });
}

TEST(cursor_reads_fixed_numbers_and_fails_at_the_end)
{
        const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
        Cursor c = over(bytes, sizeof(bytes));

        assert_int_equal(cursor_u8(&c), 1);
        assert_int_equal(cursor_u16(&c), 0x0302);
        assert_int_equal(cursor_u32(&c), 0x07060504);
        assert_true(cursor_u64(&c) == UINT64_C(0x0f0e0d0c0b0a0908));
        assert_false(c.failed);
        assert_int_equal(cursor_u16(&c), 0);
        assert_true(c.failed);
        assert_int_equal(cursor_left(&c), 0);
}

/* The examples of DWARF 5, appendix C. */
TEST(leb128_numbers_are_the_examples_of_the_standard)
{
        const struct {
                uint8_t bytes[3];
                uint64_t value;
        } unsigned_rows[] = { { { 2 }, 2 },
                              { { 127 }, 127 },
                              { { 0x80, 1 }, 128 },
                              { { 0x81, 1 }, 129 },
                              { { 0xb9, 0x64 }, 12857 } };
        const struct {
                uint8_t bytes[3];
                int64_t value;
        } signed_rows[] = { { { 2 }, 2 },         { { 0x7e }, -2 },
                            { { 0xff, 0 }, 127 }, { { 0x81, 0x7f }, -127 },
                            { { 0x80, 1 }, 128 }, { { 0x80, 0x7f }, -128 } };

        for (size_t i = 0; i < COUNT(unsigned_rows); i++) {
                Cursor c = over(unsigned_rows[i].bytes, 3);

                assert_true(cursor_uleb(&c) == unsigned_rows[i].value);
        }
        for (size_t i = 0; i < COUNT(signed_rows); i++) {
                Cursor c = over(signed_rows[i].bytes, 3);

                assert_true(cursor_sleb(&c) == signed_rows[i].value);
        }
}

TEST(leb128_without_end_fails_and_too_long_ones_keep_64_bits)
{
        uint8_t endless[32], lengthy[12] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0xff, 0xff, 0x01 };
        Cursor c = over(endless, sizeof(endless));

        memset(endless, 0x80, sizeof(endless));
        (void)cursor_uleb(&c);
        assert_true(c.failed);
        c = over(lengthy, sizeof(lengthy));
        assert_true(cursor_uleb(&c) == UINT64_MAX);
        assert_false(c.failed);
}

TEST(spans_are_cut_inside_the_bytes_only)
{
        const char bytes[] = "abcdef";
        Cursor c = over(bytes, 6);

        assert_span(cursor_span(&c, 4), "abcd");
        assert_int_equal(cursor_span(&c, 3).len, 0);
        assert_true(c.failed);
        c = over(bytes, 6);
        (void)cursor_span(&c, UINT64_MAX);
        assert_true(c.failed);
}

TEST(texts_without_a_nul_are_skipped_to_the_end)
{
        Cursor c = over("ab\0cd", 5);

        cursor_skip_text(&c);
        assert_int_equal(cursor_left(&c), 2);
        cursor_skip_text(&c);
        assert_true(c.failed);
}

TEST(pointers_count_from_their_place_or_their_section)
{
        const uint8_t bytes[] = { 0, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff, 0, 1 };
        PointerBase base = { .section = bytes, .section_vaddr = 0x1000, .data_vaddr = 0x9000 };
        Cursor c = over(bytes, sizeof(bytes));

        (void)cursor_u32(&c);
        assert_int_equal(cursor_pointer(&c, EH_PE_PCREL | EH_PE_SDATA4, &base), 0x1004 - 16);
        c = over(bytes, sizeof(bytes));
        (void)cursor_u32(&c);
        assert_int_equal(cursor_pointer(&c, EH_PE_DATAREL | EH_PE_SDATA4, &base), 0x9000 - 16);
        c = over(bytes + 8, 2);
        assert_int_equal(cursor_pointer(&c, 0x02, &base), 0x100);
}

TEST(pointers_of_unknown_encodings_fail)
{
        const uint8_t bytes[16] = { 0 };
        PointerBase base = { .section = bytes };
        const uint8_t encodings[] = { 0x05, 0x0f, 0x20, 0x40, 0x50, 0x8b, EH_PE_OMIT };

        for (size_t i = 0; i < COUNT(encodings); i++) {
                Cursor c = over(bytes, sizeof(bytes));

                (void)cursor_pointer(&c, encodings[i], &base);
                assert_true(c.failed);
        }
}
