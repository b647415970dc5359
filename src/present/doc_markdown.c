/* A Doc as GitHub-flavoured Markdown.
 *
 * Outside text is escaped where Markdown would read it as markup, and only there, so that names
 * such as latency_p99 stay readable. Pairs of single backticks stay code spans: a run of two or
 * more, or one without a partner, is escaped, so what we take for code and what a reader of
 * Markdown takes for code are the same. */

#include "present/doc_int.h"
#include "present/glyph.h"

#include <ctype.h>

static size_t backticks_at(Span s, size_t at)
{
        size_t n = 0;

        while (at + n < s.len && s.ptr[at + n] == '`')
                n++;
        return n;
}

/* Offset of the next run of exactly one backtick, or the length. */
static size_t next_single(Span s, size_t from)
{
        for (size_t at = from; at < s.len;) {
                size_t n = backticks_at(s, at);

                if (n == 1)
                        return at;
                at += MAX(n, (size_t)1);
        }
        return s.len;
}

bool text_next_piece(Span *rest, TextPiece *ret)
{
        size_t open = next_single(*rest, 0), close = next_single(*rest, open + 1);

        if (rest->len == 0)
                return false;
        if (open == 0 && close < rest->len) {
                *ret = (TextPiece){ { rest->ptr + 1, close - 1 }, true };
                *rest = span_from(*rest, close + 1);
                return true;
        }
        if (close >= rest->len)
                open = rest->len;
        *ret = (TextPiece){ span_first(*rest, open), false };
        *rest = span_from(*rest, open);
        return true;
}

static bool is_word(Span s, size_t at)
{
        unsigned char c = at < s.len ? (unsigned char)s.ptr[at] : ' ';

        return isalnum(c) || c >= 0x80;
}

static bool is_tag_start(Span s, size_t at)
{
        unsigned char c = at < s.len ? (unsigned char)s.ptr[at] : ' ';

        return isalpha(c) || c == '/' || c == '!' || c == '?';
}

/* "](", "][", "]:" and "[^" make links and footnotes; other brackets are just brackets. */
static bool links(Span s, size_t at)
{
        char c = s.ptr[at], next = at + 1 < s.len ? s.ptr[at + 1] : ' ';

        if (c == '[')
                return next == '^';
        return c == ']' && (next == '(' || next == '[' || next == ':');
}

/* "&amp;" and "&#39;" are references; "a=1&b=2" is not. */
static bool is_reference(Span s, size_t at)
{
        size_t end = at + 1;

        while (end < s.len && (isalnum((unsigned char)s.ptr[end]) || s.ptr[end] == '#'))
                end++;
        return end > at + 1 && end < s.len && s.ptr[end] == ';';
}

static void escape_byte(Buf *out, Span s, size_t at, bool in_table)
{
        char c = s.ptr[at];
        bool inside = at > 0 && is_word(s, at - 1) && is_word(s, at + 1);
        bool doubled = (at > 0 && s.ptr[at - 1] == c) || (at + 1 < s.len && s.ptr[at + 1] == c);

        if (c == '<' && is_tag_start(s, at + 1)) {
                buf_text(out, "&lt;");
                return;
        }
        if (c == '&' && is_reference(s, at)) {
                buf_text(out, "&amp;");
                return;
        }
        if (c == '\\' || c == '`' || c == '*' || (c == '|' && in_table) || (c == '_' && !inside) ||
            (c == '~' && doubled) || links(s, at))
                buf_byte(out, '\\');
        buf_byte(out, c);
}

/* "# x", "- x", "> x", "1. x" and rules are markup at the start of a line only. */
static void escape_start(Buf *out, Span *s)
{
        size_t digits = 0;

        while (digits < s->len && isdigit((unsigned char)s->ptr[digits]))
                digits++;
        if (digits && digits < s->len && (s->ptr[digits] == '.' || s->ptr[digits] == ')')) {
                buf_add(out, span_first(*s, digits));
                buf_byte(out, '\\');
                *s = span_from(*s, digits);
                buf_byte(out, s->ptr[0]);
                *s = span_from(*s, 1);
        } else if (s->len &&
                   (s->ptr[0] == '#' || s->ptr[0] == '-' || s->ptr[0] == '+' || s->ptr[0] == '[' ||
                    s->ptr[0] == '>' || s->ptr[0] == '=' || s->ptr[0] == '~')) {
                buf_byte(out, '\\');
                buf_byte(out, s->ptr[0]);
                *s = span_from(*s, 1);
        }
}

static void put_code_piece(Buf *out, Span code, bool in_table)
{
        buf_byte(out, '`');
        for (size_t i = 0; i < code.len; i++) {
                if (code.ptr[i] == '|' && in_table)
                        buf_byte(out, '\\'); /* GFM removes it again, in code as well */
                buf_byte(out, code.ptr[i]);
        }
        buf_byte(out, '`');
}

typedef enum Spot { SPOT_LINE, SPOT_INSIDE, SPOT_CELL } Spot;

static void put_text(Render *r, Span text, Spot spot)
{
        Span rest = span_trim(text_clean(r->scratch, text, CLEAN_LINE));
        TextPiece piece;
        bool first = spot == SPOT_LINE;

        for (; text_next_piece(&rest, &piece); first = false) {
                if (piece.code) {
                        put_code_piece(r->out, piece.text, spot == SPOT_CELL);
                        continue;
                }
                if (first)
                        escape_start(r->out, &piece.text);
                for (size_t i = 0; i < piece.text.len; i++)
                        escape_byte(r->out, piece.text, i, spot == SPOT_CELL);
        }
}

