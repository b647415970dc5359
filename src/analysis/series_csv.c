#include "analysis/series_csv.h"

#include "base/csv.h"
#include "base/date.h"
#include "base/vec.h"

#include <math.h>

#define MOST_COLUMNS 1000
#define MOST_ROWS ((size_t)1 << 22)
#define MOST_CELLS ((size_t)1 << 25)
#define EARLIEST_UNIX_TIME 1e8 /* 1973; smaller numbers under "time" are durations */

static const char *const time_names[] = { "time", "timestamp", "date", "datetime" };
static const char *const revision_names[] = { "commit", "revision",     "sha",
                                              "hash",   "git_revision", "version" };
static const char *const missing_words[] = { "nan", "na", "null", "-" };

/* What a column is; decided by its first value. */
typedef enum Role { ROLE_UNKNOWN, ROLE_TIME, ROLE_REVISION, ROLE_SERIES, ROLE_TEXT } Role;

typedef struct Cell {
        Span text;
        uint32_t line;
} Cell;

typedef struct Table {
        const char *name;
        Arena *arena;
        VEC(Span) header;
        VEC(Cell) cells; /* row by row */
        size_t rows;
        Role roles[MOST_COLUMNS];
} Table;

static bool is_one_of(Span text, const char *const *words, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (span_is_any_case(text, words[i]))
                        return true;
        return false;
}

static bool is_missing(Span text)
{
        return text.len == 0 || is_one_of(text, missing_words, COUNT(missing_words));
}

static const Cell *cell_at(const Table *t, size_t row, size_t column)
{
        return &t->cells.items[row * t->header.len + column];
}

/* --- the table --- */

static int add_header(Table *t, const CsvField *field, Error *err)
{
        Span name = span_trim(field->text), *slot;

        if (name.len == 0)
                return fail(err, ERR_INPUT, "%s:%u: column %zu has no name", t->name, field->line,
                            t->header.len + 1);
        for (size_t i = 0; i < t->header.len; i++)
                if (span_eq(t->header.items[i], name))
                        return fail(err, ERR_INPUT, "%s:%u: two columns are called '%.*s'", t->name,
                                    field->line, SPAN_ARG(name));
        slot = vec_add(t->arena, &t->header);
        if (!slot)
                return fail(err, ERR_LIMIT, "%s: more than %d columns", t->name, MOST_COLUMNS);
        *slot = name;
        return 0;
}

static int add_cell(Table *t, const CsvField *field, size_t *column, Error *err)
{
        Cell *cell = vec_add(t->arena, &t->cells);

        if (!cell)
                return fail(err, ERR_LIMIT, "%s:%u: more values than fit into memory", t->name,
                            field->line);
        *cell = (Cell){ span_trim(field->text), field->line };
        ++*column;
        if (field->last ? *column != t->header.len : *column >= t->header.len)
                return fail(err, ERR_INPUT, "%s:%u: %s fields than the %zu columns of line 1",
                            t->name, field->line, *column < t->header.len ? "fewer" : "more",
                            t->header.len);
        if (!field->last)
                return 0;
        *column = 0;
        if (++t->rows > MOST_ROWS)
                return fail(err, ERR_LIMIT, "%s: more than %zu rows", t->name, MOST_ROWS);
        return 0;
}

static int read_table(Table *t, Span text, Error *err)
{
        CsvReader csv = csv_open(text, t->name, t->arena);
        bool in_header = true;
        size_t column = 0;
        CsvField field;
        int r;

        while ((r = csv_next(&csv, &field, err)) > 0) {
                r = in_header ? add_header(t, &field, err) : add_cell(t, &field, &column, err);
                if (r < 0)
                        return r;
                in_header = in_header && !field.last;
        }
        if (r < 0)
                return r;
        if (t->rows == 0)
                return fail(err, ERR_INPUT, "%s: no row stands under the names of the columns",
                            t->name);
        return 0;
}

/* --- columns --- */

