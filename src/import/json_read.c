#include "import/json_read.h"

#include <inttypes.h>
#include <math.h>

#define LONGEST_NAME KiB(16)

int json_document(Import *in, Span text, Document *ret, Error *err)
{
        return json_parse_strict(text, import_name(in), import_arena(in), ret, err);
}

Span text_under(const Value *map, const char *key)
{
        const Value *value = value_get(map, key);

        return value && value->kind == VALUE_TEXT ? value->text : (Span){ 0 };
}

double number_under(const Value *map, const char *key)
{
        const Value *value = value_get(map, key);

        return value && value->kind == VALUE_NUMBER ? value->number : (double)NAN;
}

bool value_absent(const Value *value)
{
        return !value || value->kind == VALUE_NULL;
}

int json_sample(Import *in, const Document *doc, const Value *value, Span subject, ImportUnit unit,
                Error *err)
{
        double number;
        int r;

        if (value_absent(value))
                return 0;
        r = value_to_number(doc, value, &number, err);
        return r < 0 ? r : import_sample(in, subject, unit, number, value->line, err);
}

int json_sample_of(Import *in, const Document *doc, const Value *value, Span subject,
                   ImportUnit unit, uint64_t unused, Error *err)
{
        (void)unused;
        return json_sample(in, doc, value, subject, unit, err);
}

int json_list(const Document *doc, const Value *map, const char *key, const Value **ret, Error *err)
{
        const Value *list = value_get(map, key);
        int r;

        if (!list)
                return value_fail(err, doc, map, "'%s' is missing", key);
        r = value_expect(doc, list, VALUE_LIST, err);
        if (r == 0)
                *ret = list;
        return r;
}

/* The depth is bounded by the parser's. */
int json_samples(Import *in, const Document *doc, const Value *values, Span subject,
                 ImportUnit unit, Error *err)
{
        int r = 0;

        if (value_absent(values) || values->kind != VALUE_LIST)
                return json_sample(in, doc, values, subject, unit, err);
        value_each (value, values) {
                r = json_samples(in, doc, value, subject, unit, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int json_summary(Import *in, const Document *doc, const Value *value, Span subject, ImportUnit unit,
                 uint64_t n, Error *err)
{
        double number;
        int r;

        if (value_absent(value))
                return 0;
        r = value_to_number(doc, value, &number, err);
        return r < 0 ? r
                     : import_summary(in, subject, unit, number, (double)NAN, (double)NAN, n,
                                      value->line, err);
}

int json_columns(Import *in, const Document *doc, const Value *map, const JsonColumn *columns,
                 size_t n_columns, Span subject, uint64_t n, Error *err)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < n_columns; i++)
                r = json_summary(in, doc, value_get(map, columns[i].key), subject,
                                 (ImportUnit){ columns[i].metric, columns[i].scale }, n, err);
        return r;
}

static Span words_of(const Value *value)
{
        static const Span nothing = { "null", 4 };

        return value->kind == VALUE_NULL ? nothing : value->text;
}

Span import_subject(Import *in, Span name, const Value *params)
{
        Buf out = buf_in(import_arena(in), LONGEST_NAME);

        if (value_absent(params) || params->kind != VALUE_MAP || params->count == 0)
                return name;
        buf_add(&out, name);
        value_each (param, params)
                if (param->kind != VALUE_MAP && param->kind != VALUE_LIST)
                        buf_printf(&out, "/%.*s=%.*s", SPAN_ARG(param->key),
                                   SPAN_ARG(words_of(param)));
        return buf_span(&out);
}

/* The parser takes each line for a file of its own: "name:1:5: ..." is "name:123:5: ...". */
static int fail_at_line(Import *in, uint64_t number, Error *err)
{
        Error why = *err;
        char *first = arena_printf(import_arena(in), "%s:1:", import_name(in));
        Span message = span_of(why.message);

        if (!span_starts(message, first))
                return -err->code;
        message = span_from(message, strlen(first));
        fail(err, why.code, "%s:%" PRIu64 ":%.*s", import_name(in), number, SPAN_ARG(message));
        return -err->code;
}

int json_line(Import *in, Span line, uint64_t number, JsonLine each, void *state, Error *err)
{
        Mark mark = arena_mark(import_arena(in));
        Error why = { 0 };
        Document doc;
        int r = json_parse_strict(line, import_name(in), import_arena(in), &doc, &why);

        import_at_line(in, number);
        if (r == 0)
                r = each(in, &doc, line, state, &why);
        if (r < 0)
                r = fail_at_line(in, number, &why);
        import_at_line(in, 1);
        arena_reset(import_arena(in), mark);
        if (r < 0 && err)
                *err = why;
        return r;
}

int json_lines(Import *in, Span text, JsonLine each, void *state, Error *err)
{
        uint64_t number = 0;
        Span line;
        int r = 0;

        while (r == 0 && span_next_line(&text, &line)) {
                number++;
                if (span_trim(line).len)
                        r = json_line(in, line, number, each, state, err);
        }
        return r;
}
