#include "instrument/profile/dwarf_lines.h"

#include "instrument/profile/dwarf_cursor.h"

#include <dwarf.h>
#include <string.h>

#define MAX_UNIT_FILES (1u << 18)
#define MAX_FORMATS 16
#define MAX_PATH_BYTES KiB(16)

typedef struct LineProgram {
        const DwarfLines *sections;
        const LineUnit *unit;
        IndexBuilder *b;
        Arena *scratch;
        unsigned version, offset_bytes;
        uint8_t min_instruction, line_range, opcode_base;
        int8_t line_base;
        const uint8_t *lengths; /* of standard opcodes, from 1 */
        Span *dirs;
        size_t n_dirs;
        LineFiles files;
        Buf path;
} LineProgram;

/* ---- the head: directories and files ---- */

static uint64_t offset_number(Cursor *c, const LineProgram *p)
{
        return p->offset_bytes == 8 ? cursor_u64(c) : cursor_u32(c);
}

static Span text_in(Span section, uint64_t offset)
{
        Span rest = offset < section.len ? span_from(section, (size_t)offset) : (Span){ 0 };
        ptrdiff_t end = span_find_byte(rest, '\0');

        return end >= 0 ? span_first(rest, (size_t)end) : (Span){ 0 };
}

static Span cursor_text(Cursor *c)
{
        Span text = { (const char *)c->at, 0 };

        cursor_skip_text(c);
        text.len = c->failed ? 0 : (size_t)((const char *)c->at - text.ptr) - 1;
        return text;
}

/* One field of an entry: a text or a number, by its form; false for forms that lines never have. */
static bool read_form(LineProgram *p, Cursor *c, uint64_t form, Span *text, uint64_t *number)
{
        switch (form) {
        case DW_FORM_string:
                *text = cursor_text(c);
                return true;
        case DW_FORM_line_strp:
                *text = text_in(p->sections->line_str, offset_number(c, p));
                return true;
        case DW_FORM_strp:
                *text = text_in(p->sections->str, offset_number(c, p));
                return true;
        case DW_FORM_udata:
                *number = cursor_uleb(c);
                return true;
        case DW_FORM_data1:
                *number = cursor_u8(c);
                return true;
        case DW_FORM_data2:
                *number = cursor_u16(c);
                return true;
        case DW_FORM_data4:
                *number = cursor_u32(c);
                return true;
        case DW_FORM_data8:
                *number = cursor_u64(c);
                return true;
        case DW_FORM_data16:
                (void)cursor_span(c, 16);
                return true;
        case DW_FORM_block:
                (void)cursor_span(c, cursor_uleb(c));
                return true;
        default:
                return false;
        }
}

static void add_path(Buf *out, Span piece)
{
        if (span_starts(piece, "/"))
                buf_clear(out);
        else if (out->len)
                buf_byte(out, '/');
        buf_add(out, piece);
}

static uint32_t add_file(LineProgram *p, Span name, uint64_t dir)
{
        if (name.len == 0)
                return 0;
        buf_clear(&p->path);
        add_path(&p->path, p->unit->dir);
        if (dir < p->n_dirs && p->dirs[dir].len)
                add_path(&p->path, p->dirs[dir]);
        add_path(&p->path, name);
        return index_add_file(p->b, buf_span(&p->path));
}

/* A table of version 5: first what an entry has, then the entries. */
static bool read_table(LineProgram *p, Cursor *c, bool of_dirs)
{
        uint64_t types[MAX_FORMATS], forms[MAX_FORMATS], n;
        size_t n_formats = cursor_u8(c);

        if (n_formats > MAX_FORMATS)
                return false;
        for (size_t i = 0; i < n_formats; i++) {
                types[i] = cursor_uleb(c);
                forms[i] = cursor_uleb(c);
        }
        n = cursor_uleb(c);
        if (c->failed || n > MAX_UNIT_FILES || n > cursor_left(c) || (n && n_formats == 0))
                return false;
        if (of_dirs)
                p->dirs = new (p->scratch, Span, n);
        else
                p->files.numbers = new (p->scratch, uint32_t, n);
        for (size_t i = 0; i < n; i++) {
                Span name = { 0 };
                uint64_t dir = 0;

                for (size_t k = 0; k < n_formats; k++) {
                        uint64_t number = 0;
                        Span text = { 0 };

                        if (!read_form(p, c, forms[k], &text, &number) || c->failed)
                                return false;
                        if (types[k] == DW_LNCT_path)
                                name = text;
                        else if (types[k] == DW_LNCT_directory_index)
                                dir = number;
                }
                if (of_dirs)
                        p->dirs[p->n_dirs++] = name;
                else
                        p->files.numbers[p->files.n++] = add_file(p, name, dir);
        }
        return true;
}

static size_t count_texts(Cursor c, size_t fields)
{
        size_t n = 0;

        while (cursor_text(&c).len && n < MAX_UNIT_FILES) {
                for (size_t i = 0; i < fields; i++)
                        (void)cursor_uleb(&c);
                n++;
        }
        return n;
}

/* Tables of versions 2 to 4: numbers start at 1; directory 0 is that of the compilation. */
static bool read_old_tables(LineProgram *p, Cursor *c)
{
        size_t n = count_texts(*c, 0);
        Span text;

        p->dirs = new (p->scratch, Span, n + 1);
        p->n_dirs = n + 1;
        for (size_t i = 1; i <= n; i++)
                p->dirs[i] = cursor_text(c);
        (void)cursor_u8(c);
        n = count_texts(*c, 3);
        p->files.numbers = new (p->scratch, uint32_t, n + 1);
        p->files.n = n + 1;
        for (size_t i = 1; i <= n; i++) {
                text = cursor_text(c);
                p->files.numbers[i] = add_file(p, text, cursor_uleb(c));
                (void)cursor_uleb(c);
                (void)cursor_uleb(c);
        }
        return !c->failed;
}

