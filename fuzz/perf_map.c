/* /tmp/perf-PID.map is written by the target: any bytes; the result is sorted without overlaps. */

#include "instrument/profile/perf_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        PerfMap map;

        if (perf_map_parse((Span){ (const char *)data, size }, arena, &map, NULL) < 0)
                return 0;
        for (size_t i = 0; i < map.len; i++) {
                BUG_IF(map.entries[i].start >= map.entries[i].end);
                BUG_IF(i && map.entries[i - 1].end > map.entries[i].start);
                BUG_IF(perf_map_find(&map, map.entries[i].start).len == 0);
        }
        (void)perf_map_find(&map, 0);
        (void)perf_map_find(&map, UINT64_MAX);
        return 0;
}
