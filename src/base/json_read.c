/* A recursive reader over one Span: `at` walks forward, the line is known at every byte. */

#include "base/json.h"
#include "base/utf8.h"
#include "base/value_build.h"

#include <string.h>

typedef struct Reader {
        const char *at, *end;
        const char *line_start; /* moved on past every byte that is not a column of its own */
        uint32_t line;
        unsigned depth;
        bool strict;
        Arena *arena;
        Document *doc;
        Error *err;
} Reader;

static Place place_of(const Reader *in, const char *at)
{
        return (Place){ in->line, (uint32_t)(at - in->line_start) + 1 };
}

#define STUMBLE(in, ...) \
        value_fail_at((in)->err, ERR_INPUT, (in)->doc->name, place_of((in), (in)->at), __VA_ARGS__)

static bool more(const Reader *in)
{
        return in->at < in->end;
}

static Span rest_of(const Reader *in)
{
        return (Span){ in->at, (size_t)(in->end - in->at) };
}

static bool next_is(const Reader *in, const char *text)
{
        return span_starts(rest_of(in), text);
}

static bool next_is_byte(const Reader *in, char c)
{
        return more(in) && *in->at == c;
}

/* "found 'x'" for the byte where the reader stopped. */
static int fail_expected(const Reader *in, const char *wanted)
{
        size_t n = utf8_length(rest_of(in));

        if (!more(in))
                return STUMBLE(in, "expected %s, found the end", wanted);
        if (n == 0 || (unsigned char)*in->at < 0x20)
                return STUMBLE(in, "expected %s, found the byte 0x%02x", wanted,
                               (unsigned)(unsigned char)*in->at);
        return STUMBLE(in, "expected %s, found '%.*s'", wanted, (int)n, in->at);
}

/* Steps over one character of a string or comment. */
static int step_over(Reader *in)
{
        size_t n = (unsigned char)*in->at < 0x80 ? 1 : utf8_length(rest_of(in));

        if (n == 0)
                return STUMBLE(in, "the byte 0x%02x is not UTF-8",
                               (unsigned)(unsigned char)*in->at);
        in->at += n;
        in->line_start += n - 1;
        if (in->at[-1] == '\n') {
                in->line++;
                in->line_start = in->at;
        }
        return 0;
}

static int skip_line_comment(Reader *in)
{
        int r = 0;

        while (r == 0 && more(in) && *in->at != '\n')
                r = step_over(in);
        return r;
}

static int skip_block_comment(Reader *in)
{
        Reader start = *in;
        int r = 0;

        in->at += 2;
        while (r == 0 && more(in) && !next_is(in, "*/"))
                r = step_over(in);
        if (r < 0)
                return r;
        if (!more(in))
                return STUMBLE(&start, "this comment does not end");
        in->at += 2;
        return 0;
}

static int skip_comment(Reader *in)
{
        if (in->strict)
                return STUMBLE(in, "comments are not allowed here");
        return next_is(in, "//") ? skip_line_comment(in) : skip_block_comment(in);
}

static int skip_space(Reader *in)
{
        int r = 0;

        while (r == 0 && more(in)) {
                if (strchr(" \t\r\n", *in->at) && *in->at)
                        r = step_over(in);
                else if (next_is(in, "//") || next_is(in, "/*"))
                        r = skip_comment(in);
                else
                        break;
        }
        return r;
}

/* The four digits of a \u escape. */
static int read_unit(Reader *in, uint32_t *ret)
{
        Span digits = span_first(span_from(rest_of(in), 2), 4);
        uint64_t unit = 0;

        if (digits.len < 4 || span_starts(digits, "0x") || span_starts(digits, "0X") ||
            span_to_hex(digits, &unit, NULL) < 0)
                return STUMBLE(in, "expected four hexadecimal digits after '\\u'");
        in->at += 6;
        *ret = (uint32_t)unit;
        return 0;
}

