#include "instrument/profile/cfi.h"

#include "instrument/profile/elf_image.h"

#include "base/fs.h"
#include "base/subprocess.h"

#include "harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static Fde fde_with(const char *initial, size_t n_initial, const char *program, size_t n)
{
        return (Fde){ .cie = { .code_align = 1,
                               .data_align = -8,
                               .return_register = DWARF_RIP,
                               .program = { initial, n_initial } },
                      .start = 0x1000,
                      .end = 0x1100,
                      .program = { program, n } };
}

/* def_cfa rsp+8; rip at CFA-8 */
static const char usual[] = "\x0c\x07\x08\x90\x01";
#define USUAL usual, sizeof(usual) - 1
#define PROGRAM(text) text, sizeof(text) - 1

static CfiRow row_at(const Fde *fde, uint64_t vaddr)
{
        CfiRow row = { 0 };
        Error err = { 0 };

        assert_ok(cfi_row_at(fde, vaddr, &row, &err), err);
        return row;
}

static void assert_malformed(const Fde *fde, const char *why)
{
        CfiRow row;
        Error err = { 0 };

        assert_fails(cfi_row_at(fde, 0x10ff, &row, &err), err, ERR_INPUT);
        if (!strstr(err.message, why))
                fail_msg("'%s' does not say '%s'", err.message, why);
}

TEST(a_function_without_instructions_has_the_initial_rules)
{
        Fde fde = fde_with(USUAL, NULL, 0);
        CfiRow row = row_at(&fde, 0x1000);

        assert_int_equal(row.cfa.kind, RULE_REGISTER);
        assert_int_equal(row.cfa.reg, DWARF_RSP);
        assert_int_equal(row.cfa.value, 8);
        assert_int_equal(row.regs[DWARF_RIP].kind, RULE_OFFSET);
        assert_int_equal(row.regs[DWARF_RIP].value, -8);
        assert_int_equal(row.start, 0x1000);
        assert_int_equal(row.end, 0x1100);
}

/* push rbp; mov rbp, rsp; ...; leave */
TEST(a_prologue_moves_the_frame_step_by_step)
{
        Fde fde = fde_with(USUAL, PROGRAM("\x41\x0e\x10\x86\x02\x43\x0d\x06\x02\xf0\x0c\x07\x08"));

        assert_int_equal(row_at(&fde, 0x1000).cfa.value, 8);
        assert_int_equal(row_at(&fde, 0x1001).cfa.value, 16);
        assert_int_equal(row_at(&fde, 0x1001).regs[DWARF_RBP].value, -16);
        assert_int_equal(row_at(&fde, 0x1004).cfa.reg, DWARF_RBP);
        assert_int_equal(row_at(&fde, 0x10f3).cfa.reg, DWARF_RBP);
        assert_int_equal(row_at(&fde, 0x10f4).cfa.reg, DWARF_RSP);
        assert_int_equal(row_at(&fde, 0x10f4).cfa.value, 8);
}

TEST(remembered_states_come_back_whole)
{
        Fde fde = fde_with(USUAL, PROGRAM("\x0a\x41\x0e\x20\x83\x03\x41\x0b\x41\x0e\x18"));

        assert_int_equal(row_at(&fde, 0x1001).regs[DWARF_RBX].kind, RULE_OFFSET);
        assert_int_equal(row_at(&fde, 0x1002).regs[DWARF_RBX].kind, RULE_SAME);
        assert_int_equal(row_at(&fde, 0x1002).cfa.value, 8);
        assert_int_equal(row_at(&fde, 0x1003).cfa.value, 24);
}

TEST(restored_registers_get_their_initial_rule)
{
        Fde fde = fde_with(USUAL, PROGRAM("\x41\x86\x02\x90\x05\x41\xc6\x06\x10"));

        assert_int_equal(row_at(&fde, 0x1001).regs[DWARF_RIP].value, -40);
        assert_int_equal(row_at(&fde, 0x1002).regs[DWARF_RIP].value, -8);
        assert_int_equal(row_at(&fde, 0x1002).regs[DWARF_RBP].kind, RULE_SAME);
}

