#include "base/utf8.h"

/* Table 3-7 of the Unicode standard: lead byte, range of the second byte, bytes in all. */
typedef struct LeadRow {
        unsigned char first, last;
        unsigned char second_first, second_last;
        size_t length;
} LeadRow;

static const LeadRow lead_rows[] = {
        { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 },
        { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
        { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
};

static bool is_rest(const unsigned char *bytes, const LeadRow *row)
{
        if (bytes[1] < row->second_first || bytes[1] > row->second_last)
                return false;
        for (size_t i = 2; i < row->length; i++)
                if ((bytes[i] & 0xC0) != 0x80)
                        return false;
        return true;
}

size_t utf8_length(Span s)
{
        const unsigned char *bytes = (const unsigned char *)s.ptr;

        if (s.len == 0)
                return 0;
        if (bytes[0] < 0x80)
                return 1;
        for (size_t i = 0; i < COUNT(lead_rows); i++) {
                const LeadRow *row = &lead_rows[i];

                if (bytes[0] >= row->first && bytes[0] <= row->last)
                        return s.len >= row->length && is_rest(bytes, row) ? row->length : 0;
        }
        return 0;
}

size_t utf8_put(char ret[static 4], uint32_t code)
{
        static const unsigned char marks[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
        size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

        BUG_IF(code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF));
        for (size_t i = n; i-- > 1; code >>= 6)
                ret[i] = (char)(0x80 | (code & 0x3F));
        ret[0] = (char)(marks[n] | code);
        return n;
}
