#include "instrument/profile/eh_frame.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define PAIR_SIZE 8 /* of the search table: two 32-bit offsets */

/* One record of the section: a CIE or an FDE. */
typedef struct Entry {
        size_t offset, end; /* of the whole record in the section */
        uint64_t id;        /* 0: a CIE; else the distance from its own place back to the CIE */
        size_t id_offset;
        Cursor body;
} Entry;

static PointerBase base_of(const EhSections *s)
{
        return (PointerBase){ .section = (const uint8_t *)s->frame.ptr,
                              .section_vaddr = s->frame_vaddr,
                              .data_vaddr = s->hdr_vaddr };
}

static size_t offset_of(const EhSections *s, const Cursor *c)
{
        return (size_t)(c->at - (const uint8_t *)s->frame.ptr);
}

/* False at the terminator, at the end and where the record does not fit into the section. */
static bool read_entry(const EhSections *s, size_t offset, Entry *ret)
{
        Cursor c = cursor_of(span_from(s->frame, offset));
        uint64_t length = cursor_u32(&c);
        bool wide = length == UINT32_MAX;
        size_t id_offset;
        Span content;

        if (wide)
                length = cursor_u64(&c);
        id_offset = offset_of(s, &c);
        content = cursor_span(&c, length);
        if (c.failed || length == 0)
                return false;
        *ret = (Entry){ .offset = offset,
                        .end = offset_of(s, &c),
                        .id_offset = id_offset,
                        .body = cursor_of(content) };
        ret->id = wide ? cursor_u64(&ret->body) : cursor_u32(&ret->body);
        return !ret->body.failed;
}

/* The letters after "z": what the augmentation data holds, in order. */
static bool read_augmentation(const char *letters, Cursor data, Cie *cie)
{
        for (; *letters; letters++) {
                if (*letters == 'R')
                        cie->fde_encoding = cursor_u8(&data);
                else if (*letters == 'L')
                        (void)cursor_u8(&data);
                else if (*letters == 'P')
                        (void)cursor_pointer_size(&data, cursor_u8(&data));
                else if (*letters == 'S')
                        cie->signal_frame = true;
                else if (*letters != 'B' && *letters != 'G')
                        return true; /* unknown: the rest is skipped by its length */
        }
        return !data.failed;
}

static bool parse_cie(const EhSections *s, size_t offset, Cie *ret)
{
        Cie cie = { .fde_encoding = EH_PE_ABSPTR };
        const char *letters;
        Entry e;
        uint8_t version;

        if (!read_entry(s, offset, &e) || e.id != 0)
                return false;
        version = cursor_u8(&e.body);
        letters = (const char *)e.body.at;
        cursor_skip_text(&e.body);
        if (e.body.failed || (version != 1 && version != 3))
                return false;
        if (strcmp(letters, "eh") == 0)
                (void)cursor_u64(&e.body);
        cie.code_align = cursor_uleb(&e.body);
        cie.data_align = cursor_sleb(&e.body);
        cie.return_register = version == 1 ? cursor_u8(&e.body) : cursor_uleb(&e.body);
        if (letters[0] == 'z') {
                Span data = cursor_span(&e.body, cursor_uleb(&e.body));

                cie.augmented = true;
                if (!read_augmentation(letters + 1, cursor_of(data), &cie))
                        return false;
        }
        cie.program = (Span){ (const char *)e.body.at, cursor_left(&e.body) };
        *ret = cie;
        return !e.body.failed;
}

static bool parse_fde(const EhSections *s, const Entry *entry, Fde *ret)
{
        PointerBase base = base_of(s);
        Cursor body = entry->body;
        uint64_t size;
        Fde fde;

        if (entry->id == 0 || entry->id > entry->id_offset ||
            !parse_cie(s, entry->id_offset - (size_t)entry->id, &fde.cie))
                return false;
        fde.start = cursor_pointer(&body, fde.cie.fde_encoding, &base);
        size = cursor_pointer_size(&body, fde.cie.fde_encoding & 0x0f);
        if (fde.cie.augmented)
                (void)cursor_span(&body, cursor_uleb(&body));
        if (body.failed || __builtin_add_overflow(fde.start, size, &fde.end))
                return false;
        fde.program = (Span){ (const char *)body.at, cursor_left(&body) };
        *ret = fde;
        return true;
}

