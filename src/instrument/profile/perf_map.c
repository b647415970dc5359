#include "instrument/profile/perf_map.h"

#include "base/vec.h"

#include <stdlib.h>

static bool parse_line(Span line, PerfMapEntry *ret)
{
        Span rest = line, start, size;
        uint64_t from, bytes, end;

        if (!span_next_word(&rest, &start) || !span_next_word(&rest, &size) ||
            span_to_hex(start, &from, NULL) < 0 || span_to_hex(size, &bytes, NULL) < 0 ||
            bytes == 0 || __builtin_add_overflow(from, bytes, &end))
                return false;
        rest = span_first(span_trim(rest), PERF_MAP_MAX_NAME);
        *ret = (PerfMapEntry){
                .start = from, .end = end, .name = rest.ptr, .name_len = (uint32_t)rest.len
        };
        return rest.len > 0;
}

/* By start; of those with the same start, the latest line first. */
static int by_start(const void *a, const void *b)
{
        const PerfMapEntry *x = a, *y = b;

        if (x->start != y->start)
                return x->start < y->start ? -1 : 1;
        return x->line > y->line ? -1 : x->line < y->line;
}

/* One pass over the sorted entries keeps what is visible of each: an entry is cut where a later
 * line starts inside it, and dropped where a later line already covers its start. */
static size_t without_overlaps(PerfMapEntry *e, size_t n)
{
        size_t kept = 0;

        for (size_t i = 0; i < n; i++) {
                PerfMapEntry item = e[i];

                while (kept && e[kept - 1].end > item.start && e[kept - 1].line < item.line) {
                        e[kept - 1].end = item.start;
                        if (e[kept - 1].start < e[kept - 1].end)
                                break;
                        kept--;
                }
                if (kept && e[kept - 1].end > item.start)
                        item.start = MIN(e[kept - 1].end, item.end);
                if (item.start < item.end)
                        e[kept++] = item;
        }
        return kept;
}

int perf_map_parse(Span text, Arena *arena, PerfMap *ret, Error *err)
{
        VEC(PerfMapEntry) entries = VEC_INIT(PERF_MAP_MAX_ENTRIES);
        PerfMap map = { 0 };
        uint32_t number = 0;
        Span line;

        while (span_next_line(&text, &line)) {
                PerfMapEntry entry = { 0 }, *item;

                number++;
                if (line.len == 0)
                        continue;
                if (!parse_line(line, &entry)) {
                        map.bad_lines++;
                        continue;
                }
                item = vec_add(arena, &entries);
                if (!item && entries.len < entries.ceiling)
                        return fail(err, ERR_LIMIT, "perf map: no memory for line %u", number);
                if (!item) {
                        map.left_out++;
                        continue;
                }
                entry.line = number;
                *item = entry;
        }
        if (entries.len)
                qsort(entries.items, entries.len, sizeof(*entries.items), by_start);
        map.entries = entries.items;
        map.len = without_overlaps(entries.items, entries.len);
        *ret = map;
        return 0;
}

Span perf_map_find(const PerfMap *map, uint64_t address)
{
        size_t low = 0, high = map->len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (map->entries[middle].start <= address)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == 0 || address >= map->entries[low - 1].end)
                return (Span){ 0 };
        return (Span){ map->entries[low - 1].name, map->entries[low - 1].name_len };
}
