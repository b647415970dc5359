#pragma once
/* The kernel's functions from /proc/kallsyms ("ADDRESS TYPE NAME [MODULE]" lines).
 *
 * With kernel.kptr_restrict all addresses read as zero: that is an ERR_UNAVAILABLE with a hint,
 * so that the profile can say why kernel frames have no names.
 */

#include "instrument/profile/symbol_table.h"

#define KALLSYMS_MAX_BYTES MiB(128)

/* Names are views into `text`. */
int kallsyms_parse(Span text, Arena *arena, SymbolTable *ret, Error *err);
int kallsyms_load(const char *path, Arena *arena, SymbolTable *ret, Error *err);
