#include "instrument/profile/cfi.h"

#include <string.h>

/* One instruction; `operand` is the low six bits of those that carry it in the opcode. */
typedef void (*CfiOp)(CfiMachine *m, uint64_t operand);

static void op_nop(CfiMachine *m UNUSED, uint64_t operand UNUSED)
{
}

/* The rule of a register, or a place to write to when it is one we do not follow. */
static RegisterRule *rule_of(CfiMachine *m, uint64_t reg, RegisterRule *ignored)
{
        return reg < CFI_REGISTERS ? &m->row.regs[reg] : ignored;
}

static void set_rule(CfiMachine *m, uint64_t reg, RuleKind kind, int64_t value)
{
        RegisterRule ignored;

        *rule_of(m, reg, &ignored) = (RegisterRule){ .kind = kind, .value = value };
}

/* Wraps on overflow: a hostile factor gives an address outside of the stack, nothing worse. */
static int64_t scaled(const CfiMachine *m, uint64_t factor)
{
        return (int64_t)(factor * (uint64_t)m->fde->cie.data_align);
}

static void advance(CfiMachine *m, uint64_t delta)
{
        uint64_t step = delta * m->fde->cie.code_align;

        if (!m->initial_done)
                m->problem = "the initial rules advance";
        else if (__builtin_add_overflow(m->location, step, &m->location))
                m->problem = "an advance past the end of memory";
}

static void op_advance(CfiMachine *m, uint64_t operand)
{
        advance(m, operand);
}

static void op_advance1(CfiMachine *m, uint64_t operand UNUSED)
{
        advance(m, cursor_u8(&m->program));
}

static void op_advance2(CfiMachine *m, uint64_t operand UNUSED)
{
        advance(m, cursor_u16(&m->program));
}

static void op_advance4(CfiMachine *m, uint64_t operand UNUSED)
{
        advance(m, cursor_u32(&m->program));
}

static void op_set_loc(CfiMachine *m, uint64_t operand UNUSED)
{
        m->problem = "DW_CFA_set_loc is not used in .eh_frame";
}

static void op_offset(CfiMachine *m, uint64_t operand)
{
        set_rule(m, operand, RULE_OFFSET, scaled(m, cursor_uleb(&m->program)));
}

static void op_offset_extended(CfiMachine *m, uint64_t operand UNUSED)
{
        op_offset(m, cursor_uleb(&m->program));
}

static void op_offset_extended_sf(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t reg = cursor_uleb(&m->program);

        set_rule(m, reg, RULE_OFFSET, scaled(m, (uint64_t)cursor_sleb(&m->program)));
}

static void op_negative_offset(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t reg = cursor_uleb(&m->program);

        set_rule(m, reg, RULE_OFFSET, scaled(m, -cursor_uleb(&m->program)));
}

static void op_val_offset(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t reg = cursor_uleb(&m->program);

        set_rule(m, reg, RULE_VAL_OFFSET, scaled(m, cursor_uleb(&m->program)));
}

static void op_val_offset_sf(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t reg = cursor_uleb(&m->program);

        set_rule(m, reg, RULE_VAL_OFFSET, scaled(m, (uint64_t)cursor_sleb(&m->program)));
}

static void op_restore(CfiMachine *m, uint64_t operand)
{
        RegisterRule ignored;

        if (operand < CFI_REGISTERS)
                *rule_of(m, operand, &ignored) = m->initial.regs[operand];
}

static void op_restore_extended(CfiMachine *m, uint64_t operand UNUSED)
{
        op_restore(m, cursor_uleb(&m->program));
}

static void op_undefined(CfiMachine *m, uint64_t operand UNUSED)
{
        set_rule(m, cursor_uleb(&m->program), RULE_UNDEFINED, 0);
}

static void op_same_value(CfiMachine *m, uint64_t operand UNUSED)
{
        set_rule(m, cursor_uleb(&m->program), RULE_SAME, 0);
}

static void op_register(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t reg = cursor_uleb(&m->program), from = cursor_uleb(&m->program);

        if (from < CFI_REGISTERS)
                set_rule(m, reg, RULE_REGISTER, (int64_t)from);
        else
                set_rule(m, reg, RULE_UNDEFINED, 0);
}

static void op_remember(CfiMachine *m, uint64_t operand UNUSED)
{
        if (m->n_remembered == CFI_MAX_REMEMBERED)
                m->problem = "states are remembered too deep";
        else
                m->remembered[m->n_remembered++] = m->row;
}

static void op_restore_state(CfiMachine *m, uint64_t operand UNUSED)
{
        if (m->n_remembered == 0)
                m->problem = "a state is restored that was not remembered";
        else
                m->row = m->remembered[--m->n_remembered];
}

static void set_cfa(CfiMachine *m, uint64_t reg, int64_t offset)
{
        if (reg >= CFI_REGISTERS)
                m->problem = "the frame's address is based on an unknown register";
        else
                m->row.cfa = (RegisterRule){ .kind = RULE_REGISTER,
                                             .reg = (uint8_t)reg,
                                             .value = offset };
}

static void op_def_cfa(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t reg = cursor_uleb(&m->program);

        set_cfa(m, reg, (int64_t)cursor_uleb(&m->program));
}

static void op_def_cfa_sf(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t reg = cursor_uleb(&m->program);

        set_cfa(m, reg, scaled(m, (uint64_t)cursor_sleb(&m->program)));
}

static bool cfa_is_register(CfiMachine *m)
{
        if (m->row.cfa.kind != RULE_REGISTER)
                m->problem = "half of the frame's rule is set without the other";
        return !m->problem;
}

static void op_def_cfa_register(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t reg = cursor_uleb(&m->program);

        if (cfa_is_register(m))
                set_cfa(m, reg, m->row.cfa.value);
}

