#include "instrument/profile/symbol_index_build.h"

#include "instrument/profile/symbol_index_int.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TEXT_BYTES GiB(1)
#define MAX_ITEMS (64u << 20)
#define MAX_FILES (1u << 20)
#define MAX_INDEX_BYTES GiB(2)
#define MAX_NESTED 4096

IndexBuilder *index_builder_new(const IndexRange *range, Arena *arena)
{
        IndexBuilder *b = new (arena, IndexBuilder, 1);

        b->arena = arena;
        b->range = *range;
        b->texts = string_pool_in(arena, MAX_TEXT_BYTES);
        b->scopes.ceiling = b->spans.ceiling = b->rows.ceiling = b->sequences.ceiling = MAX_ITEMS;
        b->files.ceiling = MAX_FILES;
        b->file_numbers = map_in(arena, MAX_FILES);
        (void)vec_add(arena, &b->files);
        return b;
}

uint32_t index_add_file(IndexBuilder *b, Span path)
{
        uint32_t text = string_pool_add(&b->texts, path);
        MapSlot *slot = text ? map_add_u64(&b->file_numbers, text) : NULL;
        uint32_t *file;

        if (!slot)
                return 0;
        if (slot->number)
                return (uint32_t)slot->number;
        file = vec_add(b->arena, &b->files);
        if (!file)
                return 0;
        *file = text;
        slot->number = b->files.len - 1;
        return (uint32_t)slot->number;
}

uint32_t index_add_scope(IndexBuilder *b, const IndexScope *scope)
{
        IndexScope *slot = vec_add(b->arena, &b->scopes);

        if (!slot) {
                b->left_out++;
                return SYMBOL_INDEX_NONE;
        }
        *slot = *scope;
        return (uint32_t)b->scopes.len - 1;
}

/* False when nothing of it is inside. */
static bool distances_of(const IndexBuilder *b, IndexRange range, uint32_t *low, uint32_t *high)
{
        uint64_t end = MIN(range.high, b->range.high);

        if (range.low < b->range.low || range.low == 0 || range.low >= end ||
            end - b->range.low > UINT32_MAX)
                return false;
        *low = (uint32_t)(range.low - b->range.low);
        *high = (uint32_t)(end - b->range.low);
        return true;
}

void index_add_range(IndexBuilder *b, IndexRange range, uint32_t depth, uint32_t scope)
{
        IndexSpan span = { .depth = depth, .value = scope }, *slot;

        if (scope == SYMBOL_INDEX_NONE || !distances_of(b, range, &span.low, &span.high))
                return;
        slot = vec_add(b->arena, &b->spans);
        if (slot)
                *slot = span;
        else
                b->left_out++;
}

void index_add_row(IndexBuilder *b, uint64_t vaddr, uint32_t file, uint32_t line)
{
        IndexRow row = { .file = file, .line = line }, *last = NULL;
        uint32_t end;
        bool inside = distances_of(b, (IndexRange){ vaddr, vaddr + 1 }, &row.start, &end);

        if (!b->in_sequence)
                b->dead_sequence = !inside;
        b->in_sequence = true;
        if (!inside || b->dead_sequence)
                return;
        if (b->rows.len > b->open_rows)
                last = vec_last(&b->rows);
        if (last && last->start > row.start)
                return;
        if (last && last->start == row.start) { /* of rows for one address the last one counts */
                *last = row;
                return;
        }
        if (last && last->file == file && last->line == line)
                return;
        last = vec_add(b->arena, &b->rows);
        if (last)
                *last = row;
        else
                b->left_out++;
}

void index_end_rows(IndexBuilder *b, uint64_t vaddr)
{
        size_t first = b->open_rows, n = b->rows.len - first;
        uint64_t high = MIN(vaddr, b->range.high) - b->range.low;
        IndexSequence *slot;

        b->in_sequence = false;
        if (n == 0)
                return;
        b->open_rows = b->rows.len;
        if (vaddr <= b->range.low + b->rows.items[first].start || high > UINT32_MAX)
                return;
        slot = vec_add(b->arena, &b->sequences);
        if (slot)
                *slot = (IndexSequence){ .low = b->rows.items[first].start,
                                         .high = (uint32_t)high,
                                         .first = (uint32_t)first,
                                         .n = (uint32_t)n };
        else
                b->left_out++;
}

/* ---- spans: nested ranges to the innermost one of each piece ---- */

typedef struct Flat {
        uint32_t *starts, *values;
        uint32_t n;
        const IndexSpan **open; /* around the current address, innermost last */
        size_t n_open;
} Flat;

