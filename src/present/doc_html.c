/* A Doc as one self-contained page: style and script inline, nothing fetched (the page's own
 * policy forbids it), light and dark by the reader's preference. The markup is well-formed XML
 * too, so that a test can check it. */

#include "present/doc_int.h"
#include "present/markup.h"

#define CONTENTS_FROM 4 /* sections that make a list of contents worth its room */

static void put_text(Render *r, Span text)
{
        Span rest = text;
        TextPiece piece;

        while (text_next_piece(&rest, &piece)) {
                buf_text(r->out, piece.code ? "<code>" : "");
                markup_escape(r->out, piece.text);
                buf_text(r->out, piece.code ? "</code>" : "");
        }
}

static void put_block_text(Render *r, const Block *block)
{
        buf_text(r->out, block->strong ? "<strong>" : "");
        put_text(r, block->text);
        buf_text(r->out, block->strong ? "</strong>" : "");
}

static void html_heading(Render *r, const Block *block)
{
        size_t number = (size_t)(block - r->doc->blocks.items);

        buf_printf(r->out, "<h%d id=\"s%zu\">", block->level, number);
        put_text(r, block->text);
        buf_printf(r->out, "</h%d>\n", block->level);
}

static void html_paragraph(Render *r, const Block *block)
{
        Span rest = block->text, line;
        bool first = true;

        buf_text(r->out, block->strong ? "<p class=\"label\">" : "<p>");
        for (; span_next_line(&rest, &line); first = false) {
                buf_text(r->out, first ? "" : "<br/>\n");
                put_text(r, line);
        }
        buf_text(r->out, "</p>\n");
}

/* Words such as FASTER carry a class named after them: v-faster. */
static void put_verdict(Render *r, Span word)
{
        buf_text(r->out, "<span class=\"verdict v-");
        for (size_t i = 0; i < word.len; i++) {
                char c = word.ptr[i];
                bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

                if (letter || (c >= '0' && c <= '9'))
                        buf_byte(r->out, (char)(letter ? c | 0x20 : c));
        }
        buf_text(r->out, "\">");
        markup_escape(r->out, word);
        buf_text(r->out, "</span>");
}

static void put_cell(Render *r, const Cell *cell)
{
        if (cell->kind == CELL_VERDICT)
                put_verdict(r, cell->text);
        else if (cell->text.len)
                put_text(r, cell->text);
        else
                markup_escape(r->out, cell_words(cell, r->scratch));
}

static void html_field(Render *r, const Block *block)
{
        buf_text(r->out, "<div><dt>");
        markup_escape(r->out, block->label);
        buf_text(r->out, "</dt><dd>");
        put_cell(r, &block->value);
        buf_text(r->out, "</dd></div>\n");
}

static void html_item(Render *r, const Block *block)
{
        buf_text(r->out,
                 block->kind == BLOCK_CHECK && block->done ? "<li class=\"done\">" : "<li>");
        put_block_text(r, block);
        buf_text(r->out, "</li>\n");
}

static void html_code(Render *r, const Block *block)
{
        buf_text(r->out, "<pre><code>");
        markup_escape(r->out, block->text);
        buf_text(r->out, "</code></pre>\n");
}

static void html_figure(Render *r, const Block *block)
{
        buf_text(r->out, "<figure><figcaption>");
        markup_escape(r->out, block->label);
        buf_text(r->out, "</figcaption>\n");
        if (block->svg.len) {
                buf_add(r->out, block->svg);
        } else {
                buf_text(r->out, "<pre>");
                markup_escape(r->out, block->text);
                buf_text(r->out, "</pre>");
        }
        buf_text(r->out, "</figure>\n");
}

static const char *cell_class(const DocTable *table, size_t column)
{
        const Column *c = &table->columns[column];

        return c->align == ALIGN_RIGHT ? " class=\"n\"" : c->wrap ? " class=\"w\"" : "";
}

static void put_columns(Render *r, const DocTable *table)
{
        buf_text(r->out, "<thead><tr>");
        column_each (i, table) {
                buf_printf(r->out, "<th%s>", cell_class(table, i));
                markup_escape(r->out, span_of(table->columns[i].title));
                buf_text(r->out, "</th>");
        }
        buf_text(r->out, "</tr></thead>\n");
}

