#include "base/utf8.h"

#include "harness.h"

TEST(utf8_reads_back_every_character)
{
        for (uint32_t code = 0; code <= 0x10FFFF; code++) {
                char bytes[4];
                size_t n;

                if (code >= 0xD800 && code <= 0xDFFF)
                        continue;
                n = utf8_put(bytes, code);
                if (utf8_length((Span){ bytes, n }) != n)
                        fail_msg("U+%04X has %zu bytes", code, n);
                if (n > 1 && utf8_length((Span){ bytes, n - 1 }) != 0)
                        fail_msg("U+%04X is complete without its last byte", code);
        }
}

TEST(utf8_refuses_what_rfc_3629_forbids)
{
        assert_int_equal(utf8_length((Span){ 0 }), 0);
        assert_int_equal(utf8_length(SPAN("\x80")), 0);
        assert_int_equal(utf8_length(SPAN("\xC0\xAF")), 0);
        assert_int_equal(utf8_length(SPAN("\xC1\xBF")), 0);
        assert_int_equal(utf8_length(SPAN("\xE0\x9F\xBF")), 0);
        assert_int_equal(utf8_length(SPAN("\xED\xA0\x80")), 0);
        assert_int_equal(utf8_length(SPAN("\xF0\x8F\xBF\xBF")), 0);
        assert_int_equal(utf8_length(SPAN("\xF4\x90\x80\x80")), 0);
        assert_int_equal(utf8_length(SPAN("\xF5\x80\x80\x80")), 0);
        assert_int_equal(utf8_length(SPAN("\xE2\x82(")), 0);
        assert_int_equal(utf8_length(SPAN("\xF0\x9F\x90(")), 0);
}
