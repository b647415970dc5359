#pragma once
/* Inside of a Doc, shared by its builder and one renderer per format. */

#include "present/doc.h"

#define DOC_MAX_BLOCKS 200000
#define DOC_MAX_CELLS 2000000
#define DOC_MAX_COLUMNS 64

typedef enum BlockKind {
        BLOCK_HEADING,
        BLOCK_PARAGRAPH,
        BLOCK_FIELD,
        BLOCK_ITEM,
        BLOCK_SUBITEM,
        BLOCK_NUMBERED,
        BLOCK_CHECK,
        BLOCK_CODE,
        BLOCK_FIGURE,
        BLOCK_TABLE,
        BLOCK_JSON,
        BLOCK_OPEN,
        BLOCK_CLOSE,
        BLOCK_KIND_COUNT_,
} BlockKind;

typedef struct Block {
        BlockKind kind;
        const char *key;
        int level;     /* heading */
        size_t number; /* numbered item */
        bool done;     /* check */
        bool strong;
        bool add_colon; /* a label without its own */
        Span label;     /* field's label, language of code, title of a figure */
        Span text;
        Span svg;
        Cell value;
        DocTable *table;
} Block;

struct DocTable {
        Doc *doc;
        const Column *columns;
        size_t n_columns;
        VEC(Cell) cells; /* row by row */
};

struct Doc {
        Arena *arena;
        const char *kind;
        VEC(Block) blocks;
        bool overflowed;
};

/* One rendering: its scratch memory lives until doc_print() returns. */
typedef struct Render {
        const Doc *doc;
        const DocStyle *style;
        Arena *scratch;
        Buf *out;
} Render;

void render_text(Render *r);
void render_markdown(Render *r);
void render_html(Render *r);
void render_json(Render *r);

size_t table_rows(const DocTable *table);
const Cell *table_cell(const DocTable *table, size_t row, size_t column);
/* What people read; text of outside origin is returned as it is. */
Span cell_words(const Cell *cell, Arena *scratch);
bool cell_is_number(const Cell *cell);
/* Blocks that print something, in order; skips the ones that only shape JSON. */
const Block *block_next_shown(const Doc *doc, const Block *after);

/* Cuts text at pairs of single backticks: every other piece is code. False at the end. */
typedef struct TextPiece {
        Span text;
        bool code;
} TextPiece;
bool text_next_piece(Span *rest, TextPiece *ret);

/* A terminal table (doc_text_table.c). */
void render_text_table(Render *r, const DocTable *table, size_t width);
/* Opens and closes the colour of a word such as FASTER; nothing without colours. */
bool color_open(Render *r, Span word);
void color_close(Render *r, bool opened);

/* The next column from `at` on that people see; n_columns when there is none. */
size_t table_shown(const DocTable *table, size_t at);
#define column_each(i, table)                                            \
        for (size_t i = table_shown((table), 0); i < (table)->n_columns; \
             i = table_shown((table), i + 1))
