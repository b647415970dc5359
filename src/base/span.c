#include "base/span.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

Span span_of(const char *text)
{
        return (Span){ text, text ? strlen(text) : 0 };
}

Span span_copy(Arena *arena, Span s)
{
        return (Span){ arena_text(arena, s.ptr, s.len), s.len };
}

char *span_text(Arena *arena, Span s)
{
        return arena_text(arena, s.ptr, s.len);
}

bool span_eq(Span a, Span b)
{
        return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool span_is(Span a, const char *text)
{
        return span_eq(a, span_of(text));
}

bool span_is_any_case(Span a, const char *text)
{
        return a.len == strlen(text) && (a.len == 0 || strncasecmp(a.ptr, text, a.len) == 0);
}

int span_compare(Span a, Span b)
{
        size_t n = MIN(a.len, b.len);
        int order = n ? memcmp(a.ptr, b.ptr, n) : 0;

        if (order)
                return order;
        return a.len < b.len ? -1 : a.len > b.len;
}

bool span_starts(Span s, const char *prefix)
{
        size_t n = strlen(prefix);

        return s.len >= n && (n == 0 || memcmp(s.ptr, prefix, n) == 0);
}

bool span_ends(Span s, const char *suffix)
{
        size_t n = strlen(suffix);

        return s.len >= n && (n == 0 || memcmp(s.ptr + s.len - n, suffix, n) == 0);
}

bool span_contains(Span s, const char *needle)
{
        return span_find(s, span_of(needle)) >= 0;
}

ptrdiff_t span_find_byte(Span s, char byte)
{
        const char *p = s.len ? memchr(s.ptr, byte, s.len) : NULL;

        return p ? p - s.ptr : -1;
}

ptrdiff_t span_find(Span s, Span needle)
{
        const char *p;

        if (needle.len == 0)
                return 0;
        p = s.len >= needle.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
        return p ? p - s.ptr : -1;
}

Span span_from(Span s, size_t at)
{
        at = MIN(at, s.len);
        return (Span){ s.ptr ? s.ptr + at : NULL, s.len - at };
}

Span span_first(Span s, size_t n)
{
        return (Span){ s.ptr, MIN(n, s.len) };
}

static bool is_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

Span span_trim(Span s)
{
        while (s.len && is_space(s.ptr[0]))
                s = span_from(s, 1);
        while (s.len && is_space(s.ptr[s.len - 1]))
                s.len--;
        return s;
}

Span span_cut(Span *rest, char separator)
{
        ptrdiff_t at = span_find_byte(*rest, separator);
        Span piece = *rest;

        if (at < 0) {
                *rest = (Span){ 0 };
                return piece;
        }
        *rest = span_from(*rest, (size_t)at + 1);
        return span_first(piece, (size_t)at);
}

bool span_next_line(Span *rest, Span *ret_line)
{
        Span line;

        if (rest->len == 0)
                return false;
        line = span_cut(rest, '\n');
        if (span_ends(line, "\r"))
                line.len--;
        *ret_line = line;
        return true;
}

Span span_last_line(Span text)
{
        Span line, last = { 0 };

        while (span_next_line(&text, &line))
                if (span_trim(line).len)
                        last = span_trim(line);
        return last;
}

bool span_next_word(Span *rest, Span *ret_word)
{
        size_t n = 0;

        while (rest->len && is_space(rest->ptr[0]))
                *rest = span_from(*rest, 1);
        if (rest->len == 0)
                return false;
        while (n < rest->len && !is_space(rest->ptr[n]))
                n++;
        *ret_word = span_first(*rest, n);
        *rest = span_from(*rest, n);
        return true;
}

static unsigned digit_value(unsigned char c)
{
        if (c >= '0' && c <= '9')
                return c - (unsigned)'0';
        if (c >= 'a' && c <= 'f')
                return c - (unsigned)'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - (unsigned)'A' + 10;
        return UINT32_MAX;
}

static int digits(Span s, unsigned base, uint64_t *ret, Error *err)
{
        uint64_t value = 0;

        if (s.len == 0)
                return fail(err, ERR_INPUT, "expected a number, found nothing");
        for (size_t i = 0; i < s.len; i++) {
                unsigned char c = (unsigned char)s.ptr[i];
                unsigned digit = digit_value(c);

                if (digit >= base)
                        return fail(err, ERR_INPUT, "expected a number, found '%.*s'", SPAN_ARG(s));
                if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
                    __builtin_add_overflow(value, (uint64_t)digit, &value))
                        return fail(err, ERR_INPUT, "'%.*s' is too large", SPAN_ARG(s));
        }
        *ret = value;
        return 0;
}

int span_to_u64(Span s, uint64_t *ret, Error *err)
{
        return digits(s, 10, ret, err);
}

int span_to_i64(Span s, int64_t *ret, Error *err)
{
        bool negative = span_starts(s, "-");
        uint64_t magnitude, limit = (uint64_t)INT64_MAX + negative;
        int r = digits(negative ? span_from(s, 1) : s, 10, &magnitude, err);

        if (r < 0)
                return r;
        if (magnitude > limit)
                return fail(err, ERR_INPUT, "'%.*s' is out of range", SPAN_ARG(s));
        *ret = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
        return 0;
}

int span_to_hex(Span s, uint64_t *ret, Error *err)
{
        if (span_starts(s, "0x") || span_starts(s, "0X"))
                s = span_from(s, 2);
        return digits(s, 16, ret, err);
}

static bool is_decimal(Span s)
{
        bool digit = false;

        for (size_t i = 0; i < s.len; i++) {
                char c = s.ptr[i];

                digit |= c >= '0' && c <= '9';
                if (!(c >= '0' && c <= '9') && !strchr("+-.eE", c))
                        return false;
        }
        return digit;
}

int span_to_double(Span s, double *ret, Error *err)
{
        char text[1100], *end; /* the longest exact decimal of a double has 1077 bytes */
        double value;

        if (s.len >= sizeof(text) || !is_decimal(s))
                return fail(err, ERR_INPUT, "expected a number, found '%.*s'", SPAN_ARG(s));
        memcpy(text, s.ptr, s.len);
        text[s.len] = '\0';
        value = strtod(text, &end);
        if (end != text + s.len)
                return fail(err, ERR_INPUT, "expected a number, found '%s'", text);
        if (!isfinite(value))
                return fail(err, ERR_INPUT, "'%s' is out of range", text);
        *ret = value;
        return 0;
}

uint64_t span_hash(Span s)
{
        return span_hash_seeded(s, 0);
}

uint64_t span_hash_seeded(Span s, uint64_t seed)
{
        uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed; /* FNV-1a, finished with a mix */

        for (size_t i = 0; i < s.len; i++)
                h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
        h ^= h >> 32;
        h *= UINT64_C(0xd6e8feb86659fd93);
        return h ^ (h >> 32);
}

size_t span_distance(Span a, Span b)
{
        size_t row[64];

        if (a.len >= COUNT(row) || b.len >= COUNT(row))
                return SIZE_MAX;
        for (size_t j = 0; j <= b.len; j++)
                row[j] = j;
        for (size_t i = 1; i <= a.len; i++) {
                size_t diagonal = row[0];

                row[0] = i;
                for (size_t j = 1; j <= b.len; j++) {
                        size_t above = row[j];
                        size_t change = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);

                        row[j] = MIN(MIN(row[j] + 1, row[j - 1] + 1), change);
                        diagonal = above;
                }
        }
        return row[b.len];
}
