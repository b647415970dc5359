#include "import/profile/json_pull.h"
#include "base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

JsonPull json_pull(Span text, Span name, Arena *scratch, Error *err)
{
        const char *start = text.ptr ? text.ptr : "";

        return (JsonPull){ .start = start,
                           .at = start,
                           .end = start + text.len,
                           .name = name,
                           .scratch = scratch,
                           .err = err };
}

JsonPull pull_at(const JsonPull *p, Span raw)
{
        JsonPull inner = *p;

        inner.at = raw.ptr ? raw.ptr : p->start;
        inner.end = inner.at + raw.len;
        inner.fresh = false;
        return inner;
}

/* Line and column of a byte, both from 1; columns count bytes. */
static void place_of(const JsonPull *p, const char *at, size_t *line, size_t *column)
{
        const char *line_start = p->start;

        *line = 1;
        for (const char *c = p->start; c < at; c++) {
                if (*c != '\n')
                        continue;
                (*line)++;
                line_start = c + 1;
        }
        *column = (size_t)(at - line_start) + 1;
}

static int fail_args(JsonPull *p, const char *at, const char *format, va_list args)
{
        char text[400];
        size_t line, column;

        if (p->failed)
                return p->failed;
        vsnprintf(text, sizeof(text), format, args);
        place_of(p, at, &line, &column);
        p->failed =
                fail(p->err, ERR_INPUT, "%.*s:%zu:%zu: %s", SPAN_ARG(p->name), line, column, text);
        return p->failed;
}

int pull_fail(JsonPull *p, const char *format, ...)
{
        va_list args;
        int r;

        va_start(args, format);
        r = fail_args(p, p->at, format, args);
        va_end(args);
        return r;
}

int pull_fail_at(JsonPull *p, const char *at, const char *format, ...)
{
        va_list args;
        int r;

        va_start(args, format);
        r = fail_args(p, at, format, args);
        va_end(args);
        return r;
}

static void fail_expected(JsonPull *p, const char *wanted)
{
        unsigned char c;

        if (p->failed)
                return;
        if (p->at >= p->end) {
                p->cut = true;
                pull_fail(p, "expected %s, found the end", wanted);
                return;
        }
        c = (unsigned char)*p->at;
        if (c > 0x20 && c < 0x7f)
                pull_fail(p, "expected %s, found '%c'", wanted, c);
        else
                pull_fail(p, "expected %s, found the byte 0x%02x", wanted, (unsigned)c);
}

