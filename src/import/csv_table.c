/* Any table with a header: comma, semicolon or tab; a measurement a row, or several.
 *
 *         name,time_ms                 one value a row; rows of one name are its samples
 *         name;value;unit              with the unit in a column
 *         name,encode_ms,decode_ms     a benchmark for each column: "json/encode", "json/decode"
 *         p95_latency_ms,throughput    without names: what the columns are called
 *
 * A column is a measurement when its title is a metric of the catalogue ("memory_mb"), when it
 * ends in a unit ("encode_ms", "encode (ms)", "encode [ms]"), when it is called value or time, or
 * when it holds numbers and is called none of the names that count or date rows (run, iteration,
 * date ...). Other columns are named as not understood, once.
 */

#include "import/csv_record.h"
#include "import/text_number.h"

#include <math.h>

typedef enum Role { ROLE_OTHER, ROLE_NAME, ROLE_VALUE, ROLE_UNIT } Role;

typedef struct Column {
        Span title; /* in scratch, as every Span here */
        Role role;
        ImportUnit unit;
        Span part; /* of the subject, behind the name; empty: the name alone */
        bool by_unit_column;
} Column;

typedef struct Table {
        Import *in;
        CsvRecords csv;
        Column *columns;
        size_t n;
        ptrdiff_t name, unit; /* columns, or -1 */
        Buf subject;
} Table;

static const char *const name_titles[] = {
        "name",     "benchmark", "bench",   "test",     "case",   "testcase", "command", "scenario",
        "endpoint", "label",     "subject", "function", "method", "program",  "tool",
};
static const char *const value_titles[] = {
        "value",     "time",   "duration",    "elapsed", "wall", "wall_time", "real",
        "real_time", "result", "measurement", "score",   "mean", "median",    "seconds",
};
static const char *const counting_titles[] = {
        "run",        "iteration",   "iter",     "index", "i",     "id",        "rep",
        "repetition", "sample",      "round",    "n",     "date",  "timestamp", "datetime",
        "seed",       "commit",      "revision", "block", "order", "line",      "status",
        "exit_code",  "errors_text", "#",        "",
};

static bool is_one_of(Span title, const char *const *titles, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (span_is_any_case(title, titles[i]))
                        return true;
        return false;
}

static bool is_number(Span field)
{
        double value;

        return text_number(field, &value) || text_number_comma(field, &value) ||
               text_is_not_finite(field);
}

static int detect(Span head, bool whole)
{
        char separator = csv_separator(head);
        size_t n[2] = { 0 };
        bool number = false;
        Span line, field;

        if (!separator || span_starts(span_trim(head), "{") || span_starts(span_trim(head), "[") ||
            span_starts(span_trim(head), "<"))
                return 0;
        for (size_t row = 0; row < 2;) {
                if (!span_next_line(&head, &line) || (!whole && head.len == 0))
                        return 0;
                if (span_trim(line).len == 0)
                        continue;
                for (Span rest = line; rest.ptr;) {
                        field = csv_cut(&rest, separator);
                        n[row]++;
                        if (is_number(span_trim(field))) {
                                number = true;
                                if (row == 0)
                                        return 0; /* a header has no numbers */
                        }
                }
                row++;
        }
        return number && n[0] >= 2 && n[0] == n[1] ? 20 : 0;
}

/* --- what a column is --- */

/* "encode (ms)", "encode [ms]", "encode_ms", "encode.ms": the unit is cut off. */
static bool split_unit(Span title, Span *ret_base, Span *ret_unit)
{
        static const char separators[] = "([_./ -";
        Span unit;

        for (size_t i = title.len; i > 0; i--) {
                if (!strchr(separators, title.ptr[i - 1]))
                        continue;
                unit = span_from(title, i);
                if (span_ends(unit, ")") || span_ends(unit, "]"))
                        unit.len--;
                if (title.ptr[i - 1] == '/') /* "ops/s", "MB/s": the slash is the unit's */
                        continue;
                if (unit.len == 0 || import_unit(unit).metric == METRIC_CUSTOM)
                        return false;
                *ret_base = span_trim(span_first(title, i - 1));
                *ret_unit = unit;
                return true;
        }
        return false;
}

static Span lower_case(Import *in, Span s)
{
        char *copy = arena_text(import_arena(in), s.ptr, s.len);

        for (size_t i = 0; i < s.len; i++)
                if (copy[i] >= 'A' && copy[i] <= 'Z')
                        copy[i] = (char)(copy[i] - 'A' + 'a');
        return (Span){ copy, s.len };
}

static bool is_plain(Span base)
{
        return base.len == 0 || is_one_of(base, value_titles, COUNT(value_titles));
}

