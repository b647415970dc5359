#pragma once
/* What the readers of JSON and YAML share: making nodes and checking maps. Private to base/.
 *
 *         ValueList children = { 0 };
 *         Value *child = new_try(arena, Value, 1);
 *         value_append(&children, child);
 *         ...
 *         value_adopt(map, &children);
 *         r = value_check_keys(doc, map, arena, err);          // duplicates
 */

#include "base/value.h"

typedef struct Place {
        uint32_t line, column; /* from 1 */
} Place;

/* Children on their way to a parent, in source order. */
typedef struct ValueList {
        Value *first, *last;
        size_t count;
} ValueList;

void value_append(ValueList *list, Value *child);
void value_adopt(Value *parent, const ValueList *list);

/* ERR_INPUT with the place of the second when two children of `map` have one key. */
int value_check_keys(const Document *doc, const Value *map, Arena *arena, Error *err);

/* "name:line:column: message"; returns -code. */
int value_fail_at(Error *err, int code, const char *name, Place place, const char *format, ...)
        PRINTF(5, 6);
/* The arena cannot hold the document. */
int value_fail_full(Error *err, const char *name, Place place);
