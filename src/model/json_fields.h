#pragma once
/* Writing a struct by the same Field rows that read it (value_read_fields). */

#include "base/json.h"

/* Inside an open object: each field under its key. Fields that are not required are left out
 * when empty, zero, false or not finite; FIELD_VALUE rows are the caller's to write. */
void fields_write(JsonWriter *w, const Field *fields, size_t n_fields, const void *from);

/* The place of a name in an X-list's names; an unknown one is an error at `at`. */
int name_index(const Document *doc, const Value *at, Span name, const char *const *names,
               size_t n_names, size_t *ret, Error *err);
