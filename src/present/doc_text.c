/* A Doc for a terminal: wrapped paragraphs, aligned fields and tables, colours when asked.
 *
 * Everything shown passes text_clean() first, so a name from outside cannot move the cursor. */

#include "present/doc_int.h"
#include "present/glyph.h"

#define DEFAULT_WIDTH 80
#define NARROWEST 20
#define BOLD "\x1b[1m"
#define PLAIN "\x1b[0m"

static size_t width_of(const Render *r)
{
        int width = r->style->width > 0 ? r->style->width : DEFAULT_WIDTH;

        return (size_t)MAX(width, NARROWEST);
}

bool color_open(Render *r, Span word)
{
        static const struct {
                const char *word, *code;
        } colors[] = {
                { "PASS", "\x1b[32m" },
                { "FASTER", "\x1b[32m" },
                { "FAIL", "\x1b[31m" },
                { "SLOWER", "\x1b[31m" },
                { "SAME", "\x1b[36m" },
                { "UNKNOWN", "\x1b[33m" },
                { "INCONCLUSIVE", "\x1b[33m" },
                { "P0", "\x1b[1;31m" },
                { "P1", "\x1b[33m" },
                { "P2", "\x1b[32m" },
                { "P3", "\x1b[2m" },
                { "kept", "\x1b[32m" },
                { "quiet", "\x1b[32m" },
                { "noisy", "\x1b[33m" },
                { "unreliable", "\x1b[31m" },
        };

        if (!r->style->color)
                return false;
        for (size_t i = 0; i < COUNT(colors); i++)
                if (span_is(word, colors[i].word)) {
                        buf_text(r->out, colors[i].code);
                        return true;
                }
        return false;
}

void color_close(Render *r, bool opened)
{
        if (opened)
                buf_text(r->out, PLAIN);
}

/* Where words go: a first line that may have begun already and an indent for the others. */
typedef struct Flow {
        Render *r;
        size_t width, indent, column;
        size_t blanks; /* held back until a word follows: no line ends with one */
        bool at_start; /* nothing of ours on this line yet */
} Flow;

static void flow_break(Flow *f)
{
        buf_byte(f->r->out, '\n');
        f->blanks = f->indent;
        f->column = f->indent;
        f->at_start = true;
}

static void flow_blanks(Flow *f)
{
        buf_repeat(f->r->out, ' ', f->blanks);
        f->blanks = 0;
}

/* One word; a word longer than a line is cut hard. */
static void flow_word(Flow *f, Span word)
{
        size_t need = text_columns(word), room = f->width - f->indent;

        if (!f->at_start && f->column + 1 + need > f->width)
                flow_break(f);
        if (!f->at_start) {
                f->blanks++;
                f->column++;
        }
        flow_blanks(f);
        while (need > f->width - MIN(f->column, f->width - 1)) {
                Span part = text_first_columns(word, MAX(f->width - MIN(f->column, f->width), 1u));

                if (part.len == 0)
                        part = span_first(word, 1);
                buf_add(f->r->out, part);
                word = span_from(word, part.len);
                need = text_columns(word);
                if (!word.len)
                        return;
                flow_break(f);
                flow_blanks(f);
                if (need <= room)
                        break;
        }
        buf_add(f->r->out, word);
        f->column += need;
        f->at_start = false;
}

/* `text` after `blanks` blanks, with a hanging indent; `column` is where it starts. */
static void put_wrapped(Render *r, Span text, size_t column, size_t blanks)
{
        Span rest = text_clean(r->scratch, text, CLEAN_LINES), line, word;
        Flow f = {
                .r = r, .width = width_of(r), .column = column, .blanks = blanks, .at_start = true
        };
        bool first = true;

        f.indent = MIN(column, f.width / 2);
        for (; span_next_line(&rest, &line); first = false) {
                if (!first)
                        flow_break(&f);
                while (span_next_word(&line, &word))
                        flow_word(&f, word);
        }
}

static void put_strong(Render *r, bool strong, const char *code)
{
        if (strong && r->style->color)
                buf_text(r->out, code);
}

static void text_heading(Render *r, const Block *block)
{
        Span title = text_clean(r->scratch, block->text, CLEAN_LINE);

        put_strong(r, true, BOLD);
        put_wrapped(r, title, 0, 0);
        put_strong(r, true, PLAIN);
        if (block->level <= 2) {
                const char *line = block->level == 1 ? "=" : "-";

                buf_byte(r->out, '\n');
                buf_repeat(r->out, line[0], MIN(text_columns(title), width_of(r)));
        }
}

static void text_paragraph(Render *r, const Block *block)
{
        Span text = block->text;

        if (block->add_colon)
                text = text_printf(r->scratch, "%.*s:", SPAN_ARG(text));
        put_strong(r, block->strong, BOLD);
        put_wrapped(r, text, 0, 0);
        put_strong(r, block->strong, PLAIN);
}

