#pragma once
/* A parsed document (JSON or YAML): one tree, with the place of every node.
 *
 *         Document doc;
 *         r = json_parse(text, "budget.json", arena, &doc, err);     // or yaml_parse
 *         const Value *max = value_get(value_get(doc.root, "metrics"), "max");
 *         if (!max)
 *                 return value_fail(err, &doc, doc.root, "'metrics' is missing");
 *
 * A map or list owns its children through `first` and `next`, in source order; a child of a map
 * carries its key. Scalars keep their source text, so that an integer beyond 2^53 is not lost.
 * Everything lives in the arena given to the parser. value_* accept NULL and answer "absent".
 */

#include "base/span.h"

#define VALUE_KINDS(X)           \
        X(NULL, "null")          \
        X(BOOL, "true or false") \
        X(NUMBER, "a number")    \
        X(TEXT, "text")          \
        X(LIST, "a list")        \
        X(MAP, "a map")

typedef enum ValueKind {
#define X(id, name) VALUE_##id,
        VALUE_KINDS(X)
#undef X
} ValueKind;

typedef struct Value Value;
struct Value {
        ValueKind kind;
        uint32_t line, column;         /* from 1; columns count characters */
        uint32_t key_line, key_column; /* in a map: the place of this child's key */
        Span key;                      /* in a map: this child's key */
        Span text;                     /* scalars: the text (strings decoded) */
        double number;
        bool boolean;
        size_t count; /* children */
        const Value *first, *next;
};

typedef struct Document {
        const char *name; /* file name for messages */
        const Value *root;
} Document;

#define value_each(it, parent) \
        for (const Value *it = (parent) ? (parent)->first : NULL; it; it = it->next)

const Value *value_get(const Value *map, const char *key);
const char *value_kind_name(ValueKind kind);

/* "name:line:column: message"; returns -ERR_INPUT. `at` may be NULL (the whole document). */
int value_fail(Error *err, const Document *doc, const Value *at, const char *format, ...)
        PRINTF(4, 5);

/* Typed reads with errors that name the place. `at` must not be NULL. */
int value_to_text(const Document *doc, const Value *at, Span *ret, Error *err);
int value_to_number(const Document *doc, const Value *at, double *ret, Error *err);
int value_to_u64(const Document *doc, const Value *at, uint64_t *ret, Error *err);
int value_to_bool(const Document *doc, const Value *at, bool *ret, Error *err);
/* "10s", "250ms", a bare number counts as seconds; see units.h */
int value_to_duration(const Document *doc, const Value *at, uint64_t *ret_ns, Error *err);
int value_expect(const Document *doc, const Value *at, ValueKind kind, Error *err);

/* A schema as a table: which keys a map may hold and where they go. Unknown keys are errors that
 * suggest the nearest known key; a missing required key is an error at the map. */
typedef enum FieldKind {
        FIELD_TEXT,     /* Span */
        FIELD_NUMBER,   /* double */
        FIELD_COUNT,    /* uint64_t */
        FIELD_BOOL,     /* bool */
        FIELD_DURATION, /* uint64_t, nanoseconds */
        FIELD_VALUE,    /* const Value *, any kind, for the caller to read */
} FieldKind;

typedef struct Field {
        const char *key;
        FieldKind kind;
        size_t offset;
        bool required;
        const char *help;
} Field;

int value_read_fields(const Document *doc, const Value *map, const Field *fields, size_t n_fields,
                      void *ret_struct, Error *err);
