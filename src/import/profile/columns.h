#pragma once
/* Columns of a JSON table, read into numbers: "prefix": [null, 0, 1], and rows by a schema:
 * {"schema": {"stack": 0, "time": 1}, "data": [[4, 0.9], ...]}. Both are how Firefox keeps tables.
 */

#include "import/profile/intake.h"
#include "import/profile/json_pull.h"

#define COLUMN_ITEMS ((size_t)1 << 27)
#define COLUMN_NULL INT64_MIN /* null, false, or not a number; true is 1 */

typedef struct Column {
        VEC(int64_t) items; /* scaled by 10^decimals */
        unsigned decimals;
} Column;

/* Reads an array of numbers and nulls. */
int column_read(Intake *in, const JsonPull *all, Span raw, unsigned decimals, Column *ret);
/* COLUMN_NULL past the end. */
int64_t column_at(const Column *column, size_t i);
/* An array of strings; nulls are empty. */
typedef struct TextColumn {
        VEC(Span) items;
} TextColumn;
int text_column_read(Intake *in, const JsonPull *all, Span raw, TextColumn *ret);
Span text_column_at(const TextColumn *column, int64_t i);

/* A table of rows: the named fields become columns; what is no number reads as null. */
typedef struct RowField {
        const char *name;
        Column *ret;
} RowField;
int rows_read(Intake *in, const JsonPull *all, Span table, const RowField *fields, size_t n);
