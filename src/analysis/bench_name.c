/* Names of benchmarks and the parameters in them. */

#include "analysis/bench.h"

#include "base/buf.h"

static bool is_key_byte(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
}

/* "key=value" with a key like a word. */
static bool is_parameter(Span piece)
{
        ptrdiff_t equals = span_find_byte(piece, '=');

        if (equals <= 0)
                return false;
        for (ptrdiff_t i = 0; i < equals; i++)
                if (!is_key_byte(piece.ptr[i]))
                        return false;
        return true;
}

/* Where the last "/..." begins; -1: there is none. */
static ptrdiff_t last_slash(Span s)
{
        for (size_t i = s.len; i-- > 0;)
                if (s.ptr[i] == '/')
                        return (ptrdiff_t)i;
        return -1;
}

BenchName bench_name(Span subject)
{
        Span base = subject;

        for (;;) {
                ptrdiff_t at = last_slash(base);

                if (at <= 0 || !is_parameter(span_from(base, (size_t)at + 1)))
                        break;
                base = span_first(base, (size_t)at);
        }
        return (BenchName){ base, span_from(subject, base.len) };
}

bool bench_next_parameter(Span *rest, Span *ret_key, Span *ret_value)
{
        Span piece;

        if (rest->len == 0)
                return false;
        *rest = span_from(*rest, 1); /* the slash */
        piece = span_cut(rest, '/');
        if (rest->ptr)
                *rest = (Span){ rest->ptr - 1, rest->len + 1 };
        *ret_key = span_cut(&piece, '=');
        *ret_value = piece;
        return true;
}

/* `text` with each "{key}" replaced; false when there was none. */
static bool replace(Span text, Span key, Span value, Arena *arena, Span *ret)
{
        Span mark = span_of(arena_printf(arena, "{%.*s}", SPAN_ARG(key)));
        Buf out = buf_in(arena, MiB(1));
        bool any = false;

        for (;;) {
                ptrdiff_t at = span_find(text, mark);

                if (at < 0)
                        break;
                buf_add(&out, span_first(text, (size_t)at));
                buf_add(&out, value);
                text = span_from(text, (size_t)at + mark.len);
                any = true;
        }
        buf_add(&out, text);
        *ret = buf_span(&out);
        return any && !out.overflowed;
}

Span bench_title(Span subject, Arena *arena)
{
        BenchName name = bench_name(subject);
        Span title = name.base, key, value, rest = name.parameters;
        Buf left = buf_in(arena, MiB(1));

        while (bench_next_parameter(&rest, &key, &value)) {
                Span filled;

                if (replace(title, key, value, arena, &filled))
                        title = filled;
                else
                        buf_printf(&left, "/%.*s=%.*s", SPAN_ARG(key), SPAN_ARG(value));
        }
        if (left.len == 0)
                return title;
        return span_of(arena_printf(arena, "%.*s%.*s", SPAN_ARG(title), SPAN_ARG(buf_span(&left))));
}
