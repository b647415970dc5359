#pragma once
/* "key: value unit" files of /proc as tables: which keys are read and where they go.
 *
 * One line is a key (with or without ':'), white space, a whole number and perhaps " kB". Keys
 * without a row are passed over, so a newer kernel's file stays readable; a value that is not a
 * number, or that overflows in its unit, counts as not found.
 */

#include "base/span.h"

typedef struct ProcRow {
        const char *key;
        size_t offset;  /* of a uint64_t */
        uint64_t scale; /* 1024 for kB */
} ProcRow;

/* Writes what it finds; bit i of the answer: row i was there. At most 64 rows. */
uint64_t proc_rows_read(Span text, const ProcRow *rows, size_t n_rows, void *ret_struct);
/* The same, but every row must be there: ERR_INPUT names the first that is not. */
int proc_rows_need(Span text, const char *name, const ProcRow *rows, size_t n_rows,
                   void *ret_struct, Error *err);
