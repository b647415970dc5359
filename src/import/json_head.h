#pragma once
/* Which keys the beginning of a JSON text has, without parsing it: for detection.
 *
 *         if (json_head_has(head, "results[].command")) ...
 *
 * A path names keys joined by "."; "[]" is any item of a list, "*" any key. The text may end
 * anywhere, and may hold several values one after the other (JSON lines), all of which count.
 * Nothing is allocated; what is no JSON ends the search. Keys are compared as written, so escapes
 * in them do not match.
 * "[]" before the first key is a list at the top: "[].benchmark".
 */

#include "base/span.h"

bool json_head_has(Span head, const char *path);
/* The same for several paths, NULL-terminated: all of them are there. */
bool json_head_has_all(Span head, const char *const *paths);
/* The first value, where it is text: of {"type":"suite"} json_head_text(head, "type") is "suite",
 * as written. {NULL, 0}: there is none. */
Span json_head_text(Span head, const char *path);
