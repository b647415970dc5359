#pragma once
/* What the readers of JSON formats have in common: documents, lists of samples, names.
 *
 *         r = json_document(in, text, &doc, err);
 *         name = import_subject(in, text_under(item, "name"), value_get(item, "params"));
 *         r = json_samples(in, &doc, value_get(item, "times"), name, unit, err);
 *
 * A value that is absent or null is no value: nothing is reported and nothing fails. A value of
 * another kind is an error with its place.
 */

#include "base/json.h"
#include "import/import.h"
#include "import/json_head.h"

/* One value and nothing after it; strict JSON. */
int json_document(Import *in, Span text, Document *ret, Error *err);
/* The text under the key; empty when it is absent or of another kind. */
Span text_under(const Value *map, const char *key);
/* The number under the key, or NaN. */
double number_under(const Value *map, const char *key);
bool value_absent(const Value *value);

/* A number, or a list of numbers and such lists to any depth (forks of iterations). */
int json_samples(Import *in, const Document *doc, const Value *values, Span subject,
                 ImportUnit unit, Error *err);
int json_sample(Import *in, const Document *doc, const Value *value, Span subject, ImportUnit unit,
                Error *err);
/* The list under the key, which must be there. */
int json_list(const Document *doc, const Value *map, const char *key, const Value **ret,
              Error *err);
/* json_sample() with the arguments of json_summary(). */
int json_sample_of(Import *in, const Document *doc, const Value *value, Span subject,
                   ImportUnit unit, uint64_t unused, Error *err);
/* A number that the tool worked out from n samples, without an interval. */
int json_summary(Import *in, const Document *doc, const Value *value, Span subject, ImportUnit unit,
                 uint64_t n, Error *err);

/* A key whose number is a metric's. */
typedef struct JsonColumn {
        const char *key;
        MetricId metric;
        double scale;
} JsonColumn;

/* json_summary() of every column that the map has. */
int json_columns(Import *in, const Document *doc, const Value *map, const JsonColumn *columns,
                 size_t n_columns, Span subject, uint64_t n, Error *err);

/* "name/a=1/b=x": a name and its parameters, a map or NULL, in their order. */
Span import_subject(Import *in, Span name, const Value *params);

/* JSON lines: every line is read on its own, as strict JSON. Blank lines are passed over. The
 * Document is gone when the function returns; its lines count from 1, and the framework knows
 * where that is in the file. A last line that does not end is read like any other. */
typedef int (*JsonLine)(Import *in, const Document *doc, Span line, void *state, Error *err);
int json_lines(Import *in, Span text, JsonLine each, void *state, Error *err);
/* One such line, whose number counts from 1. */
int json_line(Import *in, Span line, uint64_t number, JsonLine each, void *state, Error *err);
