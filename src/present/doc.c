/* The builder of a Doc: blocks in order, everything copied. */

#include "present/doc_int.h"

#define MAX_BLOCK_TEXT MiB(16)

static Span copy(Doc *doc, Span text)
{
        char *bytes = text.len ? new_try(doc->arena, char, text.len) : NULL;

        if (!text.len)
                return (Span){ "", 0 };
        if (!bytes) {
                doc->overflowed = true;
                return (Span){ "", 0 };
        }
        memcpy(bytes, text.ptr, text.len);
        return (Span){ bytes, text.len };
}

static Span format_text(Doc *doc, const char *format, va_list args)
{
        Buf text = buf_in(doc->arena, MAX_BLOCK_TEXT);

        buf_vprintf(&text, format, args);
        doc->overflowed |= text.overflowed;
        return buf_span(&text);
}

/* Fills `text` of the block from the arguments after `format`. */
#define FORMAT_INTO(block, doc, format)                              \
        do {                                                         \
                va_list args_;                                       \
                va_start(args_, format);                             \
                (block)->text = format_text((doc), (format), args_); \
                va_end(args_);                                       \
        } while (0)

/* Never NULL: past the ceiling a block that is not part of the document. */
static Block *add(Doc *doc, BlockKind kind, const char *key)
{
        Block *block = vec_add(doc->arena, &doc->blocks);

        if (!block) {
                doc->overflowed = true;
                block = new (doc->arena, Block, 1);
        }
        block->kind = kind;
        block->key = key;
        return block;
}

Doc *doc_new(Arena *arena, const char *kind)
{
        Doc *doc = new (arena, Doc, 1);

        doc->arena = arena;
        doc->kind = kind;
        doc->blocks.ceiling = DOC_MAX_BLOCKS;
        return doc;
}

void doc_heading(Doc *doc, int level, const char *format, ...)
{
        Block *block = add(doc, BLOCK_HEADING, NULL);

        BUG_IF(level < 1 || level > 6);
        block->level = level;
        FORMAT_INTO(block, doc, format);
}

void doc_paragraph(Doc *doc, const char *key, const char *format, ...)
{
        Block *block = add(doc, BLOCK_PARAGRAPH, key);

        FORMAT_INTO(block, doc, format);
}

void doc_label(Doc *doc, const char *format, ...)
{
        Block *block = add(doc, BLOCK_PARAGRAPH, NULL);

        block->strong = true;
        FORMAT_INTO(block, doc, format);
        block->add_colon = !span_ends(block->text, ":");
}

void doc_item(Doc *doc, const char *key, const char *format, ...)
{
        Block *block = add(doc, BLOCK_ITEM, key);

        FORMAT_INTO(block, doc, format);
}

void doc_subitem(Doc *doc, const char *key, const char *format, ...)
{
        Block *block = add(doc, BLOCK_SUBITEM, key);

        FORMAT_INTO(block, doc, format);
}

static size_t next_number(const Doc *doc)
{
        for (size_t i = doc->blocks.len; i-- > 0;) {
                const Block *block = &doc->blocks.items[i];

                if (block->kind == BLOCK_NUMBERED)
                        return block->number + 1;
                if (block->kind != BLOCK_SUBITEM)
                        break;
        }
        return 1;
}

void doc_numbered(Doc *doc, const char *key, const char *format, ...)
{
        size_t number = next_number(doc);
        Block *block = add(doc, BLOCK_NUMBERED, key);

        block->number = number;
        FORMAT_INTO(block, doc, format);
}

void doc_numbered_at(Doc *doc, const char *key, size_t number, const char *format, ...)
{
        Block *block = add(doc, BLOCK_NUMBERED, key);

        block->number = number;
        FORMAT_INTO(block, doc, format);
}

void doc_check(Doc *doc, const char *key, bool done, const char *format, ...)
{
        Block *block = add(doc, BLOCK_CHECK, key);

        block->done = done;
        FORMAT_INTO(block, doc, format);
}

