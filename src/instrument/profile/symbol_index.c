#include "instrument/profile/symbol_index.h"

#include "instrument/profile/symbol_index_int.h"

#include <string.h>

#define LANES 4

static uint64_t turned(uint64_t word)
{
        return word << 29 | word >> 35;
}

static uint64_t mixed(uint64_t hash, uint64_t word)
{
        return turned(hash ^ word * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd6e8feb86659fd93);
}

/* Against damage, not against malice: four lanes of eight bytes, so that it runs at the speed of
 * memory. */
static uint64_t checksum(Span bytes)
{
        uint64_t lanes[LANES] = { 1, 2, 3, 4 }, sum = bytes.len;
        size_t at = 0;

        for (; bytes.len - at >= sizeof(lanes); at += sizeof(lanes)) {
                uint64_t words[LANES];

                memcpy(words, bytes.ptr + at, sizeof(words));
                for (size_t i = 0; i < LANES; i++)
                        lanes[i] = mixed(lanes[i], words[i]);
        }
        for (size_t i = 0; i < LANES; i++)
                sum = mixed(sum, lanes[i]);
        for (; at < bytes.len; at++)
                sum = mixed(sum, (uint8_t)bytes.ptr[at]);
        return sum ^ sum >> 32;
}

static Span checked_bytes(const char *bytes, size_t len)
{
        size_t from = offsetof(SymbolIndexHeader, checksum) + sizeof(uint64_t);

        return (Span){ bytes + from, len - from };
}

void symbol_index_seal(char *bytes, size_t len)
{
        uint64_t sum = checksum(checked_bytes(bytes, len));

        memcpy(bytes + offsetof(SymbolIndexHeader, checksum), &sum, sizeof(sum));
}

uint64_t symbol_index_size(const SymbolIndexHeader *h)
{
        return sizeof(*h) + ((uint64_t)h->n_symbols + h->n_spans) * 2 * sizeof(uint32_t) +
               (uint64_t)h->n_scopes * sizeof(IndexScope) +
               (uint64_t)h->n_files * sizeof(uint32_t) +
               (uint64_t)h->n_line_blocks * sizeof(IndexLineBlock) + h->line_bytes + h->text_bytes;
}

static const void *table(const char **at, uint64_t n, size_t item_bytes)
{
        const void *start = *at;

        *at += n * item_bytes;
        return start;
}

static void place_tables(SymbolIndex *x)
{
        const SymbolIndexHeader *h = x->header;
        const char *at = x->bytes.ptr + sizeof(*h);

        x->symbol_starts = table(&at, h->n_symbols, sizeof(uint32_t));
        x->symbol_names = table(&at, h->n_symbols, sizeof(uint32_t));
        x->span_starts = table(&at, h->n_spans, sizeof(uint32_t));
        x->span_scopes = table(&at, h->n_spans, sizeof(uint32_t));
        x->scopes = table(&at, h->n_scopes, sizeof(IndexScope));
        x->files = table(&at, h->n_files, sizeof(uint32_t));
        x->line_blocks = table(&at, h->n_line_blocks, sizeof(IndexLineBlock));
        x->lines = table(&at, h->line_bytes, 1);
        x->texts = at;
}

static const char *what_is_wrong(Span bytes)
{
        const SymbolIndexHeader *h = (const void *)bytes.ptr;

        if (bytes.len < sizeof(*h))
                return "it is cut off";
        if (memcmp(h->magic, SYMBOL_INDEX_MAGIC, sizeof(h->magic)) != 0)
                return "it is not an index of symbols";
        if (h->version != SYMBOL_INDEX_VERSION || h->header_bytes != sizeof(*h))
                return "it has another version";
        if (h->file_bytes != bytes.len)
                return "it is cut off or has grown";
        if (symbol_index_size(h) != bytes.len || h->text_bytes == 0 ||
            bytes.ptr[bytes.len - 1] != '\0')
                return "its tables do not fit";
        if (h->checksum != checksum(checked_bytes(bytes.ptr, bytes.len)))
                return "its checksum is wrong";
        return NULL;
}

int symbol_index_open(Span bytes, SymbolIndex *ret, Error *err)
{
        const char *wrong = what_is_wrong(bytes);

        if (wrong)
                return fail(err, ERR_CORRUPT, "index of symbols: %s", wrong);
        *ret = (SymbolIndex){ .bytes = bytes, .header = (const void *)bytes.ptr };
        place_tables(ret);
        return 0;
}

static Span text_at(const SymbolIndex *x, uint32_t offset)
{
        return offset < x->header->text_bytes ? span_of(x->texts + offset) : (Span){ 0 };
}

Span symbol_index_build_id(const SymbolIndex *x)
{
        return text_at(x, x->header->build_id);
}

static Span file_name(const SymbolIndex *x, uint32_t file)
{
        return file < x->header->n_files ? text_at(x, x->files[file]) : (Span){ 0 };
}

