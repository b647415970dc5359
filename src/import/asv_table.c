#include "import/asv_table.h"

#include "base/utf8.h"
#include "import/text_lines.h"
#include "import/text_number.h"

#include <math.h>

#define LONGEST_ROW KiB(16)

static const struct {
        const char *prefix;
        ImportUnit unit;
} kinds[] = {
        { "peakmem_", { METRIC_MEMORY, 1, { 0 } } },
        { "mem_", { METRIC_ALLOCATED, 1, { 0 } } },
        { "time_", { METRIC_TIME, 1e9, { 0 } } },
        { "timeraw_", { METRIC_TIME, 1e9, { 0 } } },
};

ImportUnit asv_unit(Span name)
{
        Span rest = name, last = name;

        while (rest.ptr)
                last = span_cut(&rest, '.');
        for (size_t i = 0; i < COUNT(kinds); i++)
                if (span_starts(last, kinds[i].prefix))
                        return kinds[i].unit;
        return (ImportUnit){ METRIC_CUSTOM, 1, { 0 } };
}

int asv_value(Import *in, Span subject, Span name, Span value, uint64_t line, Error *err)
{
        Span rest = value, unit_text;
        double number, spread, multiplier;
        ImportUnit unit;
        int r;

        if (span_is(value, "n/a") || span_is(value, "failed") || span_is(value, "--")) {
                import_unknown(in, line, subject, "there is no result");
                return 1;
        }
        if (text_is_not_finite(value))
                return import_fail(in, err, line, "'%.*s' is not a finite number", SPAN_ARG(value));
        if (!text_take_number(&rest, &number))
                return 0;
        if (span_starts(rest, "\u00b1")) {
                rest = span_from(rest, strlen("\u00b1"));
                if (!text_take_number(&rest, &spread))
                        return 0;
        }
        unit_text = span_trim(rest);
        unit = import_unit(unit_text);
        multiplier = text_multiplier(unit_text, 1000);
        if (multiplier > 0 && unit.metric != METRIC_TIME) {
                unit = asv_unit(name);
                if (unit.metric == METRIC_TIME && unit_text.len == 0 && number > 0)
                        return 0; /* a time without its unit: torn */
                unit.scale *= multiplier;
        }
        r = import_summary(in, subject, unit, number, NAN, NAN, 0, line, err);
        return r < 0 ? r : 1;
}

bool asv_table_is_rule(Span text)
{
        for (size_t i = 0; i < text.len; i++)
                if (!strchr("= ", text.ptr[i]))
                        return false;
        return text.len >= 2 && text.ptr[0] == '=';
}

static size_t step(Span s)
{
        size_t n = utf8_length(s);

        return n ? n : 1;
}

/* Where the columns of a rule are; false when there are none, or too many. */
static bool measure(AsvTable *table, Span line, size_t at, char dash)
{
        AsvTable measured = *table;
        size_t column = 0;

        measured.n_columns = 0;
        for (Span s = line; s.len; s = span_from(s, step(s)), column++) {
                bool inside = (size_t)(s.ptr - line.ptr) >= at && s.ptr[0] == dash;

                if (inside && (s.ptr == line.ptr || s.ptr[-1] != dash)) {
                        if (measured.n_columns == ASV_MOST_COLUMNS)
                                return false;
                        measured.columns[measured.n_columns++].begin = column;
                }
        }
        if (table->n_columns && measured.n_columns != table->n_columns)
                return false;
        *table = measured;
        return measured.n_columns > 0;
}

void asv_table_begin(AsvTable *table, Span line, size_t at)
{
        *table = (AsvTable){ .rules = 1 };
        table->open = measure(table, line, at, '=');
}

static Span cell(const AsvTable *table, Span line, size_t i)
{
        size_t column = 0, begin = line.len, end = line.len, at = 0;

        for (Span s = line; s.len; s = span_from(s, step(s)), column++) {
                at = (size_t)(s.ptr - line.ptr);
                if (column == table->columns[i].begin)
                        begin = at;
                if (i + 1 < table->n_columns && column == table->columns[i + 1].begin)
                        end = at;
        }
        return begin > end ? (Span){ 0 }
                           : span_trim(span_first(span_from(line, begin), end - begin));
}

/* Without parameters across, the columns that hold a parameter are those with a title. */
static void read_titles(AsvTable *table, Span line)
{
        table->titles_read = true;
        for (size_t i = 0; i < table->n_columns; i++) {
                Span title = cell(table, line, i);

                title = span_first(title, ASV_LONGEST_TITLE);
                if (title.len)
                        memcpy(table->columns[i].title, title.ptr, title.len);
                table->columns[i].title[title.len] = '\0';
                if (!table->crossed && title.len)
                        table->n_params = i + 1;
        }
        table->n_params = MIN(MAX(table->n_params, (size_t)1), table->n_columns - 1);
}

/* "--  --   density / pruning": a mark for each column of the rows' parameters. */
static bool read_marks(AsvTable *table, Span line)
{
        Span word;
        size_t n = 0;

        while (span_next_word(&line, &word) && span_is(word, "--"))
                n++;
        if (n == 0)
                return false;
        table->crossed = true;
        table->n_params = n;
        return true;
}

Span asv_subject(Import *in, Span name, Span environment)
{
        if (environment.len == 0)
                return name;
        return span_of(arena_printf(import_arena(in), "%.*s (%.*s)", SPAN_ARG(name),
                                    SPAN_ARG(environment)));
}

static int read_cell(AsvTable *table, const TextLines *lines, size_t i, Span name, Span environment,
                     Error *err)
{
        Span line = lines->current, value = cell(table, line, i);
        Buf full = buf_in(import_arena(lines->in), KiB(16));

        if (value.len == 0)
                return 1;
        buf_printf(&full, "%.*s(", SPAN_ARG(name));
        for (size_t p = 0; p < table->n_params; p++)
                buf_printf(&full, "%s%.*s", p ? ", " : "", SPAN_ARG(cell(table, line, p)));
        if (table->crossed)
                buf_printf(&full, ", %s", table->columns[i].title);
        buf_byte(&full, ')');
        return asv_value(lines->in, asv_subject(lines->in, buf_span(&full), environment), name,
                         value, lines->line, err);
}

static int read_row(AsvTable *table, const TextLines *lines, Span name, Span environment,
                    Error *err)
{
        Arena *arena = import_arena(lines->in);
        int r = 1;

        for (size_t i = table->n_params; r == 1 && i < table->n_columns; i++) {
                Mark mark = arena_mark(arena);

                r = read_cell(table, lines, i, name, environment, err);
                arena_reset(arena, mark);
        }
        return r;
}

int asv_table_line(AsvTable *table, const TextLines *lines, Span name, Span environment, Error *err)
{
        Span line = lines->current, trimmed = span_trim(line);

        if (asv_table_is_rule(trimmed)) {
                (void)measure(table, line, 0, '=');
                table->open = ++table->rules < (table->crossed ? 3 : 2);
                return 1;
        }
        if (text_is_rule(trimmed, "- ")) {
                (void)measure(table, line, 0, '-');
                return 1;
        }
        if (table->n_columns < 2 || line.len > LONGEST_ROW)
                return 0;
        if (table->titles_read)
                return lines->cut ? text_fail_early(lines, "the end of a table", err)
                                  : read_row(table, lines, name, environment, err);
        if (!table->crossed && read_marks(table, trimmed))
                return 1;
        read_titles(table, line);
        return 1;
}
