/* Reading a map by a table of its fields. */

#include "base/buf.h"
#include "base/value.h"
#include "base/value_build.h"

#include <string.h>

typedef union FieldRoom {
        Span text;
        double number;
        uint64_t count;
        bool boolean;
        const Value *value;
} FieldRoom;

static int read_text(const Document *doc, const Value *at, FieldRoom *ret, Error *err)
{
        return value_to_text(doc, at, &ret->text, err);
}

static int read_number(const Document *doc, const Value *at, FieldRoom *ret, Error *err)
{
        return value_to_number(doc, at, &ret->number, err);
}

static int read_count(const Document *doc, const Value *at, FieldRoom *ret, Error *err)
{
        return value_to_u64(doc, at, &ret->count, err);
}

static int read_bool(const Document *doc, const Value *at, FieldRoom *ret, Error *err)
{
        return value_to_bool(doc, at, &ret->boolean, err);
}

static int read_duration(const Document *doc, const Value *at, FieldRoom *ret, Error *err)
{
        return value_to_duration(doc, at, &ret->count, err);
}

static int read_value(const Document *doc UNUSED, const Value *at, FieldRoom *ret,
                      Error *err UNUSED)
{
        ret->value = at;
        return 0;
}

typedef struct FieldReader {
        int (*read)(const Document *, const Value *, FieldRoom *, Error *);
        size_t size;
} FieldReader;

static const FieldReader readers[] = {
        [FIELD_TEXT] = { read_text, sizeof(Span) },
        [FIELD_NUMBER] = { read_number, sizeof(double) },
        [FIELD_COUNT] = { read_count, sizeof(uint64_t) },
        [FIELD_BOOL] = { read_bool, sizeof(bool) },
        [FIELD_DURATION] = { read_duration, sizeof(uint64_t) },
        [FIELD_VALUE] = { read_value, sizeof(const Value *) },
};

static const Field *field_named(Span key, const Field *fields, size_t n_fields)
{
        for (size_t i = 0; i < n_fields; i++)
                if (span_is(key, fields[i].key))
                        return &fields[i];
        return NULL;
}

/* Edits between two keys; upper and lower case are no edit. */
static size_t key_distance(Span key, const char *known)
{
        return span_is_any_case(key, known) ? 0 : span_distance(key, span_of(known));
}

/* The known key a typing error leads to: about a third of the letters may differ, never all. */
static const char *nearest_key(Span key, const Field *fields, size_t n_fields)
{
        size_t best = key.len / 3 + 1;
        const char *nearest = NULL;

        for (size_t i = 0; i < n_fields; i++) {
                size_t distance = key_distance(key, fields[i].key);

                if (distance < key.len && distance <= best && (!nearest || distance < best)) {
                        best = distance;
                        nearest = fields[i].key;
                }
        }
        return nearest;
}

static void hint_known_keys(Error *err, const Field *fields, size_t n_fields)
{
        char names[sizeof(err->hint)] = "";
        size_t used = 0;

        for (size_t i = 0; i < n_fields && used < sizeof(names); i++) {
                int n = snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
                                 fields[i].key);

                used += n > 0 ? (size_t)n : 0;
        }
        fail_hint(err, "known keys: %s", names);
}

static int fail_unknown(const Document *doc, const Value *child, const Field *fields,
                        size_t n_fields, Error *err)
{
        const char *nearest = nearest_key(child->key, fields, n_fields);

        value_fail_at(err, ERR_INPUT, doc->name, (Place){ child->key_line, child->key_column },
                      "unknown key '%.*s'", SPAN_ARG(child->key));
        if (nearest)
                fail_hint(err, "did you mean '%s'?", nearest);
        else if (err)
                hint_known_keys(err, fields, n_fields);
        return -ERR_INPUT;
}

static int check_required(const Document *doc, const Value *map, const Field *fields,
                          size_t n_fields, Error *err)
{
        for (size_t i = 0; i < n_fields; i++) {
                if (!fields[i].required || value_get(map, fields[i].key))
                        continue;
                value_fail(err, doc, map, "the key '%s' is missing", fields[i].key);
                if (fields[i].help)
                        fail_hint(err, "%s: %s", fields[i].key, fields[i].help);
                return -ERR_INPUT;
        }
        return 0;
}

/* Reads every child; stores them only when `ret_struct` is given. */
static int read_children(const Document *doc, const Value *map, const Field *fields,
                         size_t n_fields, char *ret_struct, Error *err)
{
        value_each (child, map) {
                const Field *field = field_named(child->key, fields, n_fields);
                FieldRoom room;
                int r;

                if (!field)
                        return fail_unknown(doc, child, fields, n_fields, err);
                BUG_IF((size_t)field->kind >= COUNT(readers));
                r = readers[field->kind].read(doc, child, &room, err);
                if (r < 0)
                        return r;
                if (ret_struct)
                        memcpy(ret_struct + field->offset, &room, readers[field->kind].size);
        }
        return 0;
}

int value_read_fields(const Document *doc, const Value *map, const Field *fields, size_t n_fields,
                      void *ret_struct, Error *err)
{
        int r = value_expect(doc, map, VALUE_MAP, err);

        if (r == 0)
                r = read_children(doc, map, fields, n_fields, NULL, err);
        if (r == 0)
                r = check_required(doc, map, fields, n_fields, err);
        if (r == 0)
                r = read_children(doc, map, fields, n_fields, ret_struct, err);
        return r;
}