int eh_frame_next(const EhSections *sections, size_t *offset, Fde *ret, Error *err)
{
        Entry e;

        while (read_entry(sections, *offset, &e)) {
                *offset = e.end;
                if (e.id == 0)
                        continue;
                if (!parse_fde(sections, &e, ret))
                        return fail(err, ERR_INPUT, ".eh_frame: malformed record at offset %zu",
                                    e.offset);
                return 1;
        }
        return 0;
}

static int by_start(const void *a, const void *b)
{
        const EhIndexEntry *x = a, *y = b;

        return x->start < y->start ? -1 : x->start > y->start;
}

/* Records that cannot be read are left out: their code falls back to frame pointers. */
static int build_index(EhFrame *eh, Arena *arena, Error *err)
{
        VEC(EhIndexEntry) index = VEC_INIT(EH_MAX_FDES);
        size_t offset = 0;
        Entry e;
        Fde fde;

        while (read_entry(&eh->sections, offset, &e)) {
                EhIndexEntry *item;

                offset = e.end;
                if (e.id == 0 || !parse_fde(&eh->sections, &e, &fde))
                        continue;
                item = vec_add(arena, &index);
                if (!item)
                        return fail(err, ERR_LIMIT, ".eh_frame: more than %zu functions",
                                    index.len);
                *item = (EhIndexEntry){ .start = fde.start, .offset = e.offset };
        }
        if (index.len)
                qsort(index.items, index.len, sizeof(*index.items), by_start);
        eh->index = index.items;
        eh->n_index = index.len;
        return 0;
}

/* The usual search table: sorted pairs of 32-bit offsets from the header's own address. */
static bool open_table(EhFrame *eh)
{
        const EhSections *s = &eh->sections;
        PointerBase base = { .section = (const uint8_t *)s->hdr.ptr,
                             .section_vaddr = s->hdr_vaddr,
                             .data_vaddr = s->hdr_vaddr };
        Cursor c = cursor_of(s->hdr);
        uint8_t version = cursor_u8(&c), frame = cursor_u8(&c), count = cursor_u8(&c);
        uint8_t table = cursor_u8(&c);
        uint64_t n;

        if (c.failed || version != 1 || table != (EH_PE_DATAREL | EH_PE_SDATA4))
                return false;
        (void)cursor_pointer(&c, frame, &base);
        n = cursor_pointer(&c, count, &base);
        if (c.failed || n == 0 || n > cursor_left(&c) / PAIR_SIZE)
                return false;
        eh->table = c;
        eh->n_table = (size_t)n;
        return true;
}

int eh_frame_open(const EhSections *sections, Arena *arena, EhFrame *ret, Error *err)
{
        EhFrame eh = { .sections = *sections };

        if (!open_table(&eh)) {
                int r = build_index(&eh, arena, err);

                if (r < 0)
                        return r;
        }
        *ret = eh;
        return 0;
}

typedef struct TablePair {
        uint64_t start, fde;
} TablePair;

static TablePair table_pair(const EhFrame *eh, size_t i)
{
        int32_t pair[2];

        memcpy(pair, eh->table.at + i * PAIR_SIZE, sizeof(pair));
        return (TablePair){ eh->sections.hdr_vaddr + (uint64_t)(int64_t)pair[0],
                            eh->sections.hdr_vaddr + (uint64_t)(int64_t)pair[1] };
}

static uint64_t start_at(const EhFrame *eh, size_t i)
{
        return eh->n_table ? table_pair(eh, i).start : eh->index[i].start;
}

static uint64_t offset_at(const EhFrame *eh, size_t i)
{
        return eh->n_table ? table_pair(eh, i).fde - eh->sections.frame_vaddr : eh->index[i].offset;
}

/* Number of entries that start at or before vaddr. */
static size_t upper_bound(const EhFrame *eh, uint64_t vaddr)
{
        size_t low = 0, high = eh->n_table ? eh->n_table : eh->n_index;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (start_at(eh, middle) <= vaddr)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

bool eh_frame_find(const EhFrame *eh, uint64_t vaddr, Fde *ret)
{
        size_t n = upper_bound(eh, vaddr);
        uint64_t offset;
        Entry e;
        Fde fde;

        if (n == 0)
                return false;
        offset = offset_at(eh, n - 1);
        if (offset >= eh->sections.frame.len || !read_entry(&eh->sections, (size_t)offset, &e) ||
            !parse_fde(&eh->sections, &e, &fde) || vaddr < fde.start || vaddr >= fde.end)
                return false;
        *ret = fde;
        return true;
}
