/* airspeed velocity's result files: one commit, one environment, every benchmark with a result for
 * each combination of parameters. The units are elsewhere (benchmarks.json), so the kind of a
 * benchmark is taken from its name, which asv prescribes: time_, mem_, peakmem_, track_. */

#include "import/asv_table.h"
#include "import/json_read.h"

#include <math.h>

#define MOST_PARAMS 32

static int detect(Span head, bool whole UNUSED)
{
        static const char *const sure[] = { "commit_hash", "results", "params", NULL };

        return json_head_has_all(head, sure) ? 90 : 0;
}

/* The items of a list, to be asked for by number. */
typedef struct Items {
        const Value **at;
        size_t len;
} Items;

static Items items_of(Import *in, const Value *list)
{
        Items items = { 0 };

        if (value_absent(list) || list->kind != VALUE_LIST)
                return items;
        items.at = new_try(import_arena(in), const Value *, list->count);
        if (items.at)
                value_each (item, list)
                        items.at[items.len++] = item;
        return items;
}

static const Value *item(const Items *items, size_t i)
{
        return i < items->len ? items->at[i] : NULL;
}

static double number(const Items *items, size_t i)
{
        const Value *value = item(items, i);

        return value && value->kind == VALUE_NUMBER ? value->number : (double)NAN;
}

/* What is known of one benchmark, whichever version of the file says it. */
typedef struct Result {
        Span name;
        const Value *values; /* one for each combination of parameters, or a single number */
        Items low, high, repeat, samples;
        Items params[MOST_PARAMS];
        size_t n_params;
} Result;

static const struct {
        const char *column;
        size_t offset;
} columns[] = {
        { "stats_ci_99_a", offsetof(Result, low) },
        { "stats_ci_99_b", offsetof(Result, high) },
        { "repeat", offsetof(Result, repeat) },
        { "samples", offsetof(Result, samples) },
};

static void put_column(Import *in, Result *result, Span column, const Value *value)
{
        if (span_is(column, "result"))
                result->values = value;
        if (span_is(column, "params"))
                value_each (param, value)
                        if (param->count && result->n_params < MOST_PARAMS)
                                result->params[result->n_params++] = items_of(in, param);
        for (size_t i = 0; i < COUNT(columns); i++)
                if (span_is(column, columns[i].column))
                        *(Items *)(void *)((char *)result + columns[i].offset) =
                                items_of(in, value);
}

/* Version 2 writes a row in the order of "result_columns", cut after its last value; version 1 a
 * map with the same names, or the number alone. */
static void read_row(Import *in, const Value *names, const Value *row, Result *ret)
{
        const Value *name = names ? names->first : NULL;

        *ret = (Result){ .name = row->key };
        if (row->kind == VALUE_NUMBER)
                ret->values = row;
        value_each (field, row) {
                Span column = row->kind == VALUE_MAP ? field->key : name ? name->text : SPAN("");

                put_column(in, ret, column, field);
                name = name ? name->next : NULL;
        }
}

/* "name(a, b)" for the i-th combination; the last parameter changes fastest. */
static Span combination(Import *in, const Result *result, size_t i)
{
        Buf out = buf_in(import_arena(in), KiB(16));
        const Value *values[MOST_PARAMS];

        for (size_t k = result->n_params; k-- > 0;) {
                size_t count = MAX(result->params[k].len, (size_t)1);

                values[k] = item(&result->params[k], i % count);
                i /= count;
        }
        buf_add(&out, result->name);
        for (size_t k = 0; k < result->n_params; k++)
                buf_printf(&out, "%s%.*s", k ? ", " : "(",
                           SPAN_ARG(values[k] ? values[k]->text : SPAN("")));
        buf_text(&out, result->n_params ? ")" : "");
        return buf_span(&out);
}

typedef struct Asv {
        Import *in;
        const Document *doc;
} Asv;

static int read_value(Asv *a, const Result *result, const Value *value, size_t i, Error *err)
{
        Span subject = combination(a->in, result, i);
        ImportUnit unit = asv_unit(result->name);
        const Value *samples = item(&result->samples, i);
        double n = number(&result->repeat, i);

        if (samples && samples->kind == VALUE_LIST && samples->count)
                return json_samples(a->in, a->doc, samples, subject, unit, err);
        if (value->kind != VALUE_NUMBER) {
                import_unknown(a->in, value->line, subject,
                               value->kind == VALUE_NULL ? "the benchmark failed"
                                                         : "the benchmark was skipped");
                return 0;
        }
        return import_summary(a->in, subject, unit, value->number, number(&result->low, i),
                              number(&result->high, i), n >= 1 && n < 1e9 ? (uint64_t)n : 0,
                              value->line, err);
}

static int read_result(Asv *a, const Value *names, const Value *row, Error *err)
{
        Result result;
        size_t i = 0;

        read_row(a->in, names, row, &result);
        if (value_absent(result.values)) {
                import_unknown(a->in, row->line, row->key, "the benchmark failed");
                return 0;
        }
        if (result.values->kind == VALUE_NUMBER)
                return read_value(a, &result, result.values, 0, err);
        value_each (value, result.values) {
                Mark mark = arena_mark(import_arena(a->in));
                int r = read_value(a, &result, value, i++, err);

                arena_reset(import_arena(a->in), mark);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Python writes NaN, which is no JSON, for a benchmark that was skipped: it becomes a text of the
 * same length, so that places stay right. */
static Span without_nan(Import *in, Span text)
{
        char *copy = new_try(import_arena(in), char, text.len + 1);
        bool in_text = false;

        if (!copy)
                return text;
        memcpy(copy, text.ptr, text.len);
        for (size_t i = 0; i + 2 < text.len; i++) {
                if (in_text && copy[i] == '\\')
                        i++;
                else if (copy[i] == '"')
                        in_text = !in_text;
                else if (!in_text && memcmp(copy + i, "NaN", 3) == 0) {
                        memcpy(copy + i, "\"\" ", 3);
                        i += 2;
                }
        }
        return (Span){ copy, text.len };
}

static int read(Import *in, Span text, Error *err)
{
        Document doc;
        Asv a = { in, &doc };
        const Value *results, *date;
        int r = json_document(in, span_contains(text, "NaN") ? without_nan(in, text) : text, &doc,
                              err);

        if (r < 0)
                return r;
        results = value_get(doc.root, "results");
        if (!results)
                return value_fail(err, &doc, doc.root, "'results' is missing");
        r = value_expect(&doc, results, VALUE_MAP, err);
        value_each (row, results) {
                if (r == 0)
                        r = read_result(&a, value_get(doc.root, "result_columns"), row, err);
        }
        date = value_get(doc.root, "date");
        if (date && date->kind == VALUE_NUMBER && date->number > 0 && date->number < 1e13)
                import_says(in, "commit of %.0f ms since 1970", date->number);
        import_revision(in, text_under(doc.root, "commit_hash"));
        import_machine(in, text_under(value_get(doc.root, "params"), "machine"));
        return r;
}

const ImportFormat asv_format = {
        .name = "asv",
        .says = "asv results/MACHINE/COMMIT-ENVIRONMENT.json",
        .files = "github.com/airspeed-velocity/asv: asv/results.py",
        .detect = detect,
        .read = read,
};
