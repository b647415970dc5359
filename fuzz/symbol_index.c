/* An index of symbols as the cache has it: any bytes, with a checksum that fits, so that the tables
 * themselves are what is tried. Addresses are looked up and names read to their ends. */

#include "instrument/profile/symbol_index_int.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const SymbolIndex *index, uint64_t vaddr)
{
        SourceFrame frames[DEBUG_MAX_INLINES];
        size_t n = symbol_index_find(index, vaddr, frames, COUNT(frames)), bytes = 0;

        BUG_IF(n > COUNT(frames));
        for (size_t i = 0; i < n; i++)
                bytes += frames[i].function.len + frames[i].file.len;
        BUG_IF(bytes > 2 * COUNT(frames) * index->bytes.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        char *bytes = (char *)new (arena, uint64_t, size / 8 + 1);
        SymbolIndexHeader *h = (void *)bytes;
        SymbolIndex index;
        Error err = { 0 };

        if (size < sizeof(*h) || size > KiB(64))
                return 0;
        memcpy(bytes, data, size);
        bytes[size - 1] = '\0';
        memcpy(h->magic, SYMBOL_INDEX_MAGIC, sizeof(h->magic));
        h->version = SYMBOL_INDEX_VERSION;
        h->header_bytes = sizeof(*h);
        h->file_bytes = size;
        symbol_index_seal(bytes, size);
        if (symbol_index_open((Span){ bytes, size }, &index, &err) < 0) {
                BUG_IF(err.code != ERR_CORRUPT);
                return 0;
        }
        for (uint32_t i = 0; i < 300; i++)
                look_up(&index, h->base + i * i * 7);
        for (uint32_t i = 0; i < MIN(h->n_spans, 300u); i++)
                look_up(&index, h->base + index.span_starts[i]);
        (void)symbol_index_build_id(&index);
        return 0;
}
