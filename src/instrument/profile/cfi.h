#pragma once
/* From an FDE's program to rows: where the caller's registers are, for each range of addresses.
 *
 *         CfiMachine m;
 *         CfiRow row;
 *         cfi_start(&m, &fde);
 *         while ((r = cfi_next(&m, &row, err)) > 0)
 *                 ...                               // row holds for [row.start, row.end)
 *
 * or cfi_row_at(&fde, vaddr, &row, err) for one address. The CIE's initial rules make the first
 * row even when the FDE has no instructions of its own. Registers are numbered as in the x86-64
 * psABI: 0 rax, 1 rdx, 2 rcx, 3 rbx, 4 rsi, 5 rdi, 6 rbp, 7 rsp, 8..15 r8..r15, 16 the return
 * address; rules for others (vectors) are read and dropped. Instructions: DWARF 5, 6.4.2, and the
 * GNU ones of the LSB. A register without a rule keeps its value.
 */

#include "instrument/profile/eh_frame.h"

enum { DWARF_RBX = 3, DWARF_RBP = 6, DWARF_RSP = 7, DWARF_RIP = 16, CFI_REGISTERS = 17 };

typedef enum RuleKind {
        RULE_SAME,           /* the caller's value is still in the register */
        RULE_UNDEFINED,      /* lost; for the return address: there is no caller */
        RULE_OFFSET,         /* saved at CFA + value */
        RULE_VAL_OFFSET,     /* is CFA + value */
        RULE_REGISTER,       /* in register `value`; for the CFA: register `reg` + value */
        RULE_EXPRESSION,     /* saved where the expression says */
        RULE_VAL_EXPRESSION, /* is what the expression says */
} RuleKind;

typedef struct RegisterRule {
        uint8_t kind; /* RuleKind */
        uint8_t reg;  /* the CFA's base */
        uint32_t expression_len;
        union {
                int64_t value;
                const char *expression; /* in the section */
        };
} RegisterRule;

typedef struct CfiRow {
        uint64_t start, end;
        RegisterRule cfa; /* RULE_REGISTER or RULE_VAL_EXPRESSION */
        RegisterRule regs[CFI_REGISTERS];
        bool signal_frame;
        uint8_t return_register;
} CfiRow;

#define CFI_MAX_REMEMBERED 16

typedef struct CfiMachine {
        const Fde *fde;
        Cursor program;
        CfiRow row, initial;
        uint64_t location; /* start of the row that is being made */
        CfiRow remembered[CFI_MAX_REMEMBERED];
        unsigned n_remembered;
        const char *problem; /* what was wrong with the program; NULL: nothing yet */
        bool initial_done, finished;
} CfiMachine;

int cfi_start(CfiMachine *m, const Fde *fde, Error *err);
/* 1 with the next row, 0 at the end of the FDE's code. */
int cfi_next(CfiMachine *m, CfiRow *ret, Error *err);
int cfi_row_at(const Fde *fde, uint64_t vaddr, CfiRow *ret, Error *err);
