#pragma once
/* Reading comma-separated values, a field at a time (RFC 4180).
 *
 *         CsvReader csv = csv_open(text, arena);              // finds the separator
 *         while ((r = csv_next(&csv, &field, err)) > 0)
 *                 ... field.text, field.line, field.last: the line ends behind it
 *
 * Fields are views into the text unless they hold doubled quotes. Blank lines are passed over. A
 * quote that is never closed, or text behind one that was, is ERR_INPUT naming the line.
 */

#include "base/span.h"

typedef struct CsvReader {
        const char *name; /* for messages */
        Span rest;
        Arena *arena;
        uint32_t line;
        char separator;
        bool in_row; /* a separator came last, so a field follows, if an empty one */
} CsvReader;

typedef struct CsvField {
        Span text;
        uint32_t line;
        bool last; /* of its row */
} CsvField;

CsvReader csv_open(Span text, const char *name, Arena *arena);
/* 1: a field, 0: the end. */
int csv_next(CsvReader *csv, CsvField *ret, Error *err);
