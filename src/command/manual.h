#pragma once
/* The manual, printed from the command tables: the man page, and the generated parts of docs/.
 *
 * A page docs/COMMAND.md holds one part between the lines "<!-- generated -->" and
 * "<!-- end of generated -->": usage and options. manual_update() rewrites that part,
 * manual_check() fails when it is not what the tables say or when a command has no page.
 */

#include "base/buf.h"

void manual_roff(Buf *out);
int manual_check(const char *dir, Arena *arena, Error *err);
int manual_update(const char *dir, Arena *arena, Error *err);
