#include "instrument/profile/unwind.h"

#include <string.h>

#define CACHE_SLOTS 2039 /* a prime: addresses are aligned */
#define WORD sizeof(uint64_t)

typedef struct CachedRow {
        const Module *module; /* NULL: free */
        uint64_t vaddr;
        bool found;
        CfiRow row;
} CachedRow;

struct Unwinder {
        ProcessTable *processes;
        CachedRow *cache;
};

/* The state while one stack is walked. */
typedef struct Walk {
        const UnwindStack *stack;
        Registers regs;
        bool exact; /* the address is where the thread was, not behind a call */
        bool first;
} Walk;

/* What a step led to; anything from STEP_END up is an UnwindEnd and ends the walk. */
enum { STEP_ON = -1 };

const char *unwind_end_text(UnwindEnd end)
{
        static const char *const texts[] = {
#define X(id, text) text,
                UNWIND_ENDS(X)
#undef X
        };

        return end < COUNT(texts) ? texts[end] : "unknown";
}

Unwinder *unwinder_new(Arena *arena, ProcessTable *processes)
{
        Unwinder *u = new (arena, Unwinder, 1);

        u->processes = processes;
        u->cache = new (arena, CachedRow, CACHE_SLOTS);
        return u;
}

/* NULL when nothing describes the address. */
static const CfiRow *row_for(Unwinder *u, const Place *place)
{
        const ElfImage *image = place->module->image;
        uint64_t key = place->vaddr ^ (uint64_t)place->module->number << 40;
        CachedRow *slot = &u->cache[key % CACHE_SLOTS];
        Fde fde;

        if (!image || !image->has_unwind)
                return NULL;
        if (slot->module != place->module || slot->vaddr != place->vaddr) {
                slot->module = place->module;
                slot->vaddr = place->vaddr;
                slot->found = eh_frame_find(&image->eh, place->vaddr, &fde) &&
                              cfi_row_at(&fde, place->vaddr, &slot->row, NULL) == 0;
        }
        return slot->found ? &slot->row : NULL;
}

static bool read_word(const Walk *w, uint64_t address, uint64_t *ret)
{
        return stack_read(w->stack->copy, address, WORD, ret);
}

static Span expression_of(const RegisterRule *rule)
{
        return (Span){ rule->expression, rule->expression_len };
}

static bool frame_address(const Walk *w, const CfiRow *row, uint64_t *ret)
{
        if (row->cfa.kind == RULE_VAL_EXPRESSION)
                return dwarf_expr(expression_of(&row->cfa), &w->regs, w->stack->copy, NULL, ret);
        if (row->cfa.kind != RULE_REGISTER || !register_known(&w->regs, row->cfa.reg))
                return false;
        *ret = w->regs.value[row->cfa.reg] + (uint64_t)row->cfa.value;
        return true;
}

/* The caller's value of one register; false when it is lost. */
static bool apply_rule(const Walk *w, const RegisterRule *rule, unsigned reg, uint64_t cfa,
                       uint64_t *ret)
{
        uint64_t at;

        switch ((RuleKind)rule->kind) {
        case RULE_SAME:
                *ret = w->regs.value[reg];
                return register_known(&w->regs, reg);
        case RULE_UNDEFINED:
                return false;
        case RULE_OFFSET:
                return read_word(w, cfa + (uint64_t)rule->value, ret);
        case RULE_VAL_OFFSET:
                *ret = cfa + (uint64_t)rule->value;
                return true;
        case RULE_REGISTER:
                *ret = w->regs.value[rule->value];
                return register_known(&w->regs, (unsigned)rule->value);
        case RULE_EXPRESSION:
                return dwarf_expr(expression_of(rule), &w->regs, w->stack->copy, &cfa, &at) &&
                       read_word(w, at, ret);
        case RULE_VAL_EXPRESSION:
                return dwarf_expr(expression_of(rule), &w->regs, w->stack->copy, &cfa, ret);
        }
        return false;
}

/* Is anything of the stack above the address in the copy? Tells a short copy from garbage. */
static UnwindEnd lost_end(const Walk *w, uint64_t address)
{
        const StackCopy *copy = w->stack->copy;

        return address >= copy->base + copy->bytes.len ? UNWIND_COPY_SHORT : UNWIND_BACKWARDS;
}

