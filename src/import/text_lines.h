#pragma once
/* The lines of a tool's output as a person saw them: without colours, progress bars and CR.
 *
 *         TextLines lines = text_lines(in, text);
 *         Span line;
 *         while (text_next(&lines, &line))
 *                 ... lines.line counts from 1 ...
 *
 * A line without escape sequences is a view into the text; one with them is a cleaned copy that
 * lives until the next call. Of a line that a progress bar was drawn over (CR in its middle, or
 * "cursor to column 1"), what was drawn last is left. A UTF-8 byte order mark is dropped.
 */

#include "import/import.h"

typedef struct TextLines {
        Import *in;
        Span rest;
        uint64_t line;
        Span current;
        bool cut; /* the current line is the last one and has no line end: it may be torn */
        Buf clean;
} TextLines;

TextLines text_lines(Import *in, Span text);
bool text_next(TextLines *lines, Span *ret_line);
/* "name:line: column N: WHAT, found 'at'"; `at` is a view into the current line. */
int text_fail(const TextLines *lines, Span at, const char *what, Error *err);
/* The report in hand ends before `missing`. */
int text_fail_early(const TextLines *lines, const char *missing, Error *err);

bool text_starts_any(Span line, const char *const *prefixes, size_t n);
bool text_contains_any(Span line, const char *const *needles, size_t n);
bool text_is_rule(Span line, const char *dashes); /* only such bytes, at least four */
/* Lines of a head that start with `prefix`: is there one? */
bool text_has_line(Span head, const char *prefix);
