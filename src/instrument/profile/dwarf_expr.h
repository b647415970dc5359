#pragma once
/* DWARF expressions as .eh_frame uses them: the stack machine over registers and a stack copy.
 *
 * Used for the frame address in procedure linkage tables and realigned functions, and for the
 * registers saved in a signal frame. Operations: DWARF 5, 2.5.1, without those that need types,
 * other objects or the running thread. Bounded: 64 values, 1000 steps.
 */

#include "instrument/profile/cfi.h"

/* The thread's registers; a value counts only where its bit of `known` is set. */
typedef struct Registers {
        uint64_t value[CFI_REGISTERS];
        uint32_t known;
} Registers;

/* Bytes of the thread's stack from `base` upwards, as they were when the sample was taken. */
typedef struct StackCopy {
        uint64_t base;
        Span bytes;
} StackCopy;

static inline bool register_known(const Registers *regs, unsigned reg)
{
        return regs->known >> reg & 1;
}

static inline void register_set(Registers *regs, unsigned reg, uint64_t value)
{
        regs->value[reg] = value;
        regs->known |= 1u << reg;
}

/* False when the address is outside of the copy. */
bool stack_read(const StackCopy *stack, uint64_t address, size_t size, uint64_t *ret);

/* `initial` (may be NULL) is on the machine's stack at the start: the CFA, for registers. False
 * when the expression is malformed or needs what is not known. */
bool dwarf_expr(Span expression, const Registers *regs, const StackCopy *stack,
                const uint64_t *initial, uint64_t *ret);
