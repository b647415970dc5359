#include "instrument/profile/dwarf_expr.h"

#include <string.h>

#define MAX_VALUES 64
#define MAX_STEPS 1000

typedef struct Machine {
        Cursor code;
        const uint8_t *first;
        const Registers *regs;
        const StackCopy *memory;
        uint64_t cfa;
        uint64_t values[MAX_VALUES];
        unsigned n;
        bool bad;
} Machine;

/* One operation; `low` is its code less the first code of its row. */
typedef void (*ExprOp)(Machine *m, unsigned low);

bool stack_read(const StackCopy *stack, uint64_t address, size_t size, uint64_t *ret)
{
        uint64_t at = address - stack->base, value = 0;

        if (address < stack->base || at > stack->bytes.len || size > stack->bytes.len - at ||
            size > sizeof(value))
                return false;
        memcpy(&value, stack->bytes.ptr + at, size);
        *ret = value;
        return true;
}

static void push(Machine *m, uint64_t value)
{
        if (m->n == MAX_VALUES)
                m->bad = true;
        else
                m->values[m->n++] = value;
}

static uint64_t pop(Machine *m)
{
        if (m->n == 0) {
                m->bad = true;
                return 0;
        }
        return m->values[--m->n];
}

static uint64_t peek(Machine *m, unsigned depth)
{
        if (depth >= m->n) {
                m->bad = true;
                return 0;
        }
        return m->values[m->n - 1 - depth];
}

static void op_u64(Machine *m, unsigned low UNUSED)
{
        push(m, cursor_u64(&m->code));
}

static void op_const(Machine *m, unsigned low)
{
        switch (low) { /* DW_OP_const1u .. DW_OP_consts */
        case 0:
                return push(m, cursor_u8(&m->code));
        case 1:
                return push(m, (uint64_t)(int64_t)(int8_t)cursor_u8(&m->code));
        case 2:
                return push(m, cursor_u16(&m->code));
        case 3:
                return push(m, (uint64_t)(int64_t)(int16_t)cursor_u16(&m->code));
        case 4:
                return push(m, cursor_u32(&m->code));
        case 5:
                return push(m, (uint64_t)(int64_t)(int32_t)cursor_u32(&m->code));
        case 6:
        case 7:
                return push(m, cursor_u64(&m->code));
        case 8:
                return push(m, cursor_uleb(&m->code));
        default:
                return push(m, (uint64_t)cursor_sleb(&m->code));
        }
}

static void read_memory(Machine *m, size_t size)
{
        uint64_t value;

        if (!stack_read(m->memory, pop(m), size, &value))
                m->bad = true;
        else
                push(m, value);
}

static void op_deref(Machine *m, unsigned low UNUSED)
{
        read_memory(m, sizeof(uint64_t));
}

static void op_deref_size(Machine *m, unsigned low UNUSED)
{
        read_memory(m, cursor_u8(&m->code));
}

static void op_dup(Machine *m, unsigned low UNUSED)
{
        push(m, peek(m, 0));
}

static void op_drop(Machine *m, unsigned low UNUSED)
{
        (void)pop(m);
}

static void op_over(Machine *m, unsigned low UNUSED)
{
        push(m, peek(m, 1));
}

static void op_pick(Machine *m, unsigned low UNUSED)
{
        push(m, peek(m, cursor_u8(&m->code)));
}

static void op_swap(Machine *m, unsigned low UNUSED)
{
        uint64_t a = pop(m), b = pop(m);

        push(m, a);
        push(m, b);
}

static void op_rot(Machine *m, unsigned low UNUSED)
{
        uint64_t a = pop(m), b = pop(m), c = pop(m);

        push(m, a);
        push(m, c);
        push(m, b);
}

static void op_abs(Machine *m, unsigned low UNUSED)
{
        uint64_t a = pop(m);

        push(m, (int64_t)a < 0 ? -a : a);
}

static void op_neg(Machine *m, unsigned low UNUSED)
{
        push(m, -pop(m));
}

static void op_not(Machine *m, unsigned low UNUSED)
{
        push(m, ~pop(m));
}

static void op_plus_uconst(Machine *m, unsigned low UNUSED)
{
        uint64_t a = pop(m);

        push(m, a + cursor_uleb(&m->code));
}

