#pragma once
/* JSON walked once, without a tree: for profiles of gigabytes and stacks nested by the thousand.
 *
 *         JsonPull p = json_pull(text, name, scratch, err);
 *         Span key;
 *         if (pull_open(&p, '{'))
 *                 while (pull_key(&p, &key))
 *                         if (span_is(key, "startTime"))
 *                                 start = pull_number(&p);
 *                         else
 *                                 pull_skip(&p);
 *         if (p.failed)
 *                 return p.failed;
 *
 * The first mistake is kept as the error ("name:line:column: ...") and ends every loop: after it
 * nothing comes any more and values read as 0. Values may be passed over and read later, in the
 * order the reader needs: pull_raw() and pull_at(). What is passed over is checked for brackets
 * and strings only.
 */

#include "base/span.h"

#define JSON_PULL_DEPTH 8192 /* of what is passed over */

typedef struct JsonPull {
        const char *start, *at, *end; /* start: of the whole text, for places */
        Span name;
        Arena *scratch; /* strings with escapes */
        Error *err;
        int failed; /* the error's negative code */
        bool cut;   /* it failed because the text ended */
        bool fresh; /* just after an opening bracket: no comma is due */
} JsonPull;

JsonPull json_pull(Span text, Span name, Arena *scratch, Error *err);
/* A cursor for a value that pull_raw() of the same text returned. */
JsonPull pull_at(const JsonPull *p, Span raw);

/* '{', '[', '"', '0' for numbers, 't', 'f', 'n', 0 at the end: what comes next. */
char pull_kind(JsonPull *p);
/* Expects a bracket and steps in. */
bool pull_open(JsonPull *p, char bracket);
bool pull_key(JsonPull *p, Span *ret_key); /* false: the object is over */
bool pull_item(JsonPull *p);               /* false: the array is over */

Span pull_text(JsonPull *p);
double pull_number(JsonPull *p);
/* Whole numbers; past 2^64 or negative is an error. */
uint64_t pull_u64(JsonPull *p);
int64_t pull_i64(JsonPull *p);
/* A number times 10^decimals, exact as long as it fits: "12.345" with 6 is 12345000. */
int64_t pull_scaled(JsonPull *p, unsigned decimals);
bool pull_null(JsonPull *p); /* steps over null, when it is one */
void pull_skip(JsonPull *p);
Span pull_raw(JsonPull *p);
/* Nothing but white space may follow. */
void pull_end(JsonPull *p);
/* Writes the error at the cursor, or at a value; returns the negative code. */
int pull_fail(JsonPull *p, const char *format, ...) PRINTF(2, 3);
int pull_fail_at(JsonPull *p, const char *at, const char *format, ...) PRINTF(3, 4);

/* The wanted members of an object, as raw text; {NULL, 0} where one is missing or null. */
typedef struct PullField {
        const char *key;
        Span *ret_raw;
} PullField;
void pull_fields(JsonPull *p, const PullField *fields, size_t n);

/* Members of an object that were found by pull_fields; absent ones read as empty or 0. */
Span pull_text_of(const JsonPull *p, Span raw, int *failed);
double pull_number_of(const JsonPull *p, Span raw, double otherwise, int *failed);
