#pragma once
/* Tables of comma-, semicolon- or tab-separated values, a record at a time (base/csv.h reads the
 * fields).
 *
 *         CsvRecords csv = csv_records(in, text, ',');
 *         while ((r = csv_record_next(&csv, err)) > 0)
 *                 ... csv.fields[0..csv.n_fields), csv.line: where the record starts ...
 *
 * Fields are views into the text, or copies that live until the next record where quotes were
 * taken off. Blank lines are passed over. A record has at most 1000 fields; what is unquoted of it
 * fits into 1 MiB. A last record without a line end is warned of: it may be torn.
 */

#include "base/csv.h"
#include "import/import.h"

#define CSV_MOST_FIELDS 1000

typedef struct CsvRecords {
        Import *in;
        CsvReader reader;
        Mark empty; /* of the arena that holds what is unquoted */
        char separator;
        bool torn; /* the text has no line end at its end */
        uint64_t line;
        size_t n_fields;
        Span *fields;
} CsvRecords;

CsvRecords csv_records(Import *in, Span text, char separator);
/* 1: a record; 0: the end; negative: quotes that do not end, or a ceiling. */
int csv_record_next(CsvRecords *csv, Error *err);
/* The record's column of that name, white space and case aside, or -1. */
ptrdiff_t csv_column(const CsvRecords *csv, const char *name);
/* What separates the fields of the first line: tab, semicolon or comma; 0: nothing does. */
char csv_separator(Span head);
/* As span_cut(), but a separator within quotes does not part. For a look at one line. */
Span csv_cut(Span *rest, char separator);
/* A field as a finite number; the error names line and field. A comma is the decimal point where
 * semicolons separate. */
int csv_number(const CsvRecords *csv, size_t column, double *ret, Error *err);
/* "name:line: column N: expected WHAT, found 'field'" */
int csv_fail(const CsvRecords *csv, size_t column, const char *what, Error *err);
/* As many fields as the header had. */
int csv_check_width(const CsvRecords *csv, size_t n_columns, Error *err);
