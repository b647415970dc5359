#pragma once
/* Debug information from servers (debuginfod), asked by build-id, only when the user said so.
 *
 *         fd = debuginfod_fetch(build_id, &text_of_problem, arena);
 *
 * libdebuginfod is loaded when first needed: hone runs without it. It reads DEBUGINFOD_URLS, keeps
 * what it fetched in a cache of its own, and remembers what servers do not have. A file that takes
 * longer than DEBUGINFOD_SECONDS is given up.
 */

#include "base/span.h"

#define DEBUGINFOD_SECONDS 60

/* A descriptor of the file, or -1; then `ret_problem` says why, empty where no server has it. */
int debuginfod_fetch(Span build_id, Arena *arena, Span *ret_problem);