/* ---- the program: rows ---- */

typedef struct LineMachine {
        uint64_t vaddr, file;
        uint32_t line;
} LineMachine;

static void put_row(LineProgram *p, const LineMachine *m)
{
        index_add_row(p->b, m->vaddr, m->file < p->files.n ? p->files.numbers[m->file] : 0,
                      m->line);
}

static void extended(LineProgram *p, Cursor *c, LineMachine *m)
{
        uint64_t len = cursor_uleb(c);
        Cursor body = cursor_of(cursor_span(c, len));

        if (c->failed || len == 0)
                return;
        switch (cursor_u8(&body)) {
        case DW_LNE_end_sequence:
                index_end_rows(p->b, m->vaddr);
                *m = (LineMachine){ .file = 1, .line = 1 };
                break;
        case DW_LNE_set_address:
                m->vaddr = len == 9 ? cursor_u64(&body) : cursor_u32(&body);
                break;
        default:
                break;
        }
}

static uint64_t const_add(const LineProgram *p)
{
        return (uint64_t)((255 - p->opcode_base) / p->line_range) * p->min_instruction;
}

static void standard(LineProgram *p, Cursor *c, uint8_t opcode, LineMachine *m)
{
        switch (opcode) {
        case DW_LNS_copy:
                put_row(p, m);
                break;
        case DW_LNS_advance_pc:
                m->vaddr += cursor_uleb(c) * p->min_instruction;
                break;
        case DW_LNS_advance_line:
                m->line += (uint32_t)cursor_sleb(c);
                break;
        case DW_LNS_set_file:
                m->file = cursor_uleb(c);
                break;
        case DW_LNS_const_add_pc:
                m->vaddr += const_add(p);
                break;
        case DW_LNS_fixed_advance_pc:
                m->vaddr += cursor_u16(c);
                break;
        default: /* what does not move, and what is not known */
                for (unsigned i = 0; i < p->lengths[opcode - 1]; i++)
                        (void)cursor_uleb(c);
                break;
        }
}

static void run(LineProgram *p, Cursor *c)
{
        LineMachine m = { .file = 1, .line = 1 };

        while (cursor_left(c) && !c->failed) {
                uint8_t opcode = cursor_u8(c);

                if (opcode >= p->opcode_base) {
                        uint8_t step = (uint8_t)(opcode - p->opcode_base);

                        m.vaddr += (uint64_t)(step / p->line_range) * p->min_instruction;
                        m.line += (uint32_t)(p->line_base + step % p->line_range);
                        put_row(p, &m);
                } else if (opcode == 0) {
                        extended(p, c, &m);
                } else {
                        standard(p, c, opcode, &m);
                }
        }
        index_end_rows(p->b, m.vaddr); /* a program that stops without an end */
}

/* ---- one unit ---- */

/* The unit's bytes after its length, which also says how wide offsets are. */
static Cursor unit_bytes(LineProgram *p)
{
        Cursor c = cursor_of(
                span_from(p->sections->line, (size_t)MIN(p->unit->offset, (uint64_t)SIZE_MAX)));
        uint64_t len = cursor_u32(&c);

        p->offset_bytes = len == UINT32_MAX ? 8 : 4;
        if (len == UINT32_MAX)
                len = cursor_u64(&c);
        c = cursor_of(cursor_span(&c, len));
        return c;
}

/* Leaves `c` at the tables; `ret_program` is what follows them. */
static bool read_head(LineProgram *p, Cursor *c, Cursor *ret_program)
{
        uint64_t len;

        p->version = cursor_u16(c);
        if (p->version < 2 || p->version > 5)
                return false;
        if (p->version == 5)
                (void)cursor_u16(c); /* size of addresses, of segment selectors */
        len = offset_number(c, p);
        *ret_program = *c;
        *c = cursor_of(cursor_span(ret_program, len));
        p->min_instruction = cursor_u8(c);
        if (p->version >= 4)
                (void)cursor_u8(c); /* operations an instruction: 1 but for VLIW */
        (void)cursor_u8(c);         /* default_is_stmt */
        p->line_base = (int8_t)cursor_u8(c);
        p->line_range = cursor_u8(c);
        p->opcode_base = cursor_u8(c);
        if (p->line_range == 0 || p->opcode_base == 0)
                return false;
        p->lengths = (const uint8_t *)cursor_span(c, p->opcode_base - 1u).ptr;
        return !c->failed;
}

int dwarf_lines_read(const DwarfLines *sections, const LineUnit *unit, IndexBuilder *b,
                     Arena *scratch, LineFiles *ret, Error *err)
{
        LineProgram p = { .sections = sections,
                          .unit = unit,
                          .b = b,
                          .scratch = scratch,
                          .path = buf_in(scratch, MAX_PATH_BYTES) };
        Cursor c = unit_bytes(&p), program;
        bool ok = !c.failed && read_head(&p, &c, &program);

        if (ok && p.version == 5)
                ok = read_table(&p, &c, true) && read_table(&p, &c, false);
        else if (ok)
                ok = read_old_tables(&p, &c);
        if (!ok)
                return fail(err, ERR_INPUT, ".debug_line at %#llx: the head of a unit is malformed",
                            (unsigned long long)unit->offset);
        if (unit->with_rows)
                run(&p, &program);
        *ret = p.files;
        return 0;
}