/* Later entries of one place win: they are deeper. */
static int by_place(const void *a, const void *b)
{
        const IndexSpan *x = a, *y = b;

        if (x->low != y->low)
                return x->low < y->low ? -1 : 1;
        if (x->depth != y->depth)
                return x->depth < y->depth ? -1 : 1;
        if (x->high != y->high)
                return x->high > y->high ? -1 : 1;
        return x->value < y->value ? -1 : x->value > y->value;
}

static void emit(Flat *f, uint32_t start, uint32_t value)
{
        if (f->n && f->starts[f->n - 1] == start)
                f->n--;
        if (f->n && f->values[f->n - 1] == value)
                return;
        f->starts[f->n] = start;
        f->values[f->n++] = value;
}

static void close_until(Flat *f, uint64_t at, uint32_t none)
{
        while (f->n_open && f->open[f->n_open - 1]->high <= at) {
                uint32_t end = f->open[--f->n_open]->high;

                while (f->n_open && f->open[f->n_open - 1]->high <= end)
                        f->n_open--;
                emit(f, end, f->n_open ? f->open[f->n_open - 1]->value : none);
        }
}

static bool is_twin(const Flat *f, const IndexSpan *s)
{
        const IndexSpan *top = f->n_open ? f->open[f->n_open - 1] : NULL;

        return top && top->low == s->low && top->high == s->high && top->depth == s->depth;
}

static bool flatten(const IndexSpan *spans, size_t n, uint32_t none, Arena *arena, Flat *ret)
{
        Flat f = { .starts = new_try(arena, uint32_t, 2 * n + 1),
                   .values = new_try(arena, uint32_t, 2 * n + 1),
                   .open = new (arena, const IndexSpan *, MAX_NESTED) };

        if (!f.starts || !f.values)
                return false;
        for (size_t i = 0; i < n; i++) {
                close_until(&f, spans[i].low, none);
                if (is_twin(&f, &spans[i]) || f.n_open == MAX_NESTED)
                        continue;
                f.open[f.n_open++] = &spans[i];
                emit(&f, spans[i].low, spans[i].value);
        }
        close_until(&f, UINT64_MAX, none);
        *ret = f;
        return true;
}

static bool flatten_symbols(IndexBuilder *b, const SymbolTable *t, Flat *ret)
{
        size_t n = 0;
        IndexSpan *spans = new_try(b->arena, IndexSpan, t->symbols.len);

        if (!spans)
                return false;
        vec_each (Symbol, s, &t->symbols) {
                IndexSpan *span = &spans[n];

                if (!distances_of(b, (IndexRange){ s->start, s->end }, &span->low, &span->high))
                        continue;
                span->value = string_pool_add(&b->texts, s->name);
                n++;
        }
        return flatten(spans, n, 0, b->arena, ret);
}

/* ---- lines ---- */

typedef struct LineWriter {
        Buf bytes;
        VEC(IndexLineBlock) blocks;
        IndexRow last;
        uint32_t in_block;
} LineWriter;

static void put_varint(Buf *out, uint64_t value)
{
        for (; value >= 0x80; value >>= 7)
                buf_byte(out, (char)(value | 0x80));
        buf_byte(out, (char)value);
}

static void put_change(Buf *out, uint32_t from, uint32_t to)
{
        int32_t change = (int32_t)(to - from);

        put_varint(out, (uint32_t)change << 1 ^ (uint32_t)(change >> 31));
}

static void put_row(LineWriter *w, Arena *arena, const IndexRow *row)
{
        bool other_file;

        if (w->in_block == 0) {
                IndexLineBlock *block = vec_add(arena, &w->blocks);

                if (!block)
                        return;
                *block = (IndexLineBlock){ row->start, (uint32_t)w->bytes.len };
                w->last = (IndexRow){ .start = row->start };
        }
        w->in_block = (w->in_block + 1) % LINE_BLOCK_ROWS;
        other_file = row->file != w->last.file;
        put_varint(&w->bytes, (uint64_t)(row->start - w->last.start) << 1 | other_file);
        if (other_file)
                put_change(&w->bytes, w->last.file, row->file);
        put_change(&w->bytes, w->last.line, row->line);
        w->last = *row;
}

static int by_sequence(const void *a, const void *b)
{
        const IndexSequence *x = a, *y = b;

        if (x->low != y->low)
                return x->low < y->low ? -1 : 1;
        return x->high > y->high ? -1 : x->high < y->high;
}

/* The rows of a sequence from `from` on: what an earlier one covers is its. */
static void put_sequence(LineWriter *w, IndexBuilder *b, const IndexSequence *s, uint32_t from)
{
        const IndexRow *rows = b->rows.items + s->first;

        for (uint32_t i = 0; i < s->n; i++) {
                IndexRow row = rows[i];

                if (i + 1 < s->n && rows[i + 1].start <= from)
                        continue;
                row.start = MAX(row.start, from);
                if (row.start < s->high)
                        put_row(w, b->arena, &row);
        }
}