static uint64_t divided(Machine *m, uint64_t a, uint64_t b)
{
        if (b == 0 || (a == (uint64_t)INT64_MIN && b == UINT64_MAX)) {
                m->bad = true;
                return 0;
        }
        return (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t remainder_of(Machine *m, uint64_t a, uint64_t b)
{
        if (b == 0) {
                m->bad = true;
                return 0;
        }
        return a % b;
}

static uint64_t shifted_right(uint64_t a, uint64_t by, bool arithmetic)
{
        if (arithmetic)
                return (uint64_t)((int64_t)a >> MIN(by, (uint64_t)63));
        return by < 64 ? a >> by : 0;
}

/* Operations that take two values and leave one, by their codes from DW_OP_and. */
static uint64_t binary(Machine *m, unsigned code, uint64_t a, uint64_t b)
{
        switch (code) {
        case 0x1a:
                return a & b;
        case 0x1b:
                return divided(m, a, b);
        case 0x1c:
                return a - b;
        case 0x1d:
                return remainder_of(m, a, b);
        case 0x1e:
                return a * b;
        case 0x21:
                return a | b;
        case 0x22:
                return a + b;
        case 0x24:
                return b < 64 ? a << b : 0;
        case 0x25:
                return shifted_right(a, b, false);
        case 0x26:
                return shifted_right(a, b, true);
        default:
                return a ^ b;
        }
}

static void op_binary(Machine *m, unsigned low)
{
        uint64_t b = pop(m), a = pop(m);

        push(m, binary(m, low, a, b));
}

static void op_compare(Machine *m, unsigned low)
{
        int64_t b = (int64_t)pop(m), a = (int64_t)pop(m);
        const bool answers[] = { a == b, a >= b, a > b, a <= b, a < b, a != b };

        push(m, answers[low]);
}

static void jump(Machine *m, int16_t by)
{
        ptrdiff_t target = m->code.at - m->first + by;

        if (target < 0 || target > m->code.end - m->first)
                m->bad = true;
        else
                m->code.at = m->first + target;
}

static void op_skip(Machine *m, unsigned low UNUSED)
{
        jump(m, (int16_t)cursor_u16(&m->code));
}

static void op_branch(Machine *m, unsigned low UNUSED)
{
        int16_t by = (int16_t)cursor_u16(&m->code);

        if (pop(m))
                jump(m, by);
}

static void op_literal(Machine *m, unsigned low)
{
        push(m, low);
}

static void push_register(Machine *m, uint64_t reg, int64_t offset)
{
        if (reg >= CFI_REGISTERS || !register_known(m->regs, (unsigned)reg))
                m->bad = true;
        else
                push(m, m->regs->value[reg] + (uint64_t)offset);
}

static void op_register(Machine *m, unsigned low)
{
        push_register(m, low, cursor_sleb(&m->code));
}

static void op_register_x(Machine *m, unsigned low UNUSED)
{
        uint64_t reg = cursor_uleb(&m->code);

        push_register(m, reg, cursor_sleb(&m->code));
}

static void op_cfa(Machine *m, unsigned low UNUSED)
{
        push(m, m->cfa);
}

static void op_nop(Machine *m UNUSED, unsigned low UNUSED)
{
}

/* Codes first..last share an operation, which gets code - base. */
static const struct ExprRow {
        uint8_t first, last, base;
        ExprOp op;
} expr_rows[] = {
        { 0x03, 0x03, 0x03, op_u64 }, /* addr */
        { 0x06, 0x06, 0x06, op_deref },      { 0x08, 0x11, 0x08, op_const },
        { 0x12, 0x12, 0x12, op_dup },        { 0x13, 0x13, 0x13, op_drop },
        { 0x14, 0x14, 0x14, op_over },       { 0x15, 0x15, 0x15, op_pick },
        { 0x16, 0x16, 0x16, op_swap },       { 0x17, 0x17, 0x17, op_rot },
        { 0x19, 0x19, 0x19, op_abs },        { 0x1a, 0x1e, 0x00, op_binary },
        { 0x1f, 0x1f, 0x1f, op_neg },        { 0x20, 0x20, 0x20, op_not },
        { 0x21, 0x22, 0x00, op_binary },     { 0x23, 0x23, 0x23, op_plus_uconst },
        { 0x24, 0x27, 0x00, op_binary },     { 0x28, 0x28, 0x28, op_branch },
        { 0x29, 0x2e, 0x29, op_compare },    { 0x2f, 0x2f, 0x2f, op_skip },
        { 0x30, 0x4f, 0x30, op_literal },    { 0x70, 0x8f, 0x70, op_register },
        { 0x92, 0x92, 0x92, op_register_x }, { 0x94, 0x94, 0x94, op_deref_size },
        { 0x96, 0x96, 0x96, op_nop },        { 0x9c, 0x9c, 0x9c, op_cfa },
};

static void step(Machine *m)
{
        uint8_t code = cursor_u8(&m->code);

        for (size_t i = 0; i < COUNT(expr_rows); i++)
                if (code >= expr_rows[i].first && code <= expr_rows[i].last)
                        return expr_rows[i].op(m, code - expr_rows[i].base);
        m->bad = true;
}

bool dwarf_expr(Span expression, const Registers *regs, const StackCopy *stack,
                const uint64_t *initial, uint64_t *ret)
{
        Machine m = { .code = cursor_of(expression), .regs = regs, .memory = stack };
        unsigned steps = 0;

        m.first = m.code.at;
        if (initial) {
                m.cfa = *initial;
                push(&m, *initial);
        }
        while (!m.bad && cursor_left(&m.code) && steps++ < MAX_STEPS)
                step(&m);
        if (m.bad || m.code.failed || cursor_left(&m.code) || m.n == 0)
                return false;
        *ret = m.values[m.n - 1];
        return true;
}