static int step_by_row(Walk *w, const CfiRow *row)
{
        const RegisterRule *ra = &row->regs[row->return_register];
        Registers caller = { 0 };
        uint64_t cfa, value;

        if (ra->kind == RULE_UNDEFINED)
                return UNWIND_COMPLETE;
        if (!frame_address(w, row, &cfa))
                return UNWIND_COPY_SHORT;
        register_set(&caller, DWARF_RSP, cfa);
        for (unsigned i = 0; i < CFI_REGISTERS; i++)
                if ((i != DWARF_RSP || row->regs[i].kind != RULE_SAME) && i != DWARF_RIP &&
                    apply_rule(w, &row->regs[i], i, cfa, &value))
                        register_set(&caller, i, value);
        if (!apply_rule(w, ra, row->return_register, cfa, &value))
                return (int)lost_end(w, cfa - WORD);
        register_set(&caller, DWARF_RIP, value);
        if (!row->signal_frame && caller.value[DWARF_RSP] <= w->regs.value[DWARF_RSP] && !w->first)
                return UNWIND_BACKWARDS;
        w->regs = caller;
        w->exact = row->signal_frame;
        return STEP_ON;
}

static void take_caller(Walk *w, uint64_t rip, uint64_t rsp, uint64_t rbp)
{
        w->regs.known = 0;
        register_set(&w->regs, DWARF_RIP, rip);
        register_set(&w->regs, DWARF_RSP, rsp);
        register_set(&w->regs, DWARF_RBP, rbp);
        w->exact = false;
}

static bool is_code(Unwinder *u, const Walk *w, uint64_t address)
{
        Place place;

        return process_find(u->processes, w->stack->process, address, w->stack->now_ns, &place);
}

/* Code without a description: [rbp] holds the caller's rbp, [rbp + 8] the return address. In the
 * innermost frame the caller may not have been set up yet: then it is at the top of the stack. */
static int step_by_frame_pointer(Unwinder *u, Walk *w)
{
        uint64_t rbp = w->regs.value[DWARF_RBP], rsp = w->regs.value[DWARF_RSP], rip, next;

        if (register_known(&w->regs, DWARF_RBP) && rbp >= rsp && read_word(w, rbp, &next) &&
            read_word(w, rbp + WORD, &rip) && (rip == 0 || is_code(u, w, rip))) {
                take_caller(w, rip, rbp + 2 * WORD, next);
                return STEP_ON;
        }
        if (w->first && read_word(w, rsp, &rip) && rip && is_code(u, w, rip)) {
                take_caller(w, rip, rsp + WORD, rbp);
                return STEP_ON;
        }
        if (register_known(&w->regs, DWARF_RBP) && rbp == 0)
                return UNWIND_COMPLETE;
        return UNWIND_NO_RULE;
}

static int step(Unwinder *u, Walk *w, const Place *place)
{
        const CfiRow *row = row_for(u, place);
        int r = row ? step_by_row(w, row) : step_by_frame_pointer(u, w);

        w->first = false;
        if (r == STEP_ON && w->regs.value[DWARF_RIP] == 0)
                return UNWIND_COMPLETE;
        return r;
}

UnwindEnd unwind(Unwinder *u, const UnwindStack *stack, Place *ret_frames, size_t max,
                 size_t *ret_n)
{
        Walk w = { .stack = stack, .regs = *stack->regs, .exact = true, .first = true };
        size_t n = 0;
        int r = STEP_ON;

        while (r == STEP_ON && n < max) {
                uint64_t address = w.regs.value[DWARF_RIP] - !w.exact;

                if (!process_find(u->processes, stack->process, address, stack->now_ns,
                                  &ret_frames[n])) {
                        r = UNWIND_UNMAPPED;
                        break;
                }
                n++;
                r = step(u, &w, &ret_frames[n - 1]);
        }
        *ret_n = n;
        return r == STEP_ON ? UNWIND_TOO_DEEP : (UnwindEnd)r;
}