static void put_lines(LineWriter *w, IndexBuilder *b)
{
        uint32_t covered = 0;

        if (b->sequences.len)
                qsort(b->sequences.items, b->sequences.len, sizeof(IndexSequence), by_sequence);
        vec_each (IndexSequence, s, &b->sequences) {
                if (s->high <= covered)
                        continue;
                if (covered && s->low > covered)
                        put_row(w, b->arena, &(IndexRow){ .start = covered });
                put_sequence(w, b, s, covered);
                covered = s->high;
        }
        if (covered)
                put_row(w, b->arena, &(IndexRow){ .start = covered });
}

/* ---- the whole ---- */

static void put_table(char **at, const void *items, size_t n, size_t item_bytes)
{
        if (n)
                memcpy(*at, items, n * item_bytes);
        *at += n * item_bytes;
}

typedef struct Pieces {
        Flat symbols, spans;
        LineWriter lines;
} Pieces;

static void lay_out(const IndexBuilder *b, const SymbolIndexHeader *h, const Pieces *p, char *bytes)
{
        char *at = bytes;

        put_table(&at, h, 1, sizeof(*h));
        put_table(&at, p->symbols.starts, h->n_symbols, sizeof(uint32_t));
        put_table(&at, p->symbols.values, h->n_symbols, sizeof(uint32_t));
        put_table(&at, p->spans.starts, h->n_spans, sizeof(uint32_t));
        put_table(&at, p->spans.values, h->n_spans, sizeof(uint32_t));
        put_table(&at, b->scopes.items, h->n_scopes, sizeof(IndexScope));
        put_table(&at, b->files.items, h->n_files, sizeof(uint32_t));
        put_table(&at, p->lines.blocks.items, h->n_line_blocks, sizeof(IndexLineBlock));
        put_table(&at, p->lines.bytes.ptr, h->line_bytes, 1);
        put_table(&at, b->texts.bytes.ptr, h->text_bytes, 1);
        symbol_index_seal(bytes, (size_t)h->file_bytes);
}

static int no_room(Error *err)
{
        return fail(err, ERR_LIMIT, "the index of symbols needs more than its memory");
}

static int gather(IndexBuilder *b, const IndexPlan *plan, Pieces *p, Error *err)
{
        p->lines = (LineWriter){ .bytes = buf_in(b->arena, MAX_INDEX_BYTES),
                                 .blocks.ceiling = MAX_ITEMS };
        if (b->spans.len)
                qsort(b->spans.items, b->spans.len, sizeof(IndexSpan), by_place);
        if (!flatten(b->spans.items, b->spans.len, SYMBOL_INDEX_NONE, b->arena, &p->spans) ||
            !flatten_symbols(b, plan->symbols, &p->symbols))
                return no_room(err);
        put_lines(&p->lines, b);
        return p->lines.bytes.overflowed || p->lines.bytes.len > UINT32_MAX ? no_room(err) : 0;
}

int index_build(IndexBuilder *b, const IndexPlan *plan, Arena *arena, Span *ret, Error *err)
{
        Pieces p = { 0 };
        SymbolIndexHeader h = { .magic = SYMBOL_INDEX_MAGIC,
                                .version = SYMBOL_INDEX_VERSION,
                                .header_bytes = sizeof(h),
                                .base = b->range.low,
                                .debug_bytes = plan->debug_bytes,
                                .sources = plan->sources,
                                .missing_units = plan->missing_units };
        int r = gather(b, plan, &p, err);
        char *bytes;

        if (r < 0)
                return r;
        h.build_id = string_pool_add(&b->texts, plan->build_id);
        h.n_symbols = p.symbols.n;
        h.n_spans = p.spans.n;
        h.n_scopes = (uint32_t)b->scopes.len;
        h.n_files = (uint32_t)b->files.len;
        h.n_line_blocks = (uint32_t)p.lines.blocks.len;
        h.line_bytes = (uint32_t)p.lines.bytes.len;
        h.text_bytes = (uint32_t)b->texts.bytes.len;
        h.file_bytes = symbol_index_size(&h);
        bytes = h.file_bytes <= MAX_INDEX_BYTES
                        ? (char *)new_try(arena, uint64_t, (size_t)h.file_bytes / 8 + 1)
                        : NULL;
        if (!bytes)
                return no_room(err);
        lay_out(b, &h, &p, bytes);
        *ret = (Span){ bytes, (size_t)h.file_bytes };
        return 0;
}