/* By its title alone; ROLE_OTHER: the first record has to tell. */
static Column column_by_title(const Table *t, Span title)
{
        Column c = { .title = title };
        const MetricDef *def;
        Span base, unit;
        double scale;

        if (is_one_of(title, name_titles, COUNT(name_titles))) {
                c.role = ROLE_NAME;
        } else if (is_one_of(title, (const char *const[]){ "unit", "units" }, 2)) {
                c.role = ROLE_UNIT;
        } else if (is_one_of(title, value_titles, COUNT(value_titles))) {
                c.role = ROLE_VALUE;
                c.unit = import_bare_unit(t->in, span_is_any_case(title, "seconds") ? "s" : "");
                c.by_unit_column = true;
        } else if (is_one_of(title, counting_titles, COUNT(counting_titles))) {
                c.role = ROLE_OTHER;
        } else if ((def = metric_from_key(lower_case(t->in, title), &scale)) != NULL) {
                c.role = ROLE_VALUE;
                c.unit = (ImportUnit){ def->id, scale, { 0 } };
        } else if (split_unit(title, &base, &unit)) {
                c.role = ROLE_VALUE;
                c.unit = import_unit(unit);
                c.part = is_plain(base) ? (Span){ 0 } : base;
        }
        return c;
}

static Span field_of(const Table *t, size_t i)
{
        return span_trim(t->csv.fields[i]);
}

/* Untitled numbers: measurements in a unit of their own name. */
static void settle_by_record(Table *t)
{
        for (size_t i = 0; i < t->n; i++) {
                Column *c = &t->columns[i];

                if (c->role != ROLE_OTHER)
                        continue;
                if (t->name < 0 && !is_number(field_of(t, i)) &&
                    !is_one_of(c->title, counting_titles, COUNT(counting_titles))) {
                        c->role = ROLE_NAME;
                        t->name = (ptrdiff_t)i;
                } else if (is_number(field_of(t, i)) &&
                           !is_one_of(c->title, counting_titles, COUNT(counting_titles))) {
                        c->role = ROLE_VALUE;
                        c->unit = import_bare_unit(t->in, "");
                        c->part = c->title;
                } else {
                        import_unknown(t->in, 1, c->title,
                                       "a column that is neither a name nor a measurement");
                }
        }
}

static int read_header(Table *t, Error *err)
{
        Arena *arena = import_arena(t->in);

        t->n = t->csv.n_fields;
        t->columns = new_try(arena, Column, t->n);
        if (!t->columns)
                return fail(err, ERR_LIMIT, "%s: no memory", import_name(t->in));
        for (size_t i = 0; i < t->n; i++) {
                Column c = column_by_title(t, span_copy(arena, span_first(field_of(t, i), KiB(1))));
                ptrdiff_t *only = c.role == ROLE_NAME   ? &t->name
                                  : c.role == ROLE_UNIT ? &t->unit
                                                        : NULL;

                if (only && *only >= 0)
                        c.role = ROLE_OTHER; /* the first one counts */
                else if (only)
                        *only = (ptrdiff_t)i;
                t->columns[i] = c;
        }
        return 0;
}

static int check_values(const Table *t, Error *err)
{
        for (size_t i = 0; i < t->n; i++)
                if (t->columns[i].role == ROLE_VALUE)
                        return 0;
        return import_fail(t->in, err, 1, "no column of the header is a measurement");
}

/* --- records --- */

static Span subject_of(Table *t, const Column *c)
{
        buf_clear(&t->subject);
        if (t->name >= 0)
                buf_add(&t->subject, field_of(t, (size_t)t->name));
        if (c->part.len) {
                if (t->subject.len)
                        buf_byte(&t->subject, '/');
                buf_add(&t->subject, c->part);
        }
        return buf_span(&t->subject);
}

static int read_value(Table *t, size_t i, Error *err)
{
        const Column *c = &t->columns[i];
        ImportUnit unit = c->unit;
        double value;
        int r;

        if (field_of(t, i).len == 0) {
                import_unknown(t->in, t->csv.line, c->title, "the column has no value there");
                return 0;
        }
        r = csv_number(&t->csv, i, &value, err);
        if (r < 0)
                return r;
        if (c->by_unit_column && t->unit >= 0)
                unit = import_unit(field_of(t, (size_t)t->unit));
        return import_sample(t->in, subject_of(t, c), unit, value, t->csv.line, err);
}

static int read_record(Table *t, Error *err)
{
        int r = csv_check_width(&t->csv, t->n, err);

        for (size_t i = 0; r == 0 && i < t->n; i++)
                if (t->columns[i].role == ROLE_VALUE)
                        r = read_value(t, i, err);
        return r;
}

static int read_text(Import *in, Span text, Error *err)
{
        Table t = {
                .in = in, .name = -1, .unit = -1, .subject = buf_in(import_arena(in), KiB(64))
        };
        char separator = csv_separator(span_first(text, KiB(64)));
        bool first = true;
        int r;

        t.csv = csv_records(in, text, separator ? separator : ',');
        r = csv_record_next(&t.csv, err);
        if (r > 0)
                r = read_header(&t, err);
        while (r >= 0 && (r = csv_record_next(&t.csv, err)) > 0) {
                if (first && t.csv.n_fields == t.n) {
                        settle_by_record(&t);
                        first = false;
                        r = check_values(&t, err);
                }
                if (r >= 0)
                        r = read_record(&t, err);
        }
        return r;
}

const ImportFormat csv_table_format = {
        .name = "csv",
        .says = "any CSV or TSV with a header",
        .files = "RFC 4180",
        .detect = detect,
        .read = read_text,
};
