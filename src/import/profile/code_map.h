#pragma once
/* Code that comes, moves and goes while a log is read: what stands at an address now?
 *
 *         CodeMap map = code_map(&in);
 *         code_map_add(&map, start, size, number);     // replaces what stood there
 *         code_map_move(&map, from, to);
 *         code_map_find(&map, pc, &number);
 *
 * Entries are kept by 4 KiB page, newest first, so that finding one is a few steps whatever has
 * been there before.
 */

#include "import/profile/intake.h"

#define CODE_SIZE_MAX MiB(64)

typedef struct CodeEntry {
        uint64_t start, size;
        uint32_t number; /* the caller's */
        bool dead;
} CodeEntry;

typedef struct CodeOnPage {
        uint32_t entry, next; /* INTAKE_NONE: the last */
} CodeOnPage;

typedef struct CodeMap {
        Intake *in;
        VEC(CodeEntry) entries;
        VEC(CodeOnPage) links;
        Map pages, starts;
} CodeMap;

CodeMap code_map(Intake *in);
int code_map_add(CodeMap *map, uint64_t start, uint64_t size, uint32_t number);
int code_map_move(CodeMap *map, uint64_t from, uint64_t to);
void code_map_remove(CodeMap *map, uint64_t start);
bool code_map_find(const CodeMap *map, uint64_t address, uint32_t *ret);
