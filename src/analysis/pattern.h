#pragma once
/* Reading the shape of a flame graph (row B12): plateau, wide base, narrow tower. */

#include "model/profile.h"

#define PATTERNS(X)                                                                              \
        X(PLATEAU, "wide plateau", "one function takes much of the time itself: optimise it")    \
        X(WIDE_BASE, "wide base", "one function is called from many places: call it less often") \
        X(TOWER, "narrow tower", "a deep chain of the same calls: recursion")

typedef enum PatternKind {
#define X(id, name, advice) PATTERN_##id,
        PATTERNS(X)
#undef X
} PatternKind;

typedef struct Pattern {
        PatternKind kind;
        Span function;
        double share;   /* of all samples */
        uint32_t depth; /* TOWER: frames of the recursion; WIDE_BASE: different callers */
} Pattern;

size_t pattern_find(const Profile *p, Arena *arena, Pattern **ret); /* largest share first */

/* Category of a function by name and module, from advice/categories.yaml: Database,
 * Serialization, Computation, Memory, I/O, Network, Locking, Logging, Kernel. */
typedef struct CategoryTable CategoryTable;
int category_table(Arena *arena, CategoryTable **ret, Error *err);
Span category_of(const CategoryTable *table, Span function, Span module);
