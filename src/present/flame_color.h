#pragma once
/* Colours of the boxes of a flame graph.
 *
 * Without a palette every kind of code has a range of hues. The palettes are those of flamegraph.pl
 * by name: some are one range (hot, mem, io, red ...), some look at the name and at the kind of
 * code (java, js, perl, python, chain). Within a range the name picks the colour, so a function has
 * the same one in every graph; or chance does. A map of fixed colours goes before all that, and
 * takes up every colour that was given: written to a file, it keeps them for the next graph.
 *
 *         FlameColors colors = { .palette = flame_palette_find(SPAN("java")) };
 *         r = flame_map_read(text, "palette.map", &colors, arena, err);
 *         flame_color(&colors, node, out);                // "rgb(205,90,40)"
 *         flame_map_write(&colors, &text);
 */

#include "base/map.h"
#include "present/flame_tree.h"

typedef struct FlamePalette FlamePalette;
extern const char *const flame_palette_names[];    /* NULL-terminated */
const FlamePalette *flame_palette_find(Span name); /* NULL: there is none */

typedef struct FlameColors {
        const FlamePalette *palette; /* NULL: by the kind of code */
        bool random;
        uint64_t state; /* of chance; any number begins */
        Map *map;       /* NULL: none; name to Span of a colour */
        Arena *arena;   /* of the map */
} FlameColors;

void flame_color(FlameColors *colors, const FlameNode *node, Buf *out);
/* The colour of a change: white for none, red for more, blue for less; `most` is the largest. */
void flame_change_color(double change, double most, Buf *out);
/* "name->rgb(1,2,3)" lines. */
int flame_map_read(Span text, const char *name, FlameColors *colors, Arena *arena, Error *err);
void flame_map_write(const FlameColors *colors, Arena *scratch, Buf *out);
/* Kinds that the legend shows when there is no palette: name and middle colour. */
const char *flame_kind_name(FrameKind kind);
void flame_kind_color(FrameKind kind, Buf *out);
