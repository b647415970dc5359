#include "import/text_lines.h"

#include <inttypes.h>

#define LONGEST_CLEAN KiB(256)
#define ESCAPE '\x1b'

TextLines text_lines(Import *in, Span text)
{
        if (span_starts(text, "\xef\xbb\xbf"))
                text = span_from(text, 3);
        return (TextLines){ .in = in,
                            .rest = text,
                            .clean = buf_in(import_arena(in), LONGEST_CLEAN) };
}

/* Length of the escape sequence at the start of `s`; *ret_column1: it moves to column 1. */
static size_t escape_length(Span s, bool *ret_column1)
{
        size_t i = 2;

        *ret_column1 = false;
        if (s.len < 2 || s.ptr[1] != '[')
                return MIN(s.len, (size_t)2);
        while (i < s.len && (s.ptr[i] < '@' || s.ptr[i] > '~'))
                i++;
        if (i == s.len)
                return s.len;
        *ret_column1 = s.ptr[i] == 'G';
        return i + 1;
}

static Span without_escapes(Buf *clean, Span line)
{
        bool column1;

        buf_clear(clean);
        line = span_first(line, LONGEST_CLEAN / 2);
        while (line.len) {
                if (line.ptr[0] == ESCAPE) {
                        line = span_from(line, escape_length(line, &column1));
                        if (column1)
                                buf_byte(clean, '\r');
                        continue;
                }
                buf_byte(clean, line.ptr[0]);
                line = span_from(line, 1);
        }
        return buf_span(clean);
}

/* What the last drawing over left to see. */
static Span last_drawn(Span line)
{
        const char *cr;

        while (span_ends(line, "\r"))
                line.len--;
        cr = line.len ? memrchr(line.ptr, '\r', line.len) : NULL;
        return cr ? span_from(line, (size_t)(cr - line.ptr) + 1) : line;
}

bool text_next(TextLines *lines, Span *ret_line)
{
        Span line;

        lines->cut = lines->rest.len && span_find_byte(lines->rest, '\n') < 0;
        if (!span_next_line(&lines->rest, &line))
                return false;
        lines->line++;
        if (span_find_byte(line, ESCAPE) >= 0)
                line = without_escapes(&lines->clean, line);
        if (span_find_byte(line, '\r') >= 0)
                line = last_drawn(line);
        lines->current = *ret_line = line;
        return true;
}

int text_fail(const TextLines *lines, Span at, const char *what, Error *err)
{
        Span line = lines->current;
        bool inside = at.ptr && at.ptr >= line.ptr && at.ptr <= line.ptr + line.len;
        size_t column = inside ? (size_t)(at.ptr - line.ptr) + 1 : 1;

        at = span_trim(span_first(at, 60));
        if (at.len == 0)
                return import_fail(lines->in, err, lines->line, "column %zu: expected %s", column,
                                   what);
        return import_fail(lines->in, err, lines->line, "column %zu: expected %s, found '%.*s'",
                           column, what, SPAN_ARG(at));
}

int text_fail_early(const TextLines *lines, const char *missing, Error *err)
{
        return import_fail(lines->in, err, lines->line, "the text ends before '%s'", missing);
}

bool text_starts_any(Span line, const char *const *prefixes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (span_starts(line, prefixes[i]))
                        return true;
        return false;
}

bool text_contains_any(Span line, const char *const *needles, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (span_contains(line, needles[i]))
                        return true;
        return false;
}

bool text_is_rule(Span line, const char *dashes)
{
        line = span_trim(line);
        for (size_t i = 0; i < line.len; i++)
                if (!strchr(dashes, line.ptr[i]))
                        return false;
        return line.len >= 4;
}

bool text_has_line(Span head, const char *prefix)
{
        Span line;

        while (span_next_line(&head, &line))
                if (span_starts(line, prefix))
                        return true;
        return false;
}