TEST(an_undefined_return_address_ends_the_stack)
{
        Fde fde = fde_with(PROGRAM("\x0c\x07\x08\x90\x01\x07\x10"), NULL, 0);

        assert_int_equal(row_at(&fde, 0x1000).regs[DWARF_RIP].kind, RULE_UNDEFINED);
}

TEST(expressions_values_and_gnu_extensions_are_understood)
{
        Fde fde = fde_with(USUAL, PROGRAM("\x0f\x03\x77\x08\x06" /* CFA: breg7 8; deref */
                                          "\x10\x03\x02\x77\x10" /* rbx: saved at breg7 16 */
                                          "\x16\x0c\x01\x31"     /* r12: is 1 */
                                          "\x14\x0d\x02"         /* r13: is CFA-16 */
                                          "\x15\x0e\x7e"         /* r14: is CFA+16 */
                                          "\x11\x0f\x7f"         /* r15: at CFA+8 */
                                          "\x2e\x10\x2f\x06\x02" /* args; rbp at CFA+16 */
                                          "\x09\x00\x03\x08\x01\x07\x02" /* rax in rbx ... */
                                          "\x05\x20\x01"));              /* a vector register */
        CfiRow row = row_at(&fde, 0x1000);

        assert_int_equal(row.cfa.kind, RULE_VAL_EXPRESSION);
        assert_int_equal(row.cfa.expression_len, 3);
        assert_int_equal(row.regs[3].kind, RULE_EXPRESSION);
        assert_int_equal(row.regs[12].kind, RULE_VAL_EXPRESSION);
        assert_int_equal(row.regs[13].kind, RULE_VAL_OFFSET);
        assert_int_equal(row.regs[13].value, -16);
        assert_int_equal(row.regs[14].value, 16);
        assert_int_equal(row.regs[15].kind, RULE_OFFSET);
        assert_int_equal(row.regs[15].value, 8);
        assert_int_equal(row.regs[6].value, 16);
        assert_int_equal(row.regs[0].kind, RULE_REGISTER);
        assert_int_equal(row.regs[0].value, 3);
        assert_int_equal(row.regs[2].kind, RULE_UNDEFINED);
}

TEST(hostile_programs_are_refused_with_the_reason)
{
        char deep[20];
        Fde fde = fde_with(USUAL, PROGRAM("\x0b"));

        assert_malformed(&fde, "not remembered");
        memset(deep, 0x0a, sizeof(deep));
        fde = fde_with(USUAL, deep, sizeof(deep));
        assert_malformed(&fde, "too deep");
        fde = fde_with(USUAL, PROGRAM("\x3f"));
        assert_malformed(&fde, "unknown instruction");
        fde = fde_with(USUAL, PROGRAM("\x02"));
        assert_malformed(&fde, "inside an instruction");
        fde = fde_with(USUAL, PROGRAM("\x0c\x63\x08"));
        assert_malformed(&fde, "unknown register");
        fde = fde_with(USUAL, PROGRAM("\x0f\x00\x0e\x08"));
        assert_malformed(&fde, "without the other");
        fde = fde_with(USUAL, PROGRAM("\x0f\x7f"));
        assert_malformed(&fde, "inside an instruction");
        fde = fde_with(PROGRAM("\x41"), NULL, 0);
        assert_malformed(&fde, "initial rules advance");
        fde = fde_with(USUAL, NULL, 0);
        fde.cie.return_register = 99;
        assert_malformed(&fde, "return address");
}

TEST(advances_that_wrap_are_refused)
{
        Fde fde = fde_with(USUAL, PROGRAM("\x04\xff\xff\xff\xff\x04\xff\xff\xff\xff"));

        fde.start = UINT64_MAX - 16;
        fde.end = UINT64_MAX;
        assert_malformed(&fde, "");
}

/* --- against readelf ------------------------------------------------------------------------ */

