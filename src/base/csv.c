#include "base/csv.h"

#include <string.h>

static const char separators[] = ",;\t";

/* The one that the first line has most of, quotes aside. */
static char find_separator(Span text)
{
        size_t counts[sizeof(separators) - 1] = { 0 }, best = 0;
        bool quoted = false;

        for (size_t i = 0; i < text.len && (quoted || text.ptr[i] != '\n'); i++) {
                const char *found = text.ptr[i] ? strchr(separators, text.ptr[i]) : NULL;

                if (text.ptr[i] == '"')
                        quoted = !quoted;
                else if (found && !quoted)
                        counts[found - separators]++;
        }
        for (size_t i = 1; i < COUNT(counts); i++)
                if (counts[i] > counts[best])
                        best = i;
        return separators[best];
}

CsvReader csv_open(Span text, const char *name, Arena *arena)
{
        if (span_starts(text, "\xef\xbb\xbf")) /* a byte order mark */
                text = span_from(text, 3);
        return (CsvReader){ .name = name,
                            .rest = text,
                            .arena = arena,
                            .line = 1,
                            .separator = find_separator(text) };
}

static void skip_blank_lines(CsvReader *csv)
{
        while (csv->rest.len && !csv->in_row) {
                if (span_starts(csv->rest, "\r\n"))
                        csv->rest = span_from(csv->rest, 2);
                else if (csv->rest.ptr[0] == '\n')
                        csv->rest = span_from(csv->rest, 1);
                else
                        return;
                csv->line++;
        }
}

/* Takes what parts a field from the next: true when the row goes on. */
static int end_field(CsvReader *csv, CsvField *ret, Error *err)
{
        ret->last = true;
        csv->in_row = false;
        if (csv->rest.len == 0)
                return 1;
        if (csv->rest.ptr[0] == csv->separator) {
                csv->rest = span_from(csv->rest, 1);
                csv->in_row = true;
                ret->last = false;
                return 1;
        }
        if (span_starts(csv->rest, "\r\n") || csv->rest.ptr[0] == '\n') {
                csv->rest = span_from(csv->rest, csv->rest.ptr[0] == '\n' ? 1 : 2);
                csv->line++;
                return 1;
        }
        return fail(err, ERR_INPUT, "%s:%u: text behind a closing quote", csv->name, csv->line);
}

static int take_plain(CsvReader *csv, CsvField *ret, Error *err)
{
        size_t n = 0;

        while (n < csv->rest.len && csv->rest.ptr[n] != csv->separator && csv->rest.ptr[n] != '\n')
                n++;
        if (n && n < csv->rest.len && csv->rest.ptr[n] == '\n' && csv->rest.ptr[n - 1] == '\r')
                n--;
        ret->text = span_first(csv->rest, n);
        csv->rest = span_from(csv->rest, n);
        return end_field(csv, ret, err);
}

/* The text between quotes with its doubled quotes made single. */
static int unquote(CsvReader *csv, Span raw, Span *ret, Error *err)
{
        char *copy;
        size_t n = 0;

        if (span_find_byte(raw, '"') < 0) {
                *ret = raw;
                return 0;
        }
        copy = new_try(csv->arena, char, raw.len);
        if (!copy)
                return fail(err, ERR_LIMIT, "%s:%u: a field does not fit into memory", csv->name,
                            csv->line);
        for (size_t i = 0; i < raw.len; i++) {
                copy[n++] = raw.ptr[i];
                i += raw.ptr[i] == '"';
        }
        *ret = (Span){ copy, n };
        return 0;
}

static int take_quoted(CsvReader *csv, CsvField *ret, Error *err)
{
        Span inside = span_from(csv->rest, 1);
        uint32_t lines = 0;
        size_t n = 0;
        int r;

        for (; n < inside.len; n++) {
                if (inside.ptr[n] == '\n')
                        lines++;
                if (inside.ptr[n] != '"')
                        continue;
                if (n + 1 >= inside.len || inside.ptr[n + 1] != '"')
                        break;
                n++;
        }
        if (n >= inside.len)
                return fail(err, ERR_INPUT, "%s:%u: a quote is never closed", csv->name, csv->line);
        r = unquote(csv, span_first(inside, n), &ret->text, err);
        if (r < 0)
                return r;
        csv->line += lines;
        csv->rest = span_from(inside, n + 1);
        return end_field(csv, ret, err);
}

int csv_next(CsvReader *csv, CsvField *ret, Error *err)
{
        CsvField field = { 0 };
        int r;

        skip_blank_lines(csv);
        if (csv->rest.len == 0 && !csv->in_row)
                return 0;
        field.line = csv->line;
        if (csv->rest.len && csv->rest.ptr[0] == '"')
                r = take_quoted(csv, &field, err);
        else
                r = take_plain(csv, &field, err);
        if (r > 0)
                *ret = field;
        return r;
}