static void html_table(Render *r, const Block *block)
{
        const DocTable *table = block->table;

        buf_text(r->out, "<div class=\"scroll\"><table>");
        put_columns(r, table);
        buf_text(r->out, "<tbody>\n");
        for (size_t row = 0; row < table_rows(table); row++) {
                buf_text(r->out, "<tr>");
                column_each (i, table) {
                        buf_printf(r->out, "<td%s>", cell_class(table, i));
                        put_cell(r, table_cell(table, row, i));
                        buf_text(r->out, "</td>");
                }
                buf_text(r->out, "</tr>\n");
        }
        if (table_rows(table) == 0)
                buf_printf(r->out, "<tr><td colspan=\"%zu\">(none)</td></tr>\n", table->n_columns);
        buf_text(r->out, "</tbody></table></div>\n");
}

static void (*const renderers[])(Render *, const Block *) = {
        [BLOCK_HEADING] = html_heading, [BLOCK_PARAGRAPH] = html_paragraph,
        [BLOCK_FIELD] = html_field,     [BLOCK_ITEM] = html_item,
        [BLOCK_SUBITEM] = html_item,    [BLOCK_NUMBERED] = html_item,
        [BLOCK_CHECK] = html_item,      [BLOCK_CODE] = html_code,
        [BLOCK_FIGURE] = html_figure,   [BLOCK_TABLE] = html_table,
};

/* Elements that neighbours of one kind share. */
static const struct {
        const char *open, *close;
} groups[BLOCK_KIND_COUNT_] = {
        [BLOCK_FIELD] = { "<dl class=\"fields\">\n", "</dl>\n" },
        [BLOCK_ITEM] = { "<ul>\n", "</ul>\n" },
        [BLOCK_SUBITEM] = { "<ul class=\"sub\">\n", "</ul>\n" },
        [BLOCK_CHECK] = { "<ul class=\"checks\">\n", "</ul>\n" },
        [BLOCK_NUMBERED] = { NULL, "</ol>\n" },
};

static void open_group(Render *r, const Block *block)
{
        if (block->kind == BLOCK_NUMBERED)
                buf_printf(r->out, "<ol start=\"%zu\">\n", block->number);
        else if (groups[block->kind].open)
                buf_text(r->out, groups[block->kind].open);
}

static void put_body(Render *r)
{
        const Block *before = NULL, *block = NULL;

        while ((block = block_next_shown(r->doc, block))) {
                bool same = before && before->kind == block->kind;

                if (before && !same && groups[before->kind].close)
                        buf_text(r->out, groups[before->kind].close);
                if (!same)
                        open_group(r, block);
                renderers[block->kind](r, block);
                before = block;
        }
        if (before && groups[before->kind].close)
                buf_text(r->out, groups[before->kind].close);
}

static void put_contents(Render *r)
{
        size_t sections = 0;

        for (const Block *b = NULL; (b = block_next_shown(r->doc, b));)
                sections += b->kind == BLOCK_HEADING && b->level == 2;
        if (sections < CONTENTS_FROM)
                return;
        buf_text(r->out, "<nav aria-label=\"Contents\"><ul>\n");
        for (const Block *b = NULL; (b = block_next_shown(r->doc, b));) {
                if (b->kind != BLOCK_HEADING || b->level != 2)
                        continue;
                buf_printf(r->out, "<li><a href=\"#s%zu\">", (size_t)(b - r->doc->blocks.items));
                put_text(r, b->text);
                buf_text(r->out, "</a></li>\n");
        }
        buf_text(r->out, "</ul></nav>\n");
}

void render_html(Render *r)
{
        const char *title = r->style->title ? r->style->title : "hone";

        buf_text(r->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                         "<meta charset=\"utf-8\"/>\n"
                         "<meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\"/>\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                         "'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>\n"
                         "<title>");
        markup_escape(r->out, span_of(title));
        buf_text(r->out, "</title>\n<style>\n");
        buf_add(r->out, present_file("page.css"));
        buf_text(r->out, "</style>\n</head>\n<body>\n<main>\n");
        put_contents(r);
        put_body(r);
        buf_text(r->out, "</main>\n</body>\n</html>\n");
}
