#pragma once
/* What option_parse.c, option_value.c and option_help.c share; see base/option.h. */

#include "base/option.h"

/* Text into the field of `opts` that the row names; ERR_USAGE names the option and what it takes.
 * A list grows by `text`. The text lives as long as the options do. */
int option_set(const Option *option, const char *text, Arena *arena, void *opts, Error *err);
/* Nothing given: false, 0, NULL, an empty list. */
void option_set_zero(const Option *option, void *opts);
