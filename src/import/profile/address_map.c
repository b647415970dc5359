#include "import/profile/address_map.h"

#include <stdlib.h>

#define MOST_RANGES 100000

static int by_start(const void *a, const void *b)
{
        const AddressRange *x = a, *y = b;

        return x->start < y->start ? -1 : x->start > y->start;
}

/* "400000-bff000 r-xp 00000000 00:00 123 /path", or without all between range and path. */
static bool read_range(Span line, AddressRange *ret)
{
        Span word, range;
        ptrdiff_t dash;

        if (!span_next_word(&line, &range))
                return false;
        dash = span_find_byte(range, '-');
        if (dash <= 0 || span_to_hex(span_first(range, (size_t)dash), &ret->start, NULL) < 0 ||
            span_to_hex(span_from(range, (size_t)dash + 1), &ret->end, NULL) < 0)
                return false;
        while (span_next_word(&line, &word))
                if (word.ptr[0] == '/' || word.ptr[0] == '[') {
                        ret->path = (Span){ word.ptr, word.len + line.len };
                        ret->path = span_trim(ret->path);
                        return true;
                }
        return false;
}

AddressMap address_map(Intake *in, Span text)
{
        AddressMap map = { .ranges = VEC_INIT(MOST_RANGES) };
        AddressRange range, *slot;
        Span line;

        while (span_next_line(&text, &line)) {
                range = (AddressRange){ 0 };
                if (!read_range(line, &range))
                        continue;
                slot = vec_add(in->scratch, &map.ranges);
                if (slot)
                        *slot = range;
        }
        if (map.ranges.len)
                qsort(map.ranges.items, map.ranges.len, sizeof(*map.ranges.items), by_start);
        return map;
}

Span address_map_find(const AddressMap *map, uint64_t address)
{
        size_t low = 0, high = map->ranges.len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (map->ranges.items[middle].start <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low && address < map->ranges.items[low - 1].end ? map->ranges.items[low - 1].path
                                                               : SPAN("");
}
