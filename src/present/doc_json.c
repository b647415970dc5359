/* A Doc as one JSON object on one line: raw numbers in base units, with the unit beside them.
 *
 *     {"kind": "load", "p99": {"value": 1200000, "unit": "ns"}, "phases": [{...}, {...}]}
 */

#include "base/map.h"
#include "present/doc_int.h"

/* One object of the document: the blocks between an opening and its end. */
typedef struct Scope {
        Render *r;
        JsonWriter *w;
        size_t from, to; /* block numbers */
} Scope;

static void put_number(JsonWriter *w, const Cell *cell)
{
        json_open_object(w);
        json_key(w, "value");
        json_double(w, cell->number);
        json_key(w, "unit");
        json_text(w, unit_name(cell->unit));
        json_close_object(w);
}

static void put_range(JsonWriter *w, const Cell *cell)
{
        json_open_object(w);
        json_key(w, "low");
        json_double(w, cell->number);
        json_key(w, "high");
        json_double(w, cell->high);
        json_key(w, "unit");
        json_text(w, unit_name(cell->unit));
        json_close_object(w);
}

static void put_missing(JsonWriter *w, const Cell *cell UNUSED)
{
        json_null(w);
}

static void put_words(JsonWriter *w, const Cell *cell)
{
        json_span(w, cell->text);
}

static void put_count(JsonWriter *w, const Cell *cell)
{
        json_double(w, cell->number);
}

static void put_cell(JsonWriter *w, const Cell *cell)
{
        static void (*const writers[])(JsonWriter *, const Cell *) = {
                [CELL_MISSING] = put_missing, [CELL_TEXT] = put_words,
                [CELL_UNIT] = put_number,     [CELL_COUNT] = put_count,
                [CELL_CHANGE] = put_number,   [CELL_INTERVAL] = put_range,
                [CELL_VERDICT] = put_words,   [CELL_RANGE] = put_range,
        };

        writers[cell->kind](w, cell);
}

static void json_table(JsonWriter *w, const Block *block)
{
        const DocTable *table = block->table;

        json_open_array(w);
        for (size_t row = 0; row < table_rows(table); row++) {
                json_open_object(w);
                for (size_t i = 0; i < table->n_columns; i++) {
                        if (!table->columns[i].key)
                                continue;
                        json_key(w, table->columns[i].key);
                        put_cell(w, table_cell(table, row, i));
                }
                json_close_object(w);
        }
        json_close_array(w);
}

static void json_field(JsonWriter *w, const Block *block)
{
        put_cell(w, &block->value);
}

static void json_words(JsonWriter *w, const Block *block)
{
        json_span(w, block->text);
}

static void json_raw(JsonWriter *w, const Block *block)
{
        buf_add(w->out, block->text.len ? block->text : SPAN("null"));
        w->after_key = false;
}

static bool is_list(const Block *block)
{
        return block->kind >= BLOCK_ITEM && block->kind <= BLOCK_CHECK;
}

static void put_list_item(JsonWriter *w, const Block *block)
{
        if (block->kind != BLOCK_CHECK) {
                json_span(w, block->text);
                return;
        }
        json_open_object(w);
        json_key(w, "text");
        json_span(w, block->text);
        json_key(w, "done");
        json_bool(w, block->done);
        json_close_object(w);
}

/* Number of the block after the end of the object that opens at `at`. */
static size_t past_close(const Doc *doc, size_t at)
{
        size_t depth = 0;

        for (; at < doc->blocks.len; at++) {
                BlockKind kind = doc->blocks.items[at].kind;

                depth += kind == BLOCK_OPEN;
                depth -= kind == BLOCK_CLOSE;
                if (depth == 0)
                        return at + 1;
        }
        return at;
}

/* Blocks of this object, nested ones skipped. */
static size_t next_in_scope(const Scope *s, size_t at)
{
        const Block *block = &s->r->doc->blocks.items[at];

        return block->kind == BLOCK_OPEN ? past_close(s->r->doc, at) : at + 1;
}

static void json_list(const Scope *s, size_t first)
{
        const Block *blocks = s->r->doc->blocks.items;
        Span key = span_of(blocks[first].key);

        json_open_array(s->w);
        for (size_t i = first; i < s->to; i = next_in_scope(s, i))
                if (is_list(&blocks[i]) && blocks[i].key && span_is(key, blocks[i].key))
                        put_list_item(s->w, &blocks[i]);
        json_close_array(s->w);
}

static void json_scope(const Scope *s);

static void json_nested(const Scope *s, size_t at)
{
        size_t end = past_close(s->r->doc, at);
        Scope inside = { .r = s->r, .w = s->w, .from = at + 1 };

        inside.to = end > at + 1 && s->r->doc->blocks.items[end - 1].kind == BLOCK_CLOSE ? end - 1
                                                                                         : end;
        json_open_object(s->w);
        json_scope(&inside);
        json_close_object(s->w);
}

static void json_block(const Scope *s, size_t at)
{
        static void (*const writers[BLOCK_KIND_COUNT_])(JsonWriter *, const Block *) = {
                [BLOCK_PARAGRAPH] = json_words, [BLOCK_FIELD] = json_field,
                [BLOCK_CODE] = json_words,      [BLOCK_TABLE] = json_table,
                [BLOCK_JSON] = json_raw,
        };
        const Block *block = &s->r->doc->blocks.items[at];

        if (is_list(block))
                json_list(s, at);
        else if (block->kind == BLOCK_OPEN)
                json_nested(s, at);
        else
                writers[block->kind](s->w, block);
}

static void json_scope(const Scope *s)
{
        Map seen = map_in(s->r->scratch, DOC_MAX_BLOCKS);

        for (size_t i = s->from; i < s->to; i = next_in_scope(s, i)) {
                const Block *block = &s->r->doc->blocks.items[i];
                MapSlot *slot;

                if (!block->key)
                        continue;
                slot = map_add(&seen, span_of(block->key));
                BUG_IF(!slot);
                if (slot->number == BLOCK_ITEM && is_list(block))
                        continue;
                if (slot->number)
                        BUG("document '%s' has the key '%s' twice", s->r->doc->kind, block->key);
                slot->number = is_list(block) ? BLOCK_ITEM : BLOCK_JSON;
                json_key(s->w, block->key);
                json_block(s, i);
        }
}

void render_json(Render *r)
{
        JsonWriter w = json_to(r->out, false);
        Scope all = { .r = r, .w = &w, .to = r->doc->blocks.len };

        json_open_object(&w);
        json_key(&w, "kind");
        json_text(&w, r->doc->kind);
        json_scope(&all);
        json_close_object(&w);
        buf_byte(r->out, '\n');
}
