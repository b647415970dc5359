#include "base/json.h"
#include "base/utf8.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

JsonWriter json_to(Buf *out, bool pretty)
{
        return (JsonWriter){ .out = out, .pretty = pretty };
}

static uint64_t level_bit(const JsonWriter *w)
{
        return w->depth ? UINT64_C(1) << (w->depth - 1) : 0;
}

static void new_line(JsonWriter *w)
{
        if (!w->pretty)
                return;
        buf_byte(w->out, '\n');
        buf_repeat(w->out, ' ', (size_t)w->depth * 2);
}

/* Everything that stands between the item before and the next one. */
static void next_item(JsonWriter *w)
{
        uint64_t level = level_bit(w);

        if (w->has_items & level)
                buf_byte(w->out, ',');
        w->has_items |= level;
        if (w->depth)
                new_line(w);
}

static void before_value(JsonWriter *w)
{
        BUG_IF((w->is_object & level_bit(w)) && !w->after_key);
        if (!w->after_key)
                next_item(w);
        w->after_key = false;
}

static void open_level(JsonWriter *w, char bracket, bool is_object)
{
        before_value(w);
        BUG_IF(w->depth >= JSON_MAX_DEPTH);
        buf_byte(w->out, bracket);
        w->depth++;
        w->has_items &= ~level_bit(w);
        w->is_object &= ~level_bit(w);
        w->is_object |= is_object ? level_bit(w) : 0;
}

static void close_level(JsonWriter *w, char bracket, bool is_object)
{
        bool had_items = w->has_items & level_bit(w);

        BUG_IF(w->depth == 0 || w->after_key);
        BUG_IF(is_object != !!(w->is_object & level_bit(w)));
        w->depth--;
        if (had_items)
                new_line(w);
        buf_byte(w->out, bracket);
}

void json_open_object(JsonWriter *w)
{
        open_level(w, '{', true);
}

void json_close_object(JsonWriter *w)
{
        close_level(w, '}', true);
}

void json_open_array(JsonWriter *w)
{
        open_level(w, '[', false);
}

void json_close_array(JsonWriter *w)
{
        close_level(w, ']', false);
}

static char short_escape(char c)
{
        static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
        const char *at = c ? strchr(from, c) : NULL;

        return at ? to[at - from] : '\0';
}

static void write_escape(Buf *out, char c)
{
        char letter = short_escape(c);

        if (letter) {
                buf_byte(out, '\\');
                buf_byte(out, letter);
        } else {
                buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
        }
}

/* Bytes at the start that can stand in a JSON string as they are. */
static size_t plain_length(Span s)
{
        size_t n = 0;

        while (n < s.len) {
                unsigned char c = (unsigned char)s.ptr[n];
                size_t step = c < 0x80 ? 1 : utf8_length(span_from(s, n));

                if (c < 0x20 || c == '"' || c == '\\' || step == 0)
                        break;
                n += step;
        }
        return n;
}

static void write_string(Buf *out, Span text)
{
        buf_byte(out, '"');
        while (text.len) {
                size_t n = plain_length(text);

                buf_add(out, span_first(text, n));
                text = span_from(text, n);
                if (text.len == 0)
                        break;
                if ((unsigned char)text.ptr[0] < 0x80)
                        write_escape(out, text.ptr[0]);
                else
                        buf_text(out, REPLACEMENT);
                text = span_from(text, 1);
        }
        buf_byte(out, '"');
}

void json_key_span(JsonWriter *w, Span key)
{
        BUG_IF(w->after_key || !(w->is_object & level_bit(w)));
        next_item(w);
        write_string(w->out, key);
        buf_text(w->out, w->pretty ? ": " : ":");
        w->after_key = true;
}

void json_key(JsonWriter *w, const char *key)
{
        json_key_span(w, span_of(key));
}

void json_span(JsonWriter *w, Span text)
{
        before_value(w);
        write_string(w->out, text);
}

void json_text(JsonWriter *w, const char *text)
{
        if (text)
                json_span(w, span_of(text));
        else
                json_null(w);
}

void json_u64(JsonWriter *w, uint64_t n)
{
        before_value(w);
        buf_printf(w->out, "%" PRIu64, n);
}

void json_i64(JsonWriter *w, int64_t n)
{
        before_value(w);
        buf_printf(w->out, "%" PRId64, n);
}

/* The shortest decimal of a normal number is found at 15 digits (fewer print without their
 * zeros), or it needs 16 or 17; a subnormal number has fewer digits to begin with. */
static void write_double(Buf *out, double n)
{
        char text[32];
        int digits = fabs(n) < DBL_MIN ? 1 : DBL_DIG;

        do
                snprintf(text, sizeof(text), "%.*g", digits, n);
        while (++digits <= DBL_DECIMAL_DIG &&
               memcmp(&(double){ strtod(text, NULL) }, &n, sizeof(n)));
        buf_text(out, text);
}

void json_double(JsonWriter *w, double n)
{
        if (!isfinite(n)) {
                json_null(w);
                return;
        }
        before_value(w);
        if (fabs(n) < 1e15 && (double)(int64_t)n == n && !(n == 0 && signbit(n)))
                buf_printf(w->out, "%" PRId64, (int64_t)n);
        else
                write_double(w->out, n);
}

void json_bool(JsonWriter *w, bool b)
{
        before_value(w);
        buf_text(w->out, b ? "true" : "false");
}

void json_null(JsonWriter *w)
{
        before_value(w);
        buf_text(w->out, "null");
}
