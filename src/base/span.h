#pragma once
/* A view of bytes that somebody else owns: every parser takes Spans, none relies on a NUL.
 *
 * A Span never owns memory and lives as long as what it points into. {NULL, 0} is the empty span.
 * Functions that cut return views into their argument. Print with "%.*s", SPAN_ARG(span).
 */

#include "base/arena.h"
#include "base/error.h"

typedef struct Span {
        const char *ptr;
        size_t len;
} Span;

#define SPAN(literal) ((Span){ "" literal "", sizeof(literal) - 1 })
#define SPAN_ARG(span) (int)MIN((span).len, (size_t)INT32_MAX), (span).ptr

Span span_of(const char *text); /* NULL gives the empty span */
Span span_copy(Arena *arena, Span s);
char *span_text(Arena *arena, Span s); /* NUL-terminated copy */

bool span_eq(Span a, Span b);
bool span_is(Span a, const char *text);
bool span_is_any_case(Span a, const char *text); /* ASCII case folded */
int span_compare(Span a, Span b);                /* bytewise, shorter first */
bool span_starts(Span s, const char *prefix);
bool span_ends(Span s, const char *suffix);
bool span_contains(Span s, const char *needle);
/* Offset of the first byte or text, or -1. */
ptrdiff_t span_find_byte(Span s, char byte);
ptrdiff_t span_find(Span s, Span needle);

Span span_from(Span s, size_t at); /* from `at` to the end; clamped */
Span span_first(Span s, size_t n); /* the first n bytes; clamped */
Span span_trim(Span s);            /* without ASCII white space at both ends */
/* Cuts *rest at the first separator: returns what stands before it, leaves what follows. The
 * last piece is returned whole and *rest becomes {NULL, 0}; call while rest.ptr is not NULL. */
Span span_cut(Span *rest, char separator);
/* Next line without its "\n" or "\r\n"; false at the end. */
bool span_next_line(Span *rest, Span *ret_line);
/* The last line that is not blank, trimmed; {NULL, 0} when all are. */
Span span_last_line(Span text);
/* Next run of bytes that are not white space; false at the end. */
bool span_next_word(Span *rest, Span *ret_word);

/* The only ways from text to numbers: the whole span must be the number; range checked. */
int span_to_u64(Span s, uint64_t *ret, Error *err);
int span_to_i64(Span s, int64_t *ret, Error *err);
int span_to_hex(Span s, uint64_t *ret, Error *err);  /* with or without 0x */
int span_to_double(Span s, double *ret, Error *err); /* finite decimal, C locale */

uint64_t span_hash(Span s); /* for tables in memory; not stable across releases */
/* Another function for every seed: nobody who does not know it can choose texts that collide. */
uint64_t span_hash_seeded(Span s, uint64_t seed);
/* Number of single-character edits between two short names, for "did you mean". */
size_t span_distance(Span a, Span b);
