#pragma once
/* Stacks as rows that point at their caller's row: how V8, Firefox, Chrome and others keep them.
 *
 *         StackTable t = { .rows = VEC_INIT(STACK_ROWS) };
 *         stack_row(&in, &t, &row)->frame = ...;
 *         uint32_t node = stack_node(&in, p, &t, row);   // of the profile's trie
 *
 * Rows may come in any order; a circle of callers is an error. A row without a frame stands for
 * its caller: "(root)".
 */

#include "import/profile/intake.h"

#define STACK_ROWS ((size_t)1 << 26)

typedef struct StackRow {
        uint32_t parent; /* INTAKE_NONE: none */
        uint32_t frame;  /* of the profile; INTAKE_NONE: the row is no frame */
        uint32_t node, depth;
        bool known; /* node and depth are */
} StackRow;

typedef struct StackTable {
        VEC(StackRow) rows;
        VEC(uint32_t) path;
} StackTable;

/* A new row with neither caller nor frame. NULL: the error is written. */
StackRow *stack_row(Intake *in, StackTable *t, uint32_t *ret);
uint32_t stack_node(Intake *in, Profile *p, StackTable *t, uint32_t row);
