#include "instrument/profile/mapping.h"

#include <string.h>

static bool make_room(MappingList *list, Arena *arena, size_t more)
{
        size_t need = list->len + more, room = MAX(list->room * 2, need + 8);
        Mapping *grown;

        if (need <= list->room)
                return true;
        if (need > MAX_MAPPINGS)
                return false;
        grown = new_try(arena, Mapping, room);
        if (!grown)
                return false;
        if (list->len)
                memcpy(grown, list->items, list->len * sizeof(*grown));
        list->items = grown;
        list->room = room;
        return true;
}

bool mapping_list_copy(MappingList *to, Arena *arena, const MappingList *from)
{
        to->len = 0;
        if (!make_room(to, arena, from->len))
                return false;
        if (from->len)
                memcpy(to->items, from->items, from->len * sizeof(*to->items));
        to->len = from->len;
        return true;
}

/* Number of mappings that end at or before the address. */
static size_t first_after(const MappingList *list, uint64_t address)
{
        size_t low = 0, high = list->len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (list->items[middle].end <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

const Mapping *mapping_list_find(const MappingList *list, uint64_t address)
{
        size_t i = first_after(list, address);

        return i < list->len && list->items[i].start <= address ? &list->items[i] : NULL;
}

static void replace(MappingList *list, size_t at, size_t n_old, const Mapping *items, size_t n_new)
{
        memmove(list->items + at + n_new, list->items + at + n_old,
                (list->len - at - n_old) * sizeof(*items));
        memcpy(list->items + at, items, n_new * sizeof(*items));
        list->len = list->len - n_old + n_new;
}

bool mapping_list_put(MappingList *list, Arena *arena, const Mapping *mapping)
{
        Mapping pieces[3];
        size_t n = 0, from = first_after(list, mapping->start), to = from;

        if (mapping->end <= mapping->start || !make_room(list, arena, 2))
                return false;
        while (to < list->len && list->items[to].start < mapping->end)
                to++;
        if (to > from && list->items[from].start < mapping->start) {
                pieces[n] = list->items[from];
                pieces[n++].end = mapping->start;
        }
        pieces[n++] = *mapping;
        if (to > from && list->items[to - 1].end > mapping->end) {
                pieces[n] = list->items[to - 1];
                pieces[n].file_offset += mapping->end - pieces[n].start;
                pieces[n++].start = mapping->end;
        }
        replace(list, from, to - from, pieces, n);
        return true;
}

void file_ref_set_path(FileRef *file, Span path)
{
        file->deleted = span_ends(path, " (deleted)");
        if (file->deleted)
                path.len -= sizeof(" (deleted)") - 1;
        file->path = path;
}

static int parse_numbers(Span range, Span offset, Span device, Span inode, Mapping *m,
                         FileRef *file)
{
        Span from = span_cut(&range, '-'), major = span_cut(&device, ':');
        uint64_t dev_major, dev_minor;

        if (span_to_hex(from, &m->start, NULL) < 0 || span_to_hex(range, &m->end, NULL) < 0 ||
            span_to_hex(offset, &m->file_offset, NULL) < 0 ||
            span_to_hex(major, &dev_major, NULL) < 0 || span_to_hex(device, &dev_minor, NULL) < 0 ||
            span_to_u64(inode, &file->inode, NULL) < 0 || m->end <= m->start)
                return -1;
        file->dev_major = (uint32_t)dev_major;
        file->dev_minor = (uint32_t)dev_minor;
        return 0;
}

int mapping_parse_line(Span line, Mapping *ret, FileRef *ret_file, Error *err)
{
        Span rest = line, range, access, offset, device, inode;
        Mapping m = { 0 };
        FileRef file = { 0 };

        if (!span_next_word(&rest, &range) || !span_next_word(&rest, &access) ||
            !span_next_word(&rest, &offset) || !span_next_word(&rest, &device) ||
            !span_next_word(&rest, &inode) || access.len < 4 ||
            parse_numbers(range, offset, device, inode, &m, &file) < 0)
                return fail(err, ERR_INPUT, "malformed line in a map of memory: '%.*s'",
                            SPAN_ARG(span_first(line, 80)));
        file_ref_set_path(&file, span_trim(rest));
        *ret = m;
        *ret_file = file;
        return access.ptr[2] == 'x';
}