static void put_strong(Render *r, const Block *block, Spot spot)
{
        if (block->strong && block->text.len)
                buf_text(r->out, "**");
        put_text(r, block->text, block->strong ? SPOT_INSIDE : spot);
        if (block->strong && block->text.len)
                buf_text(r->out, "**");
}

static void md_heading(Render *r, const Block *block)
{
        buf_repeat(r->out, '#', (size_t)block->level);
        buf_byte(r->out, ' ');
        put_text(r, block->text, SPOT_INSIDE);
}

static void md_paragraph(Render *r, const Block *block)
{
        Span rest = block->text, line;
        Block part = *block;
        bool first = true;

        for (; span_next_line(&rest, &line); first = false) {
                if (!first)
                        buf_byte(r->out, '\n');
                part.text = line;
                put_strong(r, &part, SPOT_LINE);
        }
        buf_text(r->out, block->add_colon ? ":" : "");
}

static void md_field(Render *r, const Block *block)
{
        buf_text(r->out, "**");
        put_text(r, block->label, SPOT_INSIDE);
        buf_text(r->out, "**: ");
        put_text(r, cell_words(&block->value, r->scratch), SPOT_INSIDE);
}

static void md_item(Render *r, const Block *block)
{
        buf_text(r->out, "- ");
        put_strong(r, block, SPOT_LINE);
}

static void md_subitem(Render *r, const Block *block)
{
        buf_text(r->out, "   - ");
        put_strong(r, block, SPOT_LINE);
}

static void md_numbered(Render *r, const Block *block)
{
        buf_printf(r->out, "%zu. ", block->number);
        put_strong(r, block, SPOT_LINE);
}

static void md_check(Render *r, const Block *block)
{
        buf_text(r->out, block->done ? "- [x] " : "- [ ] ");
        put_strong(r, block, SPOT_INSIDE);
}

/* A fence longer than any run of backticks inside. */
static size_t fence_length(Span text)
{
        size_t longest = 2;

        for (size_t at = 0; at < text.len;) {
                size_t n = backticks_at(text, at);

                longest = MAX(longest, n);
                at += MAX(n, (size_t)1);
        }
        return longest + 1;
}

static void put_fenced(Render *r, Span language, Span text)
{
        Span rest = text_clean(r->scratch, text, CLEAN_LINES), line;
        size_t fence = fence_length(rest);

        buf_repeat(r->out, '`', fence);
        buf_add(r->out, text_clean(r->scratch, language, CLEAN_LINE));
        buf_byte(r->out, '\n');
        while (span_next_line(&rest, &line)) {
                buf_add(r->out, line);
                buf_byte(r->out, '\n');
        }
        buf_repeat(r->out, '`', fence);
}

static void md_code(Render *r, const Block *block)
{
        put_fenced(r, block->label, block->text);
}

static void md_figure(Render *r, const Block *block)
{
        buf_text(r->out, "**");
        put_text(r, block->label, SPOT_INSIDE);
        buf_text(r->out, "**\n\n");
        put_fenced(r, SPAN(""), block->text);
}

static void put_columns(Render *r, const DocTable *table)
{
        column_each (i, table) {
                buf_text(r->out, "| ");
                put_text(r, span_of(table->columns[i].title), SPOT_CELL);
                buf_byte(r->out, ' ');
        }
        buf_text(r->out, "|\n");
        column_each (i, table)
                buf_text(r->out, table->columns[i].align == ALIGN_RIGHT ? "|---:" : "|---");
        buf_text(r->out, "|");
}

static void md_table(Render *r, const Block *block)
{
        const DocTable *table = block->table;

        put_columns(r, table);
        for (size_t row = 0; row < table_rows(table); row++) {
                buf_byte(r->out, '\n');
                column_each (i, table) {
                        buf_text(r->out, "| ");
                        put_text(r, cell_words(table_cell(table, row, i), r->scratch), SPOT_CELL);
                        buf_byte(r->out, ' ');
                }
                buf_byte(r->out, '|');
        }
}

static bool follows_at_once(const Block *before, const Block *block)
{
        bool list = block->kind >= BLOCK_ITEM && block->kind <= BLOCK_CHECK;
        bool after_list = before->kind >= BLOCK_ITEM && before->kind <= BLOCK_CHECK;

        if (before->kind == BLOCK_PARAGRAPH && before->strong) /* a label and its list */
                return list && (block->kind != BLOCK_NUMBERED || block->number == 1);
        if (block->kind == BLOCK_SUBITEM || before->kind == BLOCK_SUBITEM)
                return list && after_list;
        return list && before->kind == block->kind;
}

void render_markdown(Render *r)
{
        static void (*const renderers[])(Render *, const Block *) = {
                [BLOCK_HEADING] = md_heading, [BLOCK_PARAGRAPH] = md_paragraph,
                [BLOCK_FIELD] = md_field,     [BLOCK_ITEM] = md_item,
                [BLOCK_SUBITEM] = md_subitem, [BLOCK_NUMBERED] = md_numbered,
                [BLOCK_CHECK] = md_check,     [BLOCK_CODE] = md_code,
                [BLOCK_FIGURE] = md_figure,   [BLOCK_TABLE] = md_table,
        };
        const Block *before = NULL, *block = NULL;

        while ((block = block_next_shown(r->doc, block))) {
                if (block->kind == BLOCK_FIGURE && !block->text.len)
                        continue;
                if (before && !follows_at_once(before, block))
                        buf_byte(r->out, '\n');
                renderers[block->kind](r, block);
                buf_byte(r->out, '\n');
                before = block;
        }
}