void doc_strong(Doc *doc)
{
        if (doc->blocks.len)
                vec_last(&doc->blocks)->strong = true;
}

static Cell copy_cell(Doc *doc, Cell cell)
{
        cell.text = copy(doc, cell.text);
        return cell;
}

void doc_field(Doc *doc, const char *key, const char *label, Cell value)
{
        Block *block = add(doc, BLOCK_FIELD, key);

        block->label = copy(doc, span_of(label));
        block->value = copy_cell(doc, value);
}

void doc_code(Doc *doc, const char *key, const char *language, Span text)
{
        Block *block = add(doc, BLOCK_CODE, key);

        block->label = copy(doc, span_of(language));
        block->text = copy(doc, text);
}

void doc_figure(Doc *doc, const char *title, Span svg, Span text)
{
        Block *block = add(doc, BLOCK_FIGURE, NULL);

        block->label = copy(doc, span_of(title));
        block->svg = copy(doc, svg);
        block->text = copy(doc, text);
}

void doc_json(Doc *doc, const char *key, Span json)
{
        add(doc, BLOCK_JSON, key)->text = copy(doc, json);
}

void doc_open(Doc *doc, const char *key)
{
        add(doc, BLOCK_OPEN, key);
}

void doc_close(Doc *doc)
{
        add(doc, BLOCK_CLOSE, NULL);
}

DocTable *doc_table(Doc *doc, const char *key, const Column *columns, size_t n_columns)
{
        DocTable *table = new (doc->arena, DocTable, 1);
        Column *own = new (doc->arena, Column, n_columns);

        BUG_IF(n_columns == 0 || n_columns > DOC_MAX_COLUMNS);
        memcpy(own, columns, n_columns * sizeof(*own));
        table->doc = doc;
        table->columns = own;
        table->n_columns = n_columns;
        table->cells.ceiling = DOC_MAX_CELLS / n_columns * n_columns;
        add(doc, BLOCK_TABLE, key)->table = table;
        return table;
}

void doc_row_cells(DocTable *table, const Cell *cells, size_t n)
{
        BUG_IF(n != table->n_columns);
        for (size_t i = 0; i < n; i++) {
                Cell *cell = vec_add(table->doc->arena, &table->cells);

                if (!cell) {
                        table->doc->overflowed = true;
                        table->cells.len -= table->cells.len % n;
                        return;
                }
                *cell = copy_cell(table->doc, cells[i]);
        }
}

size_t table_rows(const DocTable *table)
{
        return table->cells.len / table->n_columns;
}

const Cell *table_cell(const DocTable *table, size_t row, size_t column)
{
        return &table->cells.items[row * table->n_columns + column];
}

const Block *block_next_shown(const Doc *doc, const Block *after)
{
        const Block *block = after ? after + 1 : doc->blocks.items;

        for (; block && block < doc->blocks.items + doc->blocks.len; block++)
                if (block->kind < BLOCK_JSON)
                        return block;
        return NULL;
}

int doc_print(const Doc *doc, DocFormat format, const DocStyle *style, Buf *out, Error *err)
{
        static void (*const renderers[])(Render *) = {
                [DOC_TEXT] = render_text,
                [DOC_MARKDOWN] = render_markdown,
                [DOC_HTML] = render_html,
                [DOC_JSON] = render_json,
        };
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        DocStyle plain = { 0 };
        Render render = {
                .doc = doc, .style = style ? style : &plain, .scratch = scratch, .out = out
        };

        BUG_IF((unsigned)format >= COUNT(renderers));
        if (doc->overflowed)
                return fail(err, ERR_LIMIT, "the document '%s' is too large to print", doc->kind);
        renderers[format](&render);
        return buf_check(out, err);
}

size_t table_shown(const DocTable *table, size_t at)
{
        while (at < table->n_columns && !table->columns[at].title)
                at++;
        return at;
}
