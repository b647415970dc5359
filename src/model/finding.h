#pragma once
/* A located cause with its evidence, what it costs, and what to do about it.
 *
 * Priority = impact x frequency (founding table): P0 above 1 s for a common, user-facing
 * operation, P1 200..1000 ms, P2 50..200 ms, P3 below 50 ms or rare. */

#include "base/span.h"
#include "base/vec.h"

#define PRIORITIES(X) X(P0, "P0") X(P1, "P1") X(P2, "P2") X(P3, "P3")
#define EFFORTS(X) X(LOW, "Low") X(MEDIUM, "Medium") X(HIGH, "High")

typedef enum Priority {
#define X(id, name) PRIORITY_##id,
        PRIORITIES(X)
#undef X
} Priority;

typedef enum Effort {
#define X(id, name) EFFORT_##id,
        EFFORTS(X)
#undef X
} Effort;

/* How near to a cause it is; among equally urgent ones the nearer comes first. */
typedef enum FindingKind {
        FINDING_CAUSE,   /* a function that owns the cost */
        FINDING_SHAPE,   /* a shape of the flame graph */
        FINDING_SYMPTOM, /* a metric or a resource out of bounds */
} FindingKind;

typedef struct Finding {
        Span rule;       /* id of the advice rule: "hot-function" */
        Span title;      /* one line, with the place in it */
        Span where;      /* function, query, endpoint or resource */
        Span source;     /* "file.c:120"; may be empty */
        Span category;   /* Database, Serialization, Computation, ... */
        Span specialist; /* who takes it on */
        Span advice, expected_gain;
        VEC(Span) evidence;     /* measured facts, a line each */
        double impact_ns;       /* cost per affected operation; NaN: unknown */
        double frequency_per_s; /* affected operations per second; NaN: unknown */
        double share;           /* of the resource it uses up, 0..1 */
        FindingKind kind;
        Priority priority;
        unsigned stars; /* 1..5 */
        Effort effort;
} Finding;

typedef struct FindingList {
        Finding *items; /* ranked: most urgent first */
        size_t len;
} FindingList;

const char *priority_name(Priority priority);
const char *effort_name(Effort effort);
