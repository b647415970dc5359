#pragma once
/* YAML 1.1 through libyaml into the same tree as JSON, with line and column of every node.
 *
 * One document; an empty text is one null. Anchors are resolved with a ceiling on the nodes they
 * may add (no "billion laughs"): what an alias stands for shares the children of its anchor. Merge
 * keys ("<<") and tags other than the core ones are errors that say so, and so are duplicate keys
 * and keys that are not scalars.
 *
 * Plain scalars follow the core schema of YAML 1.2: null (also ~ and nothing), true and false (also
 * True, TRUE), decimal numbers, otherwise text. "yes", "on", "012", "0x1f", "1_000", ".inf" and
 * numbers beyond a double stay text. What stands in quotes is text.
 */

#include "base/value.h"

#define YAML_MAX_DEPTH 64
#define YAML_MAX_BYTES MiB(64)
#define YAML_MAX_ALIAS_NODES 100000
#define YAML_MAX_ANCHORS 1000

/* Nothing of the tree refers to `text`. */
int yaml_parse(Span text, const char *name, Arena *arena, Document *ret, Error *err);
