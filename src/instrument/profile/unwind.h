#pragma once
/* One sample's chain of callers, from its registers and the copy of its stack (x86-64).
 *
 *         Unwinder *u = unwinder_new(arena, processes);
 *         UnwindStack stack = { .process = p, .regs = &regs, .copy = &copy, .now_ns = time };
 *         UnwindEnd end = unwind(u, &stack, frames, COUNT(frames), &n);      // innermost first
 *
 * Each step applies the .eh_frame row of the address; where a file or a region of run-time code
 * has no description, the frame pointer is followed instead. Memory is read from the copy only.
 * Rows are cached by address. A return address is looked up one byte earlier, inside the call,
 * except in the frame that a signal interrupted.
 *
 * A chain is complete when the description says that nobody called (the return address is
 * undefined, as in _start and clone) or when the return address or the frame pointer is zero, as
 * runtimes without descriptions leave it.
 */

#include "instrument/profile/process.h"

#define UNWIND_ENDS(X)                                                   \
        X(COMPLETE, "complete")                                          \
        X(COPY_SHORT, "the copied part of the stack ended")              \
        X(NO_RULE, "code without unwind information or a frame pointer") \
        X(UNMAPPED, "a return address outside of all code")              \
        X(BACKWARDS, "the stack did not grow towards its start")         \
        X(TOO_DEEP, "more frames than are followed")                     \
        X(NO_REGISTERS, "no registers of a 64-bit program")

typedef enum UnwindEnd {
#define X(id, text) UNWIND_##id,
        UNWIND_ENDS(X)
#undef X
                UNWIND_END_COUNT_,
} UnwindEnd;

const char *unwind_end_text(UnwindEnd end);

typedef struct UnwindStack {
        Process *process;
        const Registers *regs;
        const StackCopy *copy;
        uint64_t now_ns;
} UnwindStack;

typedef struct Unwinder Unwinder;

Unwinder *unwinder_new(Arena *arena, ProcessTable *processes);
UnwindEnd unwind(Unwinder *u, const UnwindStack *stack, Place *ret_frames, size_t max,
                 size_t *ret_n);