static const char *const readelf_names[CFI_REGISTERS] = {
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8",
        "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "ra",
};

typedef struct Comparison {
        const EhFrame *eh;
        unsigned columns[CFI_REGISTERS]; /* register of each column after the CFA */
        unsigned n_columns;
        bool skip; /* rows of a CIE come before its FDEs */
        size_t rows;
} Comparison;

static void text_of_rule(Buf *out, const RegisterRule *rule)
{
        buf_clear(out);
        switch (rule->kind) {
        case RULE_SAME:
                return buf_text(out, "s");
        case RULE_UNDEFINED:
                return buf_text(out, "u");
        case RULE_OFFSET:
                return buf_printf(out, "c%+lld", (long long)rule->value);
        case RULE_VAL_OFFSET:
                return buf_printf(out, "v%+lld", (long long)rule->value);
        case RULE_REGISTER:
                return buf_printf(out, "r%lld", (long long)rule->value);
        case RULE_EXPRESSION:
                return buf_text(out, "exp");
        default:
                return buf_text(out, "vexp");
        }
}

/* The next word of a row; readelf explains numbers of registers: "r1 (rdx)". */
static bool next_cell(Span *line, Span *ret)
{
        do
                if (!span_next_word(line, ret))
                        return false;
        while (span_starts(*ret, "("));
        return true;
}

static void text_of_cfa(Buf *out, const RegisterRule *rule)
{
        buf_clear(out);
        if (rule->kind == RULE_REGISTER)
                buf_printf(out, "%s%+lld", readelf_names[rule->reg], (long long)rule->value);
        else
                buf_text(out, "exp");
}

static void read_columns(Comparison *c, Span line)
{
        Span word;

        c->n_columns = 0;
        (void)span_next_word(&line, &word);
        (void)span_next_word(&line, &word);
        while (span_next_word(&line, &word))
                for (unsigned i = 0; i < CFI_REGISTERS; i++)
                        if (span_is(word, readelf_names[i]) && c->n_columns < CFI_REGISTERS)
                                c->columns[c->n_columns++] = i;
}

/* readelf prints "u" for a register without a rule yet, which we call "the same". */
static bool same_rule(Span theirs, const Buf *ours)
{
        return span_eq(theirs, buf_span(ours)) ||
               (span_is(theirs, "u") && span_is(buf_span(ours), "s"));
}

static void compare_row(Comparison *c, Span line, Arena *arena)
{
        Buf text = buf_in(arena, KiB(1));
        Span location, word, whole = line;
        Error err = { 0 };
        uint64_t vaddr;
        CfiRow row = { 0 };
        Fde fde;

        assert_true(span_next_word(&line, &location) && span_next_word(&line, &word));
        assert_ok(span_to_hex(location, &vaddr, &err), err);
        if (!eh_frame_find(c->eh, vaddr, &fde) || vaddr >= fde.end)
                return; /* a row at the very end of its function */
        assert_ok(cfi_row_at(&fde, vaddr, &row, &err), err);
        text_of_cfa(&text, &row.cfa);
        if (!span_eq(word, buf_span(&text)))
                fail_msg("'%.*s': our CFA is %s", SPAN_ARG(whole), text.ptr);
        for (unsigned i = 0; i < c->n_columns && next_cell(&line, &word); i++) {
                text_of_rule(&text, &row.regs[c->columns[i]]);
                if (!same_rule(word, &text))
                        fail_msg("'%.*s': our %s is %s", SPAN_ARG(whole),
                                 readelf_names[c->columns[i]], text.ptr);
        }
        c->rows++;
}

static bool is_hex(Span word, size_t least)
{
        uint64_t ignored;

        return word.len >= least && span_to_hex(word, &ignored, NULL) == 0;
}

/* A new record ("... FDE cie=..."), a header ("   LOC  CFA ...") or a row. Of rows with one
 * address the last holds; the others are of no length. */
