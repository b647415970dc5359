#pragma once
/* What hone flame reads and writes beside the profile: the map of fixed colours, and one picture of
 * two graphs. */

#include "command/command.h"
#include "present/flame.h"

/* The file's colours into `colors`; a file that is not there yet is an empty map. */
int palette_map_load(Context *ctx, const char *path, FlameColors *colors, Error *err);
int palette_map_save(Context *ctx, const char *path, const FlameColors *colors, Error *err);
/* Two SVGs below each other in one. */
void svg_stack(Span above, Span below, Buf *out);
