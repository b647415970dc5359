#pragma once
/* Rules as data: advice/ files, embedded at build time. The recipe to add one is at the top of
 * advice/README.md; a rule that does not parse stops the program with its file and line. */

#include "analysis/diagnose.h"

/* The embedded rules and, when `dir` is not NULL, the user's own from there. */
int rules_load(const char *dir, Arena *arena, RuleSet **ret, Error *err);
size_t rules_count(const RuleSet *rules);
