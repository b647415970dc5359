#pragma once
/* The executable mappings of one process, sorted by address, and /proc/PID/maps as their text.
 *
 *         mapping_list_put(list, arena, &mapping);          // cuts what it covers
 *         const Mapping *m = mapping_list_find(list, pc);
 *
 * Nothing tells us about munmap(), so a list may name ranges that are gone; a new mapping in the
 * same place always wins. At most MAX_MAPPINGS per process: past it new ones are refused.
 */

#include "instrument/profile/module.h"

#define MAX_MAPPINGS 65536

typedef struct Mapping {
        uint64_t start, end;
        uint64_t file_offset;
        FileRef *file; /* NULL: code made at run time */
} Mapping;

typedef struct MappingList {
        Mapping *items;
        size_t len, room;
        unsigned users; /* processes that share it since a fork */
} MappingList;

/* False when there is no room. */
bool mapping_list_put(MappingList *list, Arena *arena, const Mapping *mapping);
const Mapping *mapping_list_find(const MappingList *list, uint64_t address);
bool mapping_list_copy(MappingList *to, Arena *arena, const MappingList *from);

/* One line of /proc/PID/maps: 1 for an executable mapping, 0 for another. `ret_file` is filled
 * for both; its path points into the line. */
int mapping_parse_line(Span line, Mapping *ret, FileRef *ret_file, Error *err);
/* Takes " (deleted)" off a path as the kernel prints it. */
void file_ref_set_path(FileRef *file, Span path);
