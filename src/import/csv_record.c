#include "import/csv_record.h"

#include "import/text_number.h"

#define MOST_UNQUOTED MiB(1)

static void free_scratch(void *arena)
{
        arena_free(arena);
}

CsvRecords csv_records(Import *in, Span text, char separator)
{
        Arena *unquoted = arena_new(MOST_UNQUOTED);
        CsvRecords csv = { .in = in,
                           .reader = csv_open(text, import_name(in), unquoted),
                           .empty = arena_mark(unquoted),
                           .separator = separator,
                           .torn = text.len && !span_ends(text, "\n"),
                           .fields = new (import_arena(in), Span, CSV_MOST_FIELDS) };

        arena_defer(import_arena(in), free_scratch, unquoted);
        csv.reader.separator = separator;
        return csv;
}

static int add_field(CsvRecords *csv, const CsvField *field, Error *err)
{
        if (csv->n_fields == CSV_MOST_FIELDS)
                return fail(err, ERR_LIMIT, "%s:%zu: more than %d fields", import_name(csv->in),
                            (size_t)csv->line, CSV_MOST_FIELDS);
        if (csv->n_fields == 0)
                csv->line = field->line;
        csv->fields[csv->n_fields++] = field->text;
        return 0;
}

int csv_record_next(CsvRecords *csv, Error *err)
{
        CsvField field = { 0 };

        arena_reset(csv->reader.arena, csv->empty);
        csv->n_fields = 0;
        while (!field.last) {
                int r = csv_next(&csv->reader, &field, err);

                if (r > 0)
                        r = add_field(csv, &field, err) < 0 ? -ERR_LIMIT : 1;
                if (r <= 0)
                        return r;
        }
        if (csv->torn && csv->reader.rest.len == 0)
                import_warns(csv->in, "line %u has no line end: it may be torn", csv->reader.line);
        return 1;
}

ptrdiff_t csv_column(const CsvRecords *csv, const char *name)
{
        for (size_t i = 0; i < csv->n_fields; i++)
                if (span_is_any_case(span_trim(csv->fields[i]), name))
                        return (ptrdiff_t)i;
        return -1;
}

char csv_separator(Span head)
{
        static const char separators[] = { '\t', ';', ',' };
        Span line;

        while (span_next_line(&head, &line) && span_trim(line).len == 0)
                ;
        for (size_t i = 0; i < COUNT(separators); i++)
                if (span_find_byte(line, separators[i]) >= 0)
                        return separators[i];
        return 0;
}

Span csv_cut(Span *rest, char separator)
{
        Span all = *rest;
        bool quoted = false;

        for (size_t i = 0; i < all.len; i++) {
                quoted ^= all.ptr[i] == '"';
                if (quoted || all.ptr[i] != separator)
                        continue;
                *rest = span_from(all, i + 1);
                return span_first(all, i);
        }
        *rest = (Span){ 0 };
        return all;
}

int csv_fail(const CsvRecords *csv, size_t column, const char *what, Error *err)
{
        return import_fail(csv->in, err, csv->line, "field %zu: expected %s, found '%.*s'",
                           column + 1, what, SPAN_ARG(span_first(csv->fields[column], 60)));
}

/* "1,5" where semicolons separate has a decimal comma; "1,234" could be either, and is refused. */
static bool has_decimal_comma(const CsvRecords *csv, Span field, bool *ret_unclear)
{
        ptrdiff_t comma = span_find_byte(field, ',');
        Span behind = span_from(field, (size_t)comma + 1);

        *ret_unclear = false;
        if (csv->separator != ';' || comma < 0 || span_find_byte(field, '.') >= 0 ||
            span_find_byte(behind, ',') >= 0)
                return false;
        *ret_unclear = behind.len == 3 && !span_starts(field, "0,") && !span_starts(field, "-0,");
        return true;
}

int csv_number(const CsvRecords *csv, size_t column, double *ret, Error *err)
{
        bool unclear, ok;
        Span field;

        if (column >= csv->n_fields)
                return import_fail(csv->in, err, csv->line, "field %zu is missing", column + 1);
        field = span_trim(csv->fields[column]);
        if (span_to_double(field, ret, NULL) == 0)
                return 0;
        ok = has_decimal_comma(csv, field, &unclear) ? text_number_comma(field, ret)
                                                     : text_number(field, ret);
        if (unclear)
                return csv_fail(csv, column, "a number that could not be 1234 and 1.234 alike",
                                err);
        return ok ? 0 : csv_fail(csv, column, "a number", err);
}

int csv_check_width(const CsvRecords *csv, size_t n_columns, Error *err)
{
        if (csv->n_fields == n_columns)
                return 0;
        return import_fail(csv->in, err, csv->line, "%zu fields where the header has %zu",
                           csv->n_fields, n_columns);
}
