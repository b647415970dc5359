#pragma once
/* /tmp/perf-PID.map: names that a runtime writes for the code it makes ("START SIZE NAME" lines,
 * hexadecimal numbers). The file belongs to the target, so nothing in it is trusted.
 *
 * A later line wins where it overlaps earlier ones: the code was replaced. Lines that do not
 * parse are counted and left out; at most PERF_MAP_MAX_ENTRIES are kept, and names are cut.
 */

#include "base/span.h"

#define PERF_MAP_MAX_BYTES MiB(256)
#define PERF_MAP_MAX_ENTRIES (1u << 20)
#define PERF_MAP_MAX_NAME 1024

typedef struct PerfMapEntry {
        uint64_t start, end;
        uint32_t line; /* of the file: the later one wins */
        uint32_t name_len;
        const char *name; /* in the text */
} PerfMapEntry;

typedef struct PerfMap {
        PerfMapEntry *entries; /* sorted, without overlaps */
        size_t len;
        uint64_t bad_lines, left_out;
} PerfMap;

/* `text` must outlive the map. */
int perf_map_parse(Span text, Arena *arena, PerfMap *ret, Error *err);
Span perf_map_find(const PerfMap *map, uint64_t address); /* empty: no name */
