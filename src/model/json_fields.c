#include "model/json_fields.h"

#include <math.h>
#include <string.h>

static void write_text(JsonWriter *w, const Field *field, const void *from)
{
        Span text;

        memcpy(&text, from, sizeof(text));
        if (text.len || field->required) {
                json_key(w, field->key);
                json_span(w, text);
        }
}

static void write_number(JsonWriter *w, const Field *field, const void *from)
{
        double number;

        memcpy(&number, from, sizeof(number));
        if (isfinite(number)) {
                json_key(w, field->key);
                json_double(w, number);
        }
}

static void write_count(JsonWriter *w, const Field *field, const void *from)
{
        uint64_t count;

        memcpy(&count, from, sizeof(count));
        if (count || field->required) {
                json_key(w, field->key);
                json_u64(w, count);
        }
}

static void write_bool(JsonWriter *w, const Field *field, const void *from)
{
        bool boolean;

        memcpy(&boolean, from, sizeof(boolean));
        if (boolean || field->required) {
                json_key(w, field->key);
                json_bool(w, boolean);
        }
}

static void (*const writers[])(JsonWriter *, const Field *, const void *) = {
        [FIELD_TEXT] = write_text, [FIELD_NUMBER] = write_number,  [FIELD_COUNT] = write_count,
        [FIELD_BOOL] = write_bool, [FIELD_DURATION] = write_count,
};

void fields_write(JsonWriter *w, const Field *fields, size_t n_fields, const void *from)
{
        for (size_t i = 0; i < n_fields; i++)
                if (fields[i].kind != FIELD_VALUE)
                        writers[fields[i].kind](w, &fields[i],
                                                (const char *)from + fields[i].offset);
}

int name_index(const Document *doc, const Value *at, Span name, const char *const *names,
               size_t n_names, size_t *ret, Error *err)
{
        for (size_t i = 0; i < n_names; i++) {
                if (span_is(name, names[i])) {
                        *ret = i;
                        return 0;
                }
        }
        return value_fail(err, doc, at, "'%.*s' is not known here", SPAN_ARG(name));
}