/* The number of starts at or before the distance. */
static size_t starts_until(const uint32_t *starts, size_t n, uint32_t distance)
{
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (starts[middle] <= distance)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool distance_of(const SymbolIndex *x, uint64_t vaddr, uint32_t *ret)
{
        if (vaddr < x->header->base || vaddr - x->header->base > UINT32_MAX)
                return false;
        *ret = (uint32_t)(vaddr - x->header->base);
        return true;
}

Span symbol_index_symbol(const SymbolIndex *x, uint64_t vaddr)
{
        uint32_t distance;
        size_t n;

        if (!distance_of(x, vaddr, &distance))
                return (Span){ 0 };
        n = starts_until(x->symbol_starts, x->header->n_symbols, distance);
        return n ? text_at(x, x->symbol_names[n - 1]) : (Span){ 0 };
}

static uint32_t scope_at(const SymbolIndex *x, uint32_t distance)
{
        size_t n = starts_until(x->span_starts, x->header->n_spans, distance);

        return n ? x->span_scopes[n - 1] : SYMBOL_INDEX_NONE;
}

static size_t block_of(const SymbolIndex *x, uint32_t distance)
{
        size_t low = 0, high = x->header->n_line_blocks;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (x->line_blocks[middle].start <= distance)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static void line_at(const SymbolIndex *x, uint32_t distance, SourceFrame *frame)
{
        size_t n = block_of(x, distance);
        LineRow row, found = { 0 };
        LineReader r;

        if (n == 0)
                return;
        r = line_reader_of(x, &x->line_blocks[n - 1]);
        while (line_reader_next(&r, &row) && row.start <= distance)
                found = row;
        frame->line = found.line;
        frame->file = file_name(x, found.file);
}

LineReader line_reader_of(const SymbolIndex *x, const IndexLineBlock *block)
{
        uint32_t size = x->header->line_bytes, offset = MIN(block->offset, size);

        return (LineReader){ .at = x->lines + offset,
                             .end = x->lines + size,
                             .left = LINE_BLOCK_ROWS,
                             .row.start = block->start };
}

static uint64_t varint(LineReader *r)
{
        uint64_t value = 0;

        for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
                uint8_t byte = *r->at++;

                value |= (uint64_t)(byte & 0x7f) << shift;
                if (!(byte & 0x80))
                        return value;
        }
        r->left = 0; /* the end of the last block, or damage */
        return 0;
}

static uint32_t moved(uint32_t from, uint64_t zigzag)
{
        return from + (uint32_t)(zigzag >> 1 ^ -(zigzag & 1));
}

bool line_reader_next(LineReader *r, LineRow *ret)
{
        uint64_t head;

        if (r->left == 0 || r->at == r->end)
                return false;
        head = varint(r);
        r->row.start += (uint32_t)(head >> 1);
        if (head & 1)
                r->row.file = moved(r->row.file, varint(r));
        r->row.line = moved(r->row.line, varint(r));
        if (r->left == 0)
                return false;
        r->left--;
        *ret = r->row;
        return true;
}

/* Innermost first; a caller's number is smaller, so the walk ends. */
static size_t chain_of(const SymbolIndex *x, uint32_t scope, uint32_t *ret, size_t max)
{
        size_t n = 0;

        while (scope < x->header->n_scopes && n < max) {
                uint32_t caller = x->scopes[scope].caller;

                ret[n++] = scope;
                scope = caller < scope ? caller : SYMBOL_INDEX_NONE;
        }
        return n;
}

/* Some functions have code and lines but no entry with their addresses. */
static size_t find_by_symbol(const SymbolIndex *x, uint64_t vaddr, uint32_t distance,
                             SourceFrame *ret)
{
        *ret = (SourceFrame){ .function = symbol_index_symbol(x, vaddr) };
        if (ret->function.len == 0)
                return 0;
        line_at(x, distance, ret);
        return 1;
}

size_t symbol_index_find(const SymbolIndex *x, uint64_t vaddr, SourceFrame *ret, size_t max)
{
        uint32_t chain[SYMBOL_CHAIN_MAX], distance;
        size_t n, left_out;

        if (max == 0 || !distance_of(x, vaddr, &distance))
                return 0;
        n = chain_of(x, scope_at(x, distance), chain, COUNT(chain));
        if (n == 0)
                return find_by_symbol(x, vaddr, distance, ret);
        left_out = n > max ? n - max : 0; /* of the innermost */
        for (size_t i = 0; i + left_out < n; i++) {
                const IndexScope *scope = &x->scopes[chain[n - 1 - i]];
                bool innermost = i + 1 == n;
                const IndexScope *callee = innermost ? NULL : &x->scopes[chain[n - 2 - i]];

                ret[i] = (SourceFrame){ .function = text_at(x, scope->name), .inlined = i > 0 };
                if (innermost) {
                        line_at(x, distance, &ret[i]);
                        continue;
                }
                ret[i].line = callee->call_line;
                ret[i].file = file_name(x, callee->call_file);
        }
        return n - left_out;
}
