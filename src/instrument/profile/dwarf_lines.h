#pragma once
/* .debug_line: the files of a unit and the rows of its lines, versions 2 to 5.
 *
 *         DwarfLines lines = { .line = ..., .line_str = ..., .str = ... };     // sections
 *         r = dwarf_lines_read(&lines, &(LineUnit){ offset, comp_dir, true }, builder, scratch,
 * &f);
 *
 * Format: the DWARF standard, section 6.2. libdw sorts the rows of all sequences of a unit
 * together, after which an empty sequence (of a .cold section that ended up empty) cannot be told
 * from the start of the next one; so they are read here. Damage ends the unit where it is: what
 * came before counts.
 */

#include "instrument/profile/symbol_index_build.h"

typedef struct DwarfLines {
        Span line, line_str, str; /* sections; empty: not there */
} DwarfLines;

typedef struct LineUnit {
        uint64_t offset; /* DW_AT_stmt_list */
        Span dir;        /* DW_AT_comp_dir: where relative names start */
        bool with_rows;  /* false: only the files */
} LineUnit;

/* Numbers of files in the index, by the unit's own numbers. In the scratch arena. */
typedef struct LineFiles {
        uint32_t *numbers;
        size_t n;
} LineFiles;

/* ERR_INPUT: the head of the unit is damaged; nothing was added. */
int dwarf_lines_read(const DwarfLines *sections, const LineUnit *unit, IndexBuilder *b,
                     Arena *scratch, LineFiles *ret, Error *err);