static size_t label_columns(Render *r, const Block *block)
{
        return text_columns(text_clean(r->scratch, block->label, CLEAN_LINE));
}

/* The widest label of the run of fields around this one. */
static size_t label_width(Render *r, const Block *block)
{
        const Block *first = r->doc->blocks.items, *end = first + r->doc->blocks.len;
        const Block *from = block, *to = block;
        size_t widest = 0;

        while (from > first && (from[-1].kind == BLOCK_FIELD || from[-1].kind >= BLOCK_JSON))
                from--;
        while (to + 1 < end && (to[1].kind == BLOCK_FIELD || to[1].kind >= BLOCK_JSON))
                to++;
        for (const Block *b = from; b <= to; b++)
                if (b->kind == BLOCK_FIELD)
                        widest = MAX(widest, label_columns(r, b));
        return widest;
}

static void text_field(Render *r, const Block *block)
{
        size_t widest = MIN(label_width(r, block), width_of(r) / 2);
        Span label = text_clean(r->scratch, block->label, CLEAN_LINE);
        Span value = cell_words(&block->value, r->scratch);
        bool colored;

        label = text_shorten(r->scratch, label, widest);
        buf_printf(r->out, "%.*s:", SPAN_ARG(label));
        colored = color_open(r, value);
        put_wrapped(r, value, widest + 2, widest + 1 - text_columns(label));
        color_close(r, colored);
}

static void put_marked(Render *r, const Block *block, size_t indent, Span mark)
{
        size_t column = indent + text_columns(mark) + 1;

        buf_repeat(r->out, ' ', indent);
        put_strong(r, block->strong, BOLD);
        buf_add(r->out, mark);
        put_wrapped(r, block->text, column, 1);
        put_strong(r, block->strong, PLAIN);
}

static void text_item(Render *r, const Block *block)
{
        put_marked(r, block, 0, SPAN("-"));
}

static void text_subitem(Render *r, const Block *block)
{
        put_marked(r, block, 3, SPAN("-"));
}

static void text_numbered(Render *r, const Block *block)
{
        put_marked(r, block, 0, text_printf(r->scratch, "%zu.", block->number));
}

static void text_check(Render *r, const Block *block)
{
        put_marked(r, block, 0, block->done ? SPAN("[x]") : SPAN("[ ]"));
}

static void put_lines(Render *r, Span text)
{
        Span rest = text_clean(r->scratch, text, CLEAN_LINES), line;
        bool first = true;

        for (; span_next_line(&rest, &line); first = false) {
                while (line.len && line.ptr[line.len - 1] == ' ')
                        line.len--;
                if (!first)
                        buf_byte(r->out, '\n');
                buf_add(r->out, line);
        }
}

static void text_code(Render *r, const Block *block)
{
        put_lines(r, block->text);
}

static void text_figure(Render *r, const Block *block)
{
        put_strong(r, true, BOLD);
        put_wrapped(r, block->label, 0, 0);
        put_strong(r, true, PLAIN);
        if (block->text.len) {
                buf_byte(r->out, '\n');
                put_lines(r, block->text);
        }
}

static void text_table(Render *r, const Block *block)
{
        render_text_table(r, block->table, width_of(r));
}

static bool joins_previous(const Block *before, const Block *block)
{
        bool list = block->kind >= BLOCK_FIELD && block->kind <= BLOCK_CHECK;

        if (before->kind == BLOCK_HEADING)
                return before->level > 1;
        if (before->kind == BLOCK_PARAGRAPH && before->strong)
                return true;
        if (block->kind == BLOCK_SUBITEM)
                return before->kind >= BLOCK_ITEM && before->kind <= BLOCK_CHECK;
        if (before->kind == BLOCK_SUBITEM)
                return block->kind == BLOCK_ITEM || block->kind == BLOCK_NUMBERED;
        return list && before->kind == block->kind;
}

static bool prints_nothing(const Block *block)
{
        return block->kind == BLOCK_FIGURE && block->text.len == 0;
}

void render_text(Render *r)
{
        static void (*const renderers[])(Render *, const Block *) = {
                [BLOCK_HEADING] = text_heading, [BLOCK_PARAGRAPH] = text_paragraph,
                [BLOCK_FIELD] = text_field,     [BLOCK_ITEM] = text_item,
                [BLOCK_SUBITEM] = text_subitem, [BLOCK_NUMBERED] = text_numbered,
                [BLOCK_CHECK] = text_check,     [BLOCK_CODE] = text_code,
                [BLOCK_FIGURE] = text_figure,   [BLOCK_TABLE] = text_table,
        };
        const Block *before = NULL, *block = NULL;

        while ((block = block_next_shown(r->doc, block))) {
                if (prints_nothing(block))
                        continue;
                if (before && !joins_previous(before, block))
                        buf_byte(r->out, '\n');
                renderers[block->kind](r, block);
                if (block->kind != BLOCK_TABLE) /* ends its own lines */
                        buf_byte(r->out, '\n');
                before = block;
        }
}
