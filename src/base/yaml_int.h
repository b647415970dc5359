#pragma once
/* Shared by the files of the YAML reader. Private to base/. */

#include "base/value.h"

/* What a plain scalar is by the core schema, without its value. Sets number and boolean. */
void yaml_type_plain(Value *scalar);

/* Applies an explicit tag (NULL: none) to a node whose kind is already what its text or brackets
 * say. NULL when it fits, else what is wrong with it, for "the tag '%s' %s". */
const char *yaml_apply_tag(Value *node, const char *tag);