/* Unix times by their size: s, ms, us, ns. */
static bool unix_time(Span text, uint64_t *ret_ns)
{
        static const struct {
                double below, ns;
        } steps[] = { { 1e11, 1e9 }, { 1e14, 1e6 }, { 1e17, 1e3 }, { 1.8e19, 1 } };
        double number;

        if (span_to_double(text, &number, NULL) < 0 || number < EARLIEST_UNIX_TIME)
                return false;
        for (size_t i = 0; i < COUNT(steps); i++) {
                uint64_t whole;

                if (number >= steps[i].below)
                        continue;
                if (span_to_u64(text, &whole, NULL) == 0)
                        *ret_ns = whole * (uint64_t)steps[i].ns;
                else
                        *ret_ns = (uint64_t)(number * steps[i].ns);
                return true;
        }
        return false;
}

static bool is_time(Span text, uint64_t *ret_ns)
{
        return unix_time(text, ret_ns) || moment_parse(text, ret_ns, NULL) == 0;
}

static Role role_of(const Table *t, size_t column)
{
        Span name = t->header.items[column], first = { 0 };
        uint64_t ns;
        double number;

        for (size_t row = 0; row < t->rows && first.len == 0; row++)
                if (!is_missing(cell_at(t, row, column)->text))
                        first = cell_at(t, row, column)->text;
        if (first.len && is_one_of(name, time_names, COUNT(time_names)) && is_time(first, &ns))
                return ROLE_TIME;
        if (is_one_of(name, revision_names, COUNT(revision_names)))
                return ROLE_REVISION;
        if (first.len && span_to_double(first, &number, NULL) == 0)
                return ROLE_SERIES;
        return ROLE_TEXT;
}

/* The first time and revision count; further ones are text. */
static void find_roles(Table *t)
{
        bool time = false, revision = false;

        for (size_t i = 0; i < t->header.len; i++) {
                Role role = role_of(t, i);

                if ((role == ROLE_TIME && time) || (role == ROLE_REVISION && revision))
                        role = ROLE_TEXT;
                time |= role == ROLE_TIME;
                revision |= role == ROLE_REVISION;
                t->roles[i] = role;
        }
}

static int fail_cell(const Table *t, const Cell *cell, size_t column, const char *what, Error *err)
{
        return fail(err, ERR_INPUT, "%s:%u: '%.*s' in column '%.*s' is no %s", t->name, cell->line,
                    SPAN_ARG(span_first(cell->text, 40)), SPAN_ARG(t->header.items[column]), what);
}

static int fail_room(const Table *t, Error *err)
{
        return fail(err, ERR_LIMIT, "%s: %zu rows do not fit into memory", t->name, t->rows);
}

static int read_series(const Table *t, size_t column, SeriesCsv *csv, Error *err)
{
        double *values = new_try(t->arena, double, t->rows);

        if (!values)
                return fail_room(t, err);
        for (size_t row = 0; row < t->rows; row++) {
                const Cell *cell = cell_at(t, row, column);

                values[row] = (double)NAN;
                if (!is_missing(cell->text) && span_to_double(cell->text, &values[row], NULL) < 0)
                        return fail_cell(t, cell, column, "number", err);
        }
        csv->columns[csv->len++] = (SeriesColumn){ t->header.items[column], values };
        return 0;
}

static int read_times(const Table *t, size_t column, SeriesCsv *csv, Error *err)
{
        uint64_t *times = new_try(t->arena, uint64_t, t->rows);

        if (!times)
                return fail_room(t, err);
        for (size_t row = 0; row < t->rows; row++) {
                const Cell *cell = cell_at(t, row, column);

                if (!is_time(cell->text, &times[row]))
                        return fail_cell(t, cell, column, "time", err);
        }
        csv->wall_ns = times;
        csv->has_time = true;
        return 0;
}

static int read_revisions(const Table *t, size_t column, SeriesCsv *csv, Error *err)
{
        Span *revisions = new_try(t->arena, Span, t->rows);

        if (!revisions)
                return fail_room(t, err);
        for (size_t row = 0; row < t->rows; row++)
                if (!is_missing(cell_at(t, row, column)->text))
                        revisions[row] = cell_at(t, row, column)->text;
        csv->revisions = revisions;
        return 0;
}

static int read_ignored(const Table *t, size_t column, SeriesCsv *csv, Error *err UNUSED)
{
        csv->ignored[csv->n_ignored++] = t->header.items[column];
        return 0;
}

/* Without a column of times the rows are told apart by their number. */
static int number_rows(const Table *t, SeriesCsv *csv, Error *err)
{
        uint64_t *times = new_try(t->arena, uint64_t, t->rows);

        if (!times)
                return fail_room(t, err);
        for (size_t row = 0; row < t->rows; row++)
                times[row] = row;
        csv->wall_ns = times;
        return 0;
}