static void skip_space(JsonPull *p)
{
        while (p->at < p->end &&
               (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
                p->at++;
}

char pull_kind(JsonPull *p)
{
        if (p->failed)
                return 0;
        skip_space(p);
        if (p->at >= p->end)
                return 0;
        return (*p->at >= '0' && *p->at <= '9') || *p->at == '-' ? '0' : *p->at;
}

bool pull_open(JsonPull *p, char bracket)
{
        if (p->failed)
                return false;
        if (pull_kind(p) != bracket) {
                fail_expected(p, bracket == '{' ? "an object" : "an array");
                return false;
        }
        p->at++;
        p->fresh = true;
        return true;
}

/* At the next member or item: true; past the closing bracket: false. */
static bool next(JsonPull *p, char closing)
{
        bool fresh = p->fresh, comma;

        if (p->failed)
                return false;
        p->fresh = false;
        skip_space(p);
        comma = p->at < p->end && *p->at == ',' && !fresh;
        p->at += comma;
        if (comma)
                skip_space(p);
        if (p->at < p->end && *p->at == closing) {
                p->at++;
                return false;
        }
        if (p->at >= p->end || (!fresh && !comma)) {
                fail_expected(p, closing == '}' ? "',' or '}'" : "',' or ']'");
                return false;
        }
        return true;
}

/* The string's text between the quotes; steps past it. */
static bool find_string(JsonPull *p, Span *ret, bool *ret_escaped)
{
        const char *start = p->at + 1, *c = start;

        *ret_escaped = false;
        while (c < p->end && *c != '"') {
                if (*c == '\\') {
                        *ret_escaped = true;
                        c++;
                }
                c++;
        }
        if (c >= p->end) {
                p->cut = true;
                pull_fail(p, "this string does not end");
                return false;
        }
        *ret = (Span){ start, (size_t)(c - start) };
        p->at = c + 1;
        return true;
}

static bool read_unit(Span text, size_t at, uint32_t *ret)
{
        Span digits = span_first(span_from(text, at), 6);
        uint64_t unit;

        if (digits.len < 6 || digits.ptr[0] != '\\' || digits.ptr[1] != 'u' ||
            digits.ptr[3] == 'x' || digits.ptr[3] == 'X' ||
            span_to_hex(span_from(digits, 2), &unit, NULL) < 0)
                return false;
        *ret = (uint32_t)unit;
        return true;
}

/* Bytes of the source that were used; half a surrogate pair becomes U+FFFD, as V8 writes such. */
static size_t decode_unit(Span text, size_t at, char **out)
{
        uint32_t unit, low;
        size_t used = 6;

        if (!read_unit(text, at, &unit))
                return 0;
        if (unit >= 0xD800 && unit <= 0xDBFF && read_unit(text, at + 6, &low) && low >= 0xDC00 &&
            low <= 0xDFFF) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                used = 12;
        } else if (unit >= 0xD800 && unit <= 0xDFFF) {
                unit = 0xFFFD;
        }
        *out += utf8_put(*out, unit);
        return used;
}

static size_t decode_escape(Span text, size_t at, char **out)
{
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        char letter = at + 1 < text.len ? text.ptr[at + 1] : '\0';
        const char *found = letter ? strchr(from, letter) : NULL;

        if (letter == 'u')
                return decode_unit(text, at, out);
        if (!found)
                return 0;
        *(*out)++ = to[found - from];
        return 2;
}

static Span decode(JsonPull *p, Span text)
{
        char *copy = new_try(p->scratch, char, text.len + 1), *out = copy;

        if (!copy) {
                p->failed =
                        fail(p->err, ERR_LIMIT, "%.*s: its strings do not fit", SPAN_ARG(p->name));
                return SPAN("");
        }
        for (size_t at = 0; at < text.len;) {
                size_t used = 1;

                if (text.ptr[at] == '\\')
                        used = decode_escape(text, at, &out);
                else
                        *out++ = text.ptr[at];
                if (used == 0) {
                        pull_fail_at(p, text.ptr + at, "unknown escape in a string");
                        return SPAN("");
                }
                at += used;
        }
        return (Span){ copy, (size_t)(out - copy) };
}

Span pull_text(JsonPull *p)
{
        bool escaped;
        Span text;

        if (pull_kind(p) != '"') {
                fail_expected(p, "a string");
                return SPAN("");
        }
        if (!find_string(p, &text, &escaped))
                return SPAN("");
        return escaped ? decode(p, text) : text;
}

bool pull_key(JsonPull *p, Span *ret_key)
{
        if (!next(p, '}'))
                return false;
        *ret_key = pull_text(p);
        skip_space(p);
        if (!p->failed && (p->at >= p->end || *p->at != ':'))
                fail_expected(p, "':'");
        p->at += !p->failed;
        return !p->failed;
}

bool pull_item(JsonPull *p)
{
        return next(p, ']');
}

static bool is_number_byte(char c)
{
        return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static Span number_text(JsonPull *p)
{
        const char *start;

        if (pull_kind(p) != '0') {
                fail_expected(p, "a number");
                return SPAN("");
        }
        start = p->at;
        while (p->at < p->end && is_number_byte(*p->at))
                p->at++;
        return (Span){ start, (size_t)(p->at - start) };
}

/* Digits with at most one point, as `value` times 10^-decimals, when they fit 63 bits. */
static bool read_decimal(Span text, int64_t *value, unsigned *decimals)
{
        bool negative = text.len && text.ptr[0] == '-', point = false;
        size_t digits = 0;
        int64_t sum = 0;

        *decimals = 0;
        for (size_t i = negative; i < text.len; i++) {
                if (text.ptr[i] == '.' && !point && digits) {
                        point = true;
                        continue;
                }
                if (text.ptr[i] < '0' || text.ptr[i] > '9' || ++digits > 19 ||
                    __builtin_mul_overflow(sum, INT64_C(10), &sum) ||
                    __builtin_add_overflow(sum, (int64_t)(text.ptr[i] - '0'), &sum))
                        return false;
                *decimals += point;
        }
        if (digits == 0 || (point && *decimals == 0))
                return false;
        *value = negative ? -sum : sum;
        return true;
}

static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18 };

/* Up to 2^53 over a power of ten that a double holds exactly: one rounding, the right one. */
static double number_of(JsonPull *p, Span text)
{
        unsigned decimals;
        int64_t value;
        double number = 0;
        Error cause = { 0 };

        if (read_decimal(text, &value, &decimals) && value < INT64_C(1) << 53 &&
            value > -(INT64_C(1) << 53))
                return (double)value / powers[decimals];
        if (text.len && !p->failed && span_to_double(text, &number, &cause) < 0)
                pull_fail_at(p, text.ptr, "%s", cause.message);
        return number;
}

double pull_number(JsonPull *p)
{
        return number_of(p, number_text(p));
}

uint64_t pull_u64(JsonPull *p)
{
        Span text = number_text(p);
        uint64_t value = 0;
        double number;

        if (p->failed || span_to_u64(text, &value, NULL) == 0)
                return value;
        number = number_of(p, text);
        if (!(number >= 0 && number < 0x1p64) || number != floor(number)) {
                pull_fail_at(p, text.ptr, "expected a whole number, found %.*s", SPAN_ARG(text));
                return 0;
        }
        return (uint64_t)number;
}

int64_t pull_i64(JsonPull *p)
{
        Span text = number_text(p);
        int64_t value = 0;
        double number;

        if (p->failed || span_to_i64(text, &value, NULL) == 0)
                return value;
        number = number_of(p, text);
        if (!(fabs(number) < 0x1p63) || number != floor(number)) {
                pull_fail_at(p, text.ptr, "expected a whole number, found %.*s", SPAN_ARG(text));
                return 0;
        }
        return (int64_t)number;
}

int64_t pull_scaled(JsonPull *p, unsigned decimals)
{
        Span text = number_text(p);
        unsigned has;
        int64_t value, scaled;
        double number;

        if (read_decimal(text, &value, &has) && has <= decimals &&
            !__builtin_mul_overflow(value, (int64_t)powers[decimals - has], &scaled) &&
            scaled > INT64_MIN / 4 && scaled < INT64_MAX / 4)
                return scaled;
        number = number_of(p, text) * powers[decimals];
        if (!p->failed && !(fabs(number) < 0x1p61))
                pull_fail_at(p, text.ptr, "%.*s is out of range", SPAN_ARG(text));
        return p->failed ? 0 : llround(number);
}

bool pull_null(JsonPull *p)
{
        if (pull_kind(p) != 'n')
                return false;
        pull_skip(p);
        return true;
}

static void skip_word(JsonPull *p)
{
        const char *start = p->at;

        while (p->at < p->end && ((*p->at >= 'a' && *p->at <= 'z') || is_number_byte(*p->at) ||
                                  (*p->at >= 'A' && *p->at <= 'Z')))
                p->at++;
        if (p->at == start)
                fail_expected(p, "a value");
}

/* Which closing brackets are due, one bit a level: set for '}'. */
typedef struct Brackets {
        uint64_t bits[JSON_PULL_DEPTH / 64];
        size_t depth;
} Brackets;

static bool brackets_open(Brackets *b, char c)
{
        uint64_t bit = UINT64_C(1) << (b->depth % 64);

        if (b->depth >= JSON_PULL_DEPTH)
                return false;
        if (c == '{')
                b->bits[b->depth / 64] |= bit;
        else
                b->bits[b->depth / 64] &= ~bit;
        b->depth++;
        return true;
}

static bool brackets_close(Brackets *b, char c)
{
        if (b->depth == 0)
                return false;
        b->depth--;
        return (b->bits[b->depth / 64] >> (b->depth % 64) & 1) == (c == '}');
}

static void skip_nested(JsonPull *p)
{
        Brackets b = { .depth = 0 };
        bool escaped;
        Span text;

        do {
                char c = p->at < p->end ? *p->at : '\0';

                if (p->at >= p->end)
                        fail_expected(p, "the rest of this value");
                else if (c == '"')
                        find_string(p, &text, &escaped);
                else if (c == '{' || c == '[') {
                        if (!brackets_open(&b, c))
                                pull_fail(p, "more than %d levels of nesting", JSON_PULL_DEPTH);
                        p->at++;
                } else if (c == '}' || c == ']') {
                        if (!brackets_close(&b, c))
                                pull_fail(p, "'%c' closes nothing", c);
                        p->at++;
                } else
                        p->at++;
        } while (b.depth && !p->failed);
}

void pull_skip(JsonPull *p)
{
        char kind = pull_kind(p);
        bool escaped;
        Span text;

        if (p->failed)
                return;
        if (kind == '{' || kind == '[')
                skip_nested(p);
        else if (kind == '"')
                find_string(p, &text, &escaped);
        else
                skip_word(p);
}

Span pull_raw(JsonPull *p)
{
        const char *start;

        pull_kind(p);
        start = p->at;
        pull_skip(p);
        return (Span){ start, (size_t)(p->at - start) };
}

void pull_end(JsonPull *p)
{
        if (pull_kind(p) != 0)
                fail_expected(p, "the end");
}

static bool keep_field(JsonPull *p, const PullField *fields, size_t n, Span key)
{
        for (size_t i = 0; i < n; i++) {
                if (!span_is(key, fields[i].key))
                        continue;
                *fields[i].ret_raw = pull_raw(p);
                if (span_is(*fields[i].ret_raw, "null"))
                        *fields[i].ret_raw = (Span){ 0 };
                return true;
        }
        return false;
}

void pull_fields(JsonPull *p, const PullField *fields, size_t n)
{
        Span key;

        for (size_t i = 0; i < n; i++)
                *fields[i].ret_raw = (Span){ 0 };
        if (!pull_open(p, '{'))
                return;
        while (pull_key(p, &key))
                if (!keep_field(p, fields, n, key))
                        pull_skip(p);
}

Span pull_text_of(const JsonPull *p, Span raw, int *failed)
{
        JsonPull inner = pull_at(p, raw);
        Span text = raw.len && raw.ptr[0] == '"' ? pull_text(&inner) : SPAN("");

        if (inner.failed)
                *failed = inner.failed;
        return text;
}

double pull_number_of(const JsonPull *p, Span raw, double otherwise, int *failed)
{
        JsonPull inner = pull_at(p, raw);
        double number = raw.len && pull_kind(&inner) == '0' ? pull_number(&inner) : otherwise;

        if (inner.failed)
                *failed = inner.failed;
        return number;
}
