#pragma once
/* Python's marshal format, the part that statistics are written in: numbers, texts, tuples, lists
 * and dictionaries, with references to values that came before.
 *
 *         const MarshalValue *root;
 *         r = marshal_read(&in, text, &root);
 *         marshal_item(root, 2)
 *
 * Items of a dictionary alternate: key, value. Depth and number of values have ceilings; a value
 * that is referred to is copied as a view, so a file of references cannot grow without end.
 */

#include "import/profile/intake.h"

#define MARSHAL_DEPTH 32
#define MARSHAL_VALUES ((size_t)1 << 26)

typedef enum MarshalKind {
        MARSHAL_NONE,
        MARSHAL_INT,
        MARSHAL_FLOAT,
        MARSHAL_TEXT,
        MARSHAL_TUPLE, /* or list */
        MARSHAL_DICT,
} MarshalKind;

typedef struct MarshalValue MarshalValue;
struct MarshalValue {
        MarshalKind kind;
        uint64_t at; /* byte */
        int64_t integer;
        double number;
        Span text;
        size_t count;
        const MarshalValue *first, *next;
};

int marshal_read(Intake *in, Span text, const MarshalValue **ret);
/* NULL: not so many, or no tuple. */
const MarshalValue *marshal_item(const MarshalValue *tuple, size_t i);