static int read_columns(Table *t, SeriesCsv *csv, Error *err)
{
        static int (*const readers[])(const Table *, size_t, SeriesCsv *, Error *) = {
                [ROLE_UNKNOWN] = read_ignored,    [ROLE_TIME] = read_times,
                [ROLE_REVISION] = read_revisions, [ROLE_SERIES] = read_series,
                [ROLE_TEXT] = read_ignored,
        };
        int r = 0;

        csv->columns = new (t->arena, SeriesColumn, t->header.len);
        csv->ignored = new (t->arena, Span, t->header.len);
        for (size_t i = 0; i < t->header.len && r == 0; i++)
                r = readers[t->roles[i]](t, i, csv, err);
        if (r < 0)
                return r;
        if (csv->len == 0)
                return fail(err, ERR_INPUT, "%s: no column holds numbers", t->name);
        return csv->wall_ns ? 0 : number_rows(t, csv, err);
}

int series_csv_parse(Span text, const char *name, Arena *arena, SeriesCsv *ret, Error *err)
{
        Table t = { .name = name,
                    .arena = arena,
                    .header = VEC_INIT(MOST_COLUMNS),
                    .cells = VEC_INIT(MOST_CELLS) };
        SeriesCsv csv = { .file = name };
        int r = read_table(&t, text, err);

        if (r < 0)
                return r;
        find_roles(&t);
        csv.rows = t.rows;
        r = read_columns(&t, &csv, err);
        if (r == 0)
                *ret = csv;
        return r;
}

static const char *nearest_column(const SeriesCsv *csv, Span name, Arena *arena)
{
        size_t best = MIN(name.len, (size_t)100) / 3 + 2;
        const Span *nearest = NULL;

        for (size_t i = 0; i < csv->len; i++) {
                Span known = csv->columns[i].name;
                size_t distance = MAX(known.len, name.len) > 100 ? 100 : span_distance(known, name);

                if (distance < best) {
                        best = distance;
                        nearest = &csv->columns[i].name;
                }
        }
        return nearest ? span_text(arena, *nearest) : NULL;
}

int series_csv_find(const SeriesCsv *csv, Span name, size_t *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(1));
        Buf names = buf_in(scratch, 200);
        const char *nearest;

        for (size_t i = 0; i < csv->len; i++) {
                if (!span_eq(csv->columns[i].name, name))
                        continue;
                *ret = i;
                return 0;
        }
        nearest = nearest_column(csv, name, scratch);
        fail(err, ERR_NOT_FOUND, "%s has no column of numbers called '%.*s'", csv->file,
             SPAN_ARG(name));
        if (nearest)
                return fail_hint(err, "did you mean '%s'?", nearest);
        for (size_t i = 0; i < csv->len; i++)
                buf_printf(&names, "%s%.*s", i ? ", " : "", SPAN_ARG(csv->columns[i].name));
        return fail_hint(err, "there are: %.*s", SPAN_ARG(buf_span(&names)));
}

int series_csv_points(const SeriesCsv *csv, size_t column, double scale, Arena *arena,
                      MetricPoint **ret, size_t *ret_n, Error *err)
{
        static const Span none = { "", 0 }, instrument = { "csv", 3 };
        Span *target = new (arena, Span, 1);
        MetricPoint *points = new_try(arena, MetricPoint, csv->rows);

        if (!points)
                return fail(err, ERR_LIMIT, "%s: %zu rows do not fit into memory", csv->file,
                            csv->rows);
        *target = span_of(csv->file);
        for (size_t i = 0; i < csv->rows; i++)
                points[i] = (MetricPoint){
                        .run_id = i + 1,
                        .wall_ns = csv->wall_ns[i],
                        .value = csv->columns[column].values[i] * scale,
                        .low = (double)NAN,
                        .high = (double)NAN,
                        .n = 1,
                        .instrument = &instrument,
                        .target = target,
                        .label = &none,
                        .git_revision = csv->revisions ? &csv->revisions[i] : &none,
                        .machine_id = &none,
                        .noise = NOISE_UNKNOWN,
                };
        *ret = points;
        *ret_n = csv->rows;
        return 0;
}
