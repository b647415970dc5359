#include "present/glyph.h"

#include "base/buf.h"
#include "base/utf8.h"

typedef struct Range {
        uint32_t first, last;
} Range;

static const Range no_columns[] = {
        { 0x0300, 0x036F },   { 0x0483, 0x0489 }, { 0x0591, 0x05BD }, { 0x0610, 0x061A },
        { 0x064B, 0x065F },   { 0x0900, 0x0902 }, { 0x0941, 0x0948 }, { 0x0E31, 0x0E31 },
        { 0x0E34, 0x0E3A },   { 0x0E47, 0x0E4E }, { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF },
        { 0x20D0, 0x20FF },   { 0x3099, 0x309A }, { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F },
        { 0xE0100, 0xE01EF },
};
static const Range two_columns[] = {
        { 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x2329, 0x232A },   { 0x23E9, 0x23EC },
        { 0x23F0, 0x23F0 },   { 0x23F3, 0x23F3 },   { 0x25FD, 0x25FE },   { 0x2614, 0x2615 },
        { 0x2648, 0x2653 },   { 0x267F, 0x267F },   { 0x2693, 0x2693 },   { 0x26A1, 0x26A1 },
        { 0x26AA, 0x26AB },   { 0x26BD, 0x26BE },   { 0x26C4, 0x26C5 },   { 0x26CE, 0x26CE },
        { 0x26D4, 0x26D4 },   { 0x26EA, 0x26EA },   { 0x26F2, 0x26F3 },   { 0x26F5, 0x26F5 },
        { 0x26FA, 0x26FA },   { 0x26FD, 0x26FD },   { 0x2705, 0x2705 },   { 0x270A, 0x270B },
        { 0x2728, 0x2728 },   { 0x274C, 0x274C },   { 0x274E, 0x274E },   { 0x2753, 0x2755 },
        { 0x2757, 0x2757 },   { 0x2795, 0x2797 },   { 0x27B0, 0x27B0 },   { 0x27BF, 0x27BF },
        { 0x2B1B, 0x2B1C },   { 0x2B50, 0x2B50 },   { 0x2B55, 0x2B55 },   { 0x2E80, 0x303E },
        { 0x3041, 0x33FF },   { 0x3400, 0x4DBF },   { 0x4E00, 0x9FFF },   { 0xA000, 0xA4CF },
        { 0xA960, 0xA97F },   { 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },
        { 0xFF00, 0xFF60 },   { 0xFFE0, 0xFFE6 },   { 0x16FE0, 0x18AFF }, { 0x1B000, 0x1B2FF },
        { 0x1F004, 0x1F004 }, { 0x1F0CF, 0x1F0CF }, { 0x1F18E, 0x1F18E }, { 0x1F191, 0x1F19A },
        { 0x1F200, 0x1F320 }, { 0x1F32D, 0x1F335 }, { 0x1F337, 0x1F37C }, { 0x1F37E, 0x1F393 },
        { 0x1F3A0, 0x1F3CA }, { 0x1F3CF, 0x1F3D3 }, { 0x1F3E0, 0x1F3F0 }, { 0x1F3F4, 0x1F3F4 },
        { 0x1F3F8, 0x1F43E }, { 0x1F440, 0x1F440 }, { 0x1F442, 0x1F4FC }, { 0x1F4FF, 0x1F53D },
        { 0x1F54B, 0x1F54E }, { 0x1F550, 0x1F567 }, { 0x1F57A, 0x1F57A }, { 0x1F595, 0x1F596 },
        { 0x1F5A4, 0x1F5A4 }, { 0x1F5FB, 0x1F64F }, { 0x1F680, 0x1F6C5 }, { 0x1F6CC, 0x1F6CC },
        { 0x1F6D0, 0x1F6D2 }, { 0x1F6D5, 0x1F6DF }, { 0x1F6EB, 0x1F6EC }, { 0x1F6F4, 0x1F6FC },
        { 0x1F7E0, 0x1F7EB }, { 0x1F90C, 0x1F93A }, { 0x1F93C, 0x1F945 }, { 0x1F947, 0x1F9FF },
        { 0x1FA70, 0x1FAFF }, { 0x20000, 0x2FFFD }, { 0x30000, 0x3FFFD },
};
/* Invisible, or they change the direction or the breaking of what follows. */
static const Range harmful[] = {
        { 0x0000, 0x001F }, { 0x007F, 0x009F }, { 0x00AD, 0x00AD }, { 0x061C, 0x061C },
        { 0x180E, 0x180E }, { 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F },
        { 0xFEFF, 0xFEFF }, { 0xFFF0, 0xFFFB }, { 0xFFFE, 0xFFFF }, { 0xE0000, 0xE007F },
};

