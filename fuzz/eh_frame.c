/* .eh_frame from memory: the first byte says how much of the input is .eh_frame_hdr; then the
 * section is opened, walked, every row made, addresses looked up and expressions run. */

#include "instrument/profile/cfi.h"
#include "instrument/profile/dwarf_expr.h"

#define FRAME_VADDR 0x4000
#define HDR_VADDR 0x8000
#define MOST_ROWS 100000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_rule(const RegisterRule *rule)
{
        static const uint64_t words[8] = { 1, 2, 3 };
        StackCopy stack = { .base = 0x7000, .bytes = { (const char *)words, sizeof(words) } };
        Registers regs = { .known = UINT32_MAX >> 15 };
        uint64_t cfa = 0x7010, value;

        regs.value[DWARF_RSP] = 0x7000;
        if (rule->kind == RULE_EXPRESSION || rule->kind == RULE_VAL_EXPRESSION)
                (void)dwarf_expr((Span){ rule->expression, rule->expression_len }, &regs, &stack,
                                 &cfa, &value);
}

static void run_rows(const Fde *fde)
{
        uint64_t last = fde->start;
        CfiMachine m;
        CfiRow row;

        if (cfi_start(&m, fde, NULL) < 0)
                return;
        for (size_t n = 0; n < MOST_ROWS && cfi_next(&m, &row, NULL) > 0; n++) {
                BUG_IF(row.start != last || row.end <= row.start || row.end > fde->end);
                last = row.end;
                run_rule(&row.cfa);
                for (size_t i = 0; i < CFI_REGISTERS; i++)
                        run_rule(&row.regs[i]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span all = { (const char *)data + 1, size - 1 };
        EhSections sections = { .frame_vaddr = FRAME_VADDR, .hdr_vaddr = HDR_VADDR };
        size_t offset = 0;
        EhFrame eh;
        Fde fde;

        if (size < 1)
                return 0;
        sections.hdr = span_first(all, data[0]);
        sections.frame = span_from(all, data[0]);
        while (eh_frame_next(&sections, &offset, &fde, NULL) > 0)
                run_rows(&fde);
        if (eh_frame_open(&sections, arena, &eh, NULL) < 0)
                return 0;
        for (size_t i = 0; i < eh.n_index && i < 100; i++)
                (void)eh_frame_find(&eh, eh.index[i].start, &fde);
        for (uint64_t vaddr = 0; vaddr < 0x10000; vaddr += 0x111)
                if (eh_frame_find(&eh, vaddr, &fde))
                        BUG_IF(vaddr < fde.start || vaddr >= fde.end);
        return 0;
}