static void compare_line(Comparison *c, Span line, Span next, Arena *arena)
{
        Span first, following, rest = line;

        if (span_contains(line, " CIE ") || span_contains(line, " FDE "))
                c->skip = span_contains(line, " CIE ");
        if (!span_next_word(&rest, &first))
                return;
        if (span_is(first, "LOC"))
                return read_columns(c, line);
        if (c->skip || !is_hex(first, 16) || span_contains(line, "FDE"))
                return;
        if (span_next_word(&next, &following) && span_eq(first, following))
                return;
        compare_row(c, line, arena);
}

static size_t compare_with_readelf(const char *path, size_t max_lines)
{
        AUTO(arena_freep) Arena *arena = arena_new(GiB(1));
        const char *const argv[] = { "readelf", "--debug-dump=frames-interp", path, NULL };
        Subprocess done = { 0 };
        ElfImage *image = NULL;
        Comparison c = { 0 };
        Error err = { 0 };
        Span rest, line, next;
        int r;

        r = subprocess_run(&(SubprocessPlan){ .argv = argv, .max_output = MiB(256) }, arena, &done,
                           &err);
        if (r < 0)
                skip_because("readelf: %s", err.message);
        assert_true(done.out.len > 0); /* warnings make its status 1 */
        assert_false(done.truncated);
        assert_ok(elf_image_open(open(path, O_RDONLY | O_CLOEXEC), path, arena, &image, &err), err);
        assert_true(image->has_unwind);
        c.eh = &image->eh;
        rest = done.out;
        if (!span_next_line(&rest, &line))
                fail_msg("readelf printed nothing");
        while (max_lines-- && span_next_line(&rest, &next)) {
                Mark mark = arena_mark(arena);

                compare_line(&c, line, next, arena);
                arena_reset(arena, mark);
                line = next;
        }
        return c.rows;
}

static const char libc_path[] = "/lib/x86_64-linux-gnu/libc.so.6";

TEST(rows_of_libc_are_those_of_readelf)
{
        bool whole = getenv("HONE_LONG") != NULL;

        if (!path_exists(libc_path))
                skip_because("%s is not there", libc_path);
        assert_true(compare_with_readelf(libc_path, whole ? SIZE_MAX : 12000) > 3000);
}

/* tools/check-long names what is installed, a word each: interpreters and their libraries. */
TEST(rows_of_other_files_are_those_of_readelf)
{
        Span rest = span_of(getenv("HONE_LONG_FILES")), path;

        if (rest.len == 0)
                skip_because("HONE_LONG_FILES names no files");
        while (span_next_word(&rest, &path)) {
                AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
                size_t rows = compare_with_readelf(span_text(arena, path), SIZE_MAX);

                print_message("# %.*s: %zu rows\n", SPAN_ARG(path), rows);
                assert_true(rows > 500);
        }
}

TEST(rows_of_this_program_are_those_of_readelf)
{
        char path[4096];
        ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

        assert_true(n > 0);
        path[n] = '\0';
        assert_true(compare_with_readelf(path, 12000) > 500);
}

TEST(every_row_of_this_program_can_be_made)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ElfImage *image = NULL;
        Error err = { 0 };
        size_t offset = 0, rows = 0, functions = 0;
        CfiMachine m;
        CfiRow row;
        Fde fde, found;
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

        assert_ok(elf_image_open(fd, "self", arena, &image, &err), err);
        while (eh_frame_next(&image->eh.sections, &offset, &fde, &err) > 0) {
                uint64_t at = fde.start;

                functions++;
                assert_true(fde.start == fde.end ||
                            (eh_frame_find(&image->eh, fde.start, &found) &&
                             found.start == fde.start && found.end == fde.end));
                assert_ok(cfi_start(&m, &fde, &err), err);
                while (cfi_next(&m, &row, &err) > 0) {
                        assert_true(row.start == at && row.end > row.start);
                        at = row.end;
                        rows++;
                }
                assert_true(at == fde.end);
        }
        assert_true(functions > 100 && rows > functions);
}
