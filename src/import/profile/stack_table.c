#include "import/profile/stack_table.h"

#include <inttypes.h>

StackRow *stack_row(Intake *in, StackTable *t, uint32_t *ret)
{
        StackRow *row = vec_add(in->scratch, &t->rows);

        if (!row) {
                intake_full(in, "stacks");
                return NULL;
        }
        *row = (StackRow){ .parent = INTAKE_NONE, .frame = INTAKE_NONE };
        *ret = (uint32_t)t->rows.len - 1;
        return row;
}

/* The rows from here towards the root whose nodes are not known yet. */
static int climb(Intake *in, StackTable *t, uint32_t row)
{
        t->path.len = 0;
        t->path.ceiling = INTAKE_DEPTH;
        while (row != INTAKE_NONE && !t->rows.items[row].known) {
                uint32_t parent = t->rows.items[row].parent;
                uint32_t *step = vec_add(in->scratch, &t->path);

                if (!step)
                        return intake_fail(in, ERR_INPUT,
                                           "stack %" PRIu32
                                           " has more than %zu frames, or runs in a circle",
                                           row, INTAKE_DEPTH);
                if (parent != INTAKE_NONE && parent >= t->rows.len)
                        return intake_fail(in, ERR_INPUT,
                                           "stack %" PRIu32 ": its caller %" PRIu32
                                           " does not exist",
                                           row, parent);
                *step = row;
                row = parent;
        }
        return 0;
}

static bool settle(Intake *in, Profile *p, StackTable *t, StackRow *row)
{
        const StackRow *parent = row->parent == INTAKE_NONE ? NULL : &t->rows.items[row->parent];

        row->node = parent ? parent->node : 0;
        row->depth = parent ? parent->depth : 0;
        if (row->frame != INTAKE_NONE) {
                row->depth++;
                row->node = intake_child(in, p, row->node, row->frame);
        }
        if (row->depth > INTAKE_DEPTH) {
                intake_fail(in, ERR_INPUT, "a stack has more than %zu frames", INTAKE_DEPTH);
                return false;
        }
        row->known = row->node != INTAKE_NONE;
        return row->known;
}

uint32_t stack_node(Intake *in, Profile *p, StackTable *t, uint32_t row)
{
        if (row >= t->rows.len) {
                intake_fail(in, ERR_INPUT, "stack %" PRIu32 " does not exist", row);
                return INTAKE_NONE;
        }
        if (climb(in, t, row) < 0)
                return INTAKE_NONE;
        for (size_t i = t->path.len; i-- > 0;)
                if (!settle(in, p, t, &t->rows.items[t->path.items[i]]))
                        return INTAKE_NONE;
        return t->rows.items[row].node;
}