static int read_unicode_escape(Reader *in, char **out)
{
        uint32_t unit, low = 0;
        Reader start = *in;
        int r = read_unit(in, &unit);

        if (r < 0)
                return r;
        if (unit >= 0xD800 && unit <= 0xDFFF) {
                if (unit >= 0xDC00 || !next_is(in, "\\u"))
                        return STUMBLE(&start, "half of a surrogate pair");
                r = read_unit(in, &low);
                if (r < 0)
                        return r;
                if (low < 0xDC00 || low > 0xDFFF)
                        return STUMBLE(&start, "half of a surrogate pair");
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
        *out += utf8_put(*out, unit);
        return 0;
}

static int read_escape(Reader *in, char **out)
{
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char *letter;

        if (next_is(in, "\\u"))
                return read_unicode_escape(in, out);
        letter = in->end - in->at > 1 && in->at[1] ? strchr(from, in->at[1]) : NULL;
        if (!letter)
                return STUMBLE(in, "unknown escape in a string");
        *(*out)++ = to[letter - from];
        in->at += 2;
        return 0;
}

static bool ends_plain(const Reader *in)
{
        return !more(in) || *in->at == '"' || *in->at == '\\' || (unsigned char)*in->at < 0x20;
}

/* Most text is ASCII, of which every byte is a column. */
static void skip_ascii(Reader *in)
{
        const char *at = in->at;

        while (at < in->end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 &&
               *at != '"' && *at != '\\')
                at++;
        in->at = at;
}

/* The run of characters up to a quote, an escape or a control character. */
static int read_plain(Reader *in, Span *ret)
{
        const char *start = in->at;
        int r = 0;

        while (r == 0 && !ends_plain(in)) {
                skip_ascii(in);
                if (!ends_plain(in))
                        r = step_over(in);
        }
        *ret = (Span){ start, (size_t)(in->at - start) };
        return r;
}

/* The rest of a string that has an escape, after its plain beginning. An escape is never shorter
 * than what it stands for, so the decoded text fits into the room of the source text. */
static int read_escaped(Reader *in, Span plain, Span *ret)
{
        size_t room = 0, left = (size_t)(in->end - in->at);
        char *text, *out;
        int r = 0;

        while (room < left && in->at[room] != '"')
                room += in->at[room] == '\\' ? 2 : 1;
        text = new_try(in->arena, char, plain.len + room + 1);
        if (!text)
                return value_fail_full(in->err, in->doc->name, place_of(in, in->at));
        out = text;
        for (;;) {
                memcpy(out, plain.ptr, plain.len);
                out += plain.len;
                if (!next_is_byte(in, '\\'))
                        break;
                r = read_escape(in, &out);
                if (r == 0)
                        r = read_plain(in, &plain);
                if (r < 0)
                        return r;
        }
        *ret = (Span){ text, (size_t)(out - text) };
        return 0;
}

static int read_string(Reader *in, Span *ret)
{
        Reader start = *in;
        Span text = { 0 };
        int r;

        in->at++;
        r = read_plain(in, &text);
        if (r == 0 && next_is_byte(in, '\\'))
                r = read_escaped(in, text, &text);
        if (r < 0)
                return r;
        if (!more(in))
                return STUMBLE(&start, "this string does not end");
        if (*in->at != '"')
                return STUMBLE(in, "the control character 0x%02x in a string must be escaped",
                               (unsigned)(unsigned char)*in->at);
        in->at++;
        *ret = text;
        return 0;
}

static int read_text(Reader *in, Value *ret)
{
        ret->kind = VALUE_TEXT;
        return read_string(in, &ret->text);
}

static bool is_digit(const Reader *in)
{
        return more(in) && *in->at >= '0' && *in->at <= '9';
}

static int skip_digits(Reader *in)
{
        if (!is_digit(in))
                return fail_expected(in, "a digit");
        while (is_digit(in))
                in->at++;
        return 0;
}

static int skip_fraction_and_exponent(Reader *in)
{
        int r = 0;

        if (next_is_byte(in, '.')) {
                in->at++;
                r = skip_digits(in);
        }
        if (r == 0 && (next_is_byte(in, 'e') || next_is_byte(in, 'E'))) {
                in->at++;
                in->at += next_is_byte(in, '+') || next_is_byte(in, '-');
                r = skip_digits(in);
        }
        return r;
}

static int read_number(Reader *in, Value *ret)
{
        Reader start = *in;
        Error cause = { 0 };
        int r = 0;

        in->at += next_is_byte(in, '-');
        if (next_is_byte(in, '0'))
                in->at++;
        else
                r = skip_digits(in);
        if (r == 0 && is_digit(in))
                return STUMBLE(&start, "a number does not start with 0");
        if (r == 0)
                r = skip_fraction_and_exponent(in);
        if (r < 0)
                return r;
        ret->kind = VALUE_NUMBER;
        ret->text = (Span){ start.at, (size_t)(in->at - start.at) };
        if (span_to_double(ret->text, &ret->number, &cause) < 0)
                return STUMBLE(&start, "%s", cause.message);
        return 0;
}

typedef struct Word {
        const char *text;
        ValueKind kind;
        bool boolean;
} Word;

static const Word words[] = {
        { "null", VALUE_NULL, false },
        { "true", VALUE_BOOL, true },
        { "false", VALUE_BOOL, false },
};

static int read_word(Reader *in, Value *ret)
{
        for (size_t i = 0; i < COUNT(words); i++) {
                Span word = span_of(words[i].text);

                if (!next_is(in, words[i].text))
                        continue;
                ret->kind = words[i].kind;
                ret->boolean = words[i].boolean;
                ret->text = (Span){ in->at, word.len };
                in->at += word.len;
                return 0;
        }
        return fail_expected(in, "a value");
}

static int read_value(Reader *in, Value *ret);

/* After '[' or '{', and after every ',': at the next item, or past the closing bracket. */
static int next_item(Reader *in, char closing, bool is_first, bool *ret_closed)
{
        char wanted[] = { '\'', ',', '\'', ' ', 'o', 'r', ' ', '\'', closing, '\'', '\0' };
        bool after_comma = false;
        int r = skip_space(in);

        if (r == 0 && !is_first && next_is_byte(in, ',')) {
                in->at++;
                after_comma = true;
                r = skip_space(in);
        }
        if (r < 0)
                return r;
        *ret_closed = next_is_byte(in, closing);
        if (*ret_closed && after_comma && in->strict)
                return STUMBLE(in, "a ',' before '%c' is not allowed here", closing);
        in->at += *ret_closed;
        if (!*ret_closed && !is_first && !after_comma)
                return fail_expected(in, wanted);
        return 0;
}

static int read_key(Reader *in, Value *child)
{
        Place place = place_of(in, in->at);
        int r;

        if (!next_is_byte(in, '"'))
                return fail_expected(in, "a key in double quotes or '}'");
        r = read_string(in, &child->key);
        if (r == 0)
                r = skip_space(in);
        if (r < 0)
                return r;
        if (!next_is_byte(in, ':'))
                return fail_expected(in, "':'");
        in->at++;
        child->key_line = place.line;
        child->key_column = place.column;
        return skip_space(in);
}

static int read_children(Reader *in, char closing, ValueList *list)
{
        for (;;) {
                bool closed = false;
                Value *child;
                int r = next_item(in, closing, list->count == 0, &closed);

                if (r < 0 || closed)
                        return r;
                child = new_try(in->arena, Value, 1);
                if (!child)
                        return value_fail_full(in->err, in->doc->name, place_of(in, in->at));
                if (closing == '}')
                        r = read_key(in, child);
                if (r == 0)
                        r = read_value(in, child);
                if (r < 0)
                        return r;
                value_append(list, child);
        }
}

static int read_children_deeper(Reader *in, char closing, Value *ret)
{
        ValueList list = { 0 };
        int r;

        if (in->depth >= JSON_MAX_DEPTH)
                return value_fail_at(in->err, ERR_LIMIT, in->doc->name, place_of(in, in->at),
                                     "more than %d levels of nesting", JSON_MAX_DEPTH);
        in->at++;
        in->depth++;
        r = read_children(in, closing, &list);
        in->depth--;
        if (r == 0)
                value_adopt(ret, &list);
        return r;
}

static int read_list(Reader *in, Value *ret)
{
        ret->kind = VALUE_LIST;
        return read_children_deeper(in, ']', ret);
}

static int read_map(Reader *in, Value *ret)
{
        int r;

        ret->kind = VALUE_MAP;
        r = read_children_deeper(in, '}', ret);
        return r < 0 ? r : value_check_keys(in->doc, ret, in->arena, in->err);
}

static int read_value(Reader *in, Value *ret)
{
        Place place = place_of(in, in->at);

        ret->line = place.line;
        ret->column = place.column;
        if (next_is_byte(in, '{'))
                return read_map(in, ret);
        if (next_is_byte(in, '['))
                return read_list(in, ret);
        if (next_is_byte(in, '"'))
                return read_text(in, ret);
        if (next_is_byte(in, '-') || is_digit(in))
                return read_number(in, ret);
        return read_word(in, ret);
}

static int read_document(Reader *in, Value *ret)
{
        int r;

        if (next_is(in, "\xEF\xBB\xBF")) {
                in->at += 3; /* a byte order mark is no text */
                in->line_start += 3;
        }
        r = skip_space(in);
        if (r == 0)
                r = read_value(in, ret);
        if (r == 0)
                r = skip_space(in);
        if (r == 0 && more(in))
                return fail_expected(in, "the end");
        return r;
}

static int parse(Span text, const char *name, bool strict, Arena *arena, Document *ret, Error *err)
{
        Document doc = { .name = name };
        Value *root = new_try(arena, Value, 1);
        const char *start = text.ptr ? text.ptr : "";
        Reader in = { .at = start,
                      .end = start + text.len,
                      .line_start = start,
                      .line = 1,
                      .strict = strict,
                      .arena = arena,
                      .doc = &doc,
                      .err = err };
        int r;

        if (!root || text.len > JSON_MAX_BYTES)
                return value_fail_full(err, name, (Place){ 0 });
        r = read_document(&in, root);
        if (r < 0)
                return r;
        doc.root = root;
        *ret = doc;
        return 0;
}

int json_parse(Span text, const char *name, Arena *arena, Document *ret, Error *err)
{
        return parse(text, name, false, arena, ret, err);
}

int json_parse_strict(Span text, const char *name, Arena *arena, Document *ret, Error *err)
{
        return parse(text, name, true, arena, ret, err);
}