static bool in_ranges(const Range *ranges, size_t n, uint32_t code)
{
        size_t low = 0;

        while (n) {
                size_t half = n / 2;

                if (code > ranges[low + half].last) {
                        low += half + 1;
                        n -= half + 1;
                } else if (code < ranges[low + half].first) {
                        n = half;
                } else {
                        return true;
                }
        }
        return false;
}

static uint32_t decode(Span s, size_t length)
{
        static const unsigned char lead_mask[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
        uint32_t code = (unsigned char)s.ptr[0] & lead_mask[length];

        for (size_t i = 1; i < length; i++)
                code = code << 6 | ((unsigned char)s.ptr[i] & 0x3F);
        return code;
}

static unsigned columns_of(uint32_t code)
{
        if (code < 0x300)
                return 1;
        if (in_ranges(no_columns, COUNT(no_columns), code))
                return 0;
        return in_ranges(two_columns, COUNT(two_columns), code) ? 2 : 1;
}

bool glyph_next(Span *rest, Glyph *ret)
{
        size_t length = utf8_length(*rest);

        if (rest->len == 0)
                return false;
        ret->valid = length > 0;
        ret->bytes = span_first(*rest, MAX(length, (size_t)1));
        ret->code = length ? decode(*rest, length) : (unsigned char)rest->ptr[0];
        ret->columns = length ? columns_of(ret->code) : 1;
        *rest = span_from(*rest, ret->bytes.len);
        return true;
}

size_t text_columns(Span s)
{
        size_t columns = 0;
        Glyph g;

        while (glyph_next(&s, &g))
                columns += g.columns;
        return columns;
}

Span text_first_columns(Span s, size_t columns)
{
        Span rest = s;
        size_t used = 0, bytes = 0;
        Glyph g;

        while (glyph_next(&rest, &g) && used + g.columns <= columns) {
                used += g.columns;
                bytes += g.bytes.len;
        }
        return span_first(s, bytes);
}

Span text_shorten(Arena *scratch, Span s, size_t columns)
{
        Span start = text_first_columns(s, columns);

        if (start.len == s.len || columns == 0)
                return start;
        start = span_trim(text_first_columns(s, columns - 1));
        return text_printf(scratch, "%.*s…", SPAN_ARG(start));
}

Span text_printf(Arena *arena, const char *format, ...)
{
        Buf text = buf_in(arena, MiB(1));
        va_list args;

        va_start(args, format);
        buf_vprintf(&text, format, args);
        va_end(args);
        return buf_span(&text);
}

static bool is_harmless(Glyph g)
{
        return g.valid && !in_ranges(harmful, COUNT(harmful), g.code);
}

static void add_clean(Buf *out, Glyph g, CleanMode mode)
{
        bool space = g.code == '\t' || g.code == '\n' || g.code == '\r';

        if (is_harmless(g))
                buf_add(out, g.bytes);
        else if (g.valid && g.code == '\n' && mode == CLEAN_LINES)
                buf_byte(out, '\n');
        else if (g.valid && space)
                buf_text(out, g.code == '\t' && mode == CLEAN_LINES ? "    " : " ");
        else if (g.code <= 0xFF)
                buf_printf(out, "\\x%02x", (unsigned)g.code);
        else
                buf_printf(out, "\\u%04x", (unsigned)g.code);
}

Span text_clean(Arena *scratch, Span s, CleanMode mode)
{
        Span rest = s;
        Buf out;
        Glyph g;

        while (rest.len && glyph_next(&rest, &g) && is_harmless(g))
                if (rest.len == 0)
                        return s;
        if (s.len == 0)
                return s;
        out = buf_in(scratch, s.len * 4 + 16);
        for (rest = s; glyph_next(&rest, &g);)
                add_clean(&out, g, mode);
        return buf_span(&out);
}
