#pragma once
/* YAML 1.1 through libyaml into the same tree as JSON, with line and column of every node.
 *
 * Anchors are resolved with a ceiling on the nodes they may add (no "billion laughs"); merge keys
 * ("<<") and tags other than the core ones are errors that say so. Plain scalars follow the core
 * schema: null, true/false, numbers, otherwise text ("yes", "on" and "012" stay text).
 */

#include "base/value.h"

int yaml_parse(Span text, const char *name, Arena *arena, Document *ret, Error *err);