static void op_def_cfa_offset(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t offset = cursor_uleb(&m->program);

        if (cfa_is_register(m))
                m->row.cfa.value = (int64_t)offset;
}

static void op_def_cfa_offset_sf(CfiMachine *m, uint64_t operand UNUSED)
{
        uint64_t factor = (uint64_t)cursor_sleb(&m->program);

        if (cfa_is_register(m))
                m->row.cfa.value = scaled(m, factor);
}

/* The program is a section of a file, but its length is the file's word. */
static RegisterRule expression_rule(CfiMachine *m, RuleKind kind)
{
        Span bytes = cursor_span(&m->program, cursor_uleb(&m->program));

        if (bytes.len > UINT32_MAX)
                m->problem = "an expression that is too long";
        return (RegisterRule){ .kind = kind,
                               .expression = bytes.ptr,
                               .expression_len = (uint32_t)bytes.len };
}

static void op_def_cfa_expression(CfiMachine *m, uint64_t operand UNUSED)
{
        m->row.cfa = expression_rule(m, RULE_VAL_EXPRESSION);
}

static void op_expression(CfiMachine *m, uint64_t operand UNUSED)
{
        RegisterRule ignored;
        RegisterRule *rule = rule_of(m, cursor_uleb(&m->program), &ignored);

        *rule = expression_rule(m, RULE_EXPRESSION);
}

static void op_val_expression(CfiMachine *m, uint64_t operand UNUSED)
{
        RegisterRule ignored;
        RegisterRule *rule = rule_of(m, cursor_uleb(&m->program), &ignored);

        *rule = expression_rule(m, RULE_VAL_EXPRESSION);
}

static void op_args_size(CfiMachine *m, uint64_t operand UNUSED)
{
        (void)cursor_uleb(&m->program); /* only of use to exception handlers */
}

/* Opcodes whose two highest bits are zero. */
static const CfiOp extended_ops[64] = {
        [0x00] = op_nop,
        [0x01] = op_set_loc,
        [0x02] = op_advance1,
        [0x03] = op_advance2,
        [0x04] = op_advance4,
        [0x05] = op_offset_extended,
        [0x06] = op_restore_extended,
        [0x07] = op_undefined,
        [0x08] = op_same_value,
        [0x09] = op_register,
        [0x0a] = op_remember,
        [0x0b] = op_restore_state,
        [0x0c] = op_def_cfa,
        [0x0d] = op_def_cfa_register,
        [0x0e] = op_def_cfa_offset,
        [0x0f] = op_def_cfa_expression,
        [0x10] = op_expression,
        [0x11] = op_offset_extended_sf,
        [0x12] = op_def_cfa_sf,
        [0x13] = op_def_cfa_offset_sf,
        [0x14] = op_val_offset,
        [0x15] = op_val_offset_sf,
        [0x16] = op_val_expression,
        [0x2d] = op_nop, /* DW_CFA_GNU_window_save: another architecture's */
        [0x2e] = op_args_size,
        [0x2f] = op_negative_offset,
};

/* By the two highest bits. */
static const CfiOp primary_ops[4] = { NULL, op_advance, op_offset, op_restore };

static void step(CfiMachine *m)
{
        uint8_t code = cursor_u8(&m->program);
        CfiOp op = code >> 6 ? primary_ops[code >> 6] : extended_ops[code];

        if (!op)
                m->problem = "unknown instruction";
        else
                op(m, code & 0x3f);
        if (m->program.failed)
                m->problem = "it ends inside an instruction";
}

static int fail_program(const CfiMachine *m, Error *err)
{
        return fail(err, ERR_INPUT, ".eh_frame: the program for 0x%llx is malformed: %s",
                    (unsigned long long)m->fde->start, m->problem);
}

int cfi_start(CfiMachine *m, const Fde *fde, Error *err)
{
        memset(m, 0, offsetof(CfiMachine, remembered));
        m->n_remembered = 0;
        m->problem = NULL;
        m->initial_done = m->finished = false;
        m->fde = fde;
        m->location = fde->start;
        m->program = cursor_of(fde->cie.program);
        m->row.signal_frame = fde->cie.signal_frame;
        m->row.return_register = (uint8_t)fde->cie.return_register;
        if (fde->cie.return_register >= CFI_REGISTERS)
                m->problem = "the return address is in an unknown register";
        while (!m->problem && cursor_left(&m->program))
                step(m);
        if (m->problem)
                return fail_program(m, err);
        m->initial = m->row;
        m->initial_done = true;
        m->program = cursor_of(fde->program);
        return 0;
}

int cfi_next(CfiMachine *m, CfiRow *ret, Error *err)
{
        uint64_t start = m->location;

        if (m->finished || start >= m->fde->end)
                return 0;
        while (!m->problem && cursor_left(&m->program)) {
                CfiRow before = m->row;

                step(m);
                if (!m->problem && m->location > start) {
                        before.start = start;
                        before.end = MIN(m->location, m->fde->end);
                        *ret = before;
                        return 1;
                }
        }
        if (m->problem)
                return fail_program(m, err);
        m->finished = true;
        *ret = m->row;
        ret->start = start;
        ret->end = m->fde->end;
        return 1;
}

int cfi_row_at(const Fde *fde, uint64_t vaddr, CfiRow *ret, Error *err)
{
        CfiMachine m;
        CfiRow row;
        int r = cfi_start(&m, fde, err);

        while (r >= 0 && (r = cfi_next(&m, &row, err)) > 0)
                if (vaddr >= row.start && vaddr < row.end) {
                        *ret = row;
                        return 0;
                }
        if (r == 0)
                r = fail(err, ERR_INPUT, ".eh_frame: no rule for 0x%llx",
                         (unsigned long long)vaddr);
        return r;
}
