#include "present/flame_color.h"

#include <math.h>
#include <stdlib.h>

#define MOST_MAPPED ((size_t)1 << 20)

/* Every kind has a range of hues; the function's name picks one of it, the same in each graph. */
static const struct {
        unsigned hue, hues, saturation, lightness;
        const char *name;
} kinds[] = {
        [FRAME_NATIVE] = { 14, 32, 88, 66, "native" },
        [FRAME_KERNEL] = { 200, 26, 70, 72, "kernel" },
        [FRAME_INLINED] = { 54, 14, 82, 66, "inlined" },
        [FRAME_JIT] = { 105, 40, 52, 66, "jit" },
        [FRAME_UNKNOWN] = { 0, 1, 0, 76, "unknown" },
        [FRAME_THREAD] = { 215, 14, 18, 74, "thread" },
        [FRAME_SCRIPT] = { 265, 40, 56, 76, "script" },
};

/* A range: least red, green, blue, how far each goes, and which of three numbers of the name says
 * how far. */
typedef struct Range {
        unsigned char least[3], reach[3], by[3];
} Range;

static const Range hot = { { 205, 0, 0 }, { 50, 230, 55 }, { 2, 0, 1 } };
static const Range mem = { { 0, 190, 0 }, { 0, 50, 210 }, { 0, 1, 0 } };
static const Range io = { { 80, 80, 190 }, { 60, 60, 55 }, { 0, 0, 1 } };
static const Range red = { { 200, 50, 50 }, { 55, 80, 80 }, { 0 } };
static const Range green = { { 50, 200, 50 }, { 60, 55, 60 }, { 0 } };
static const Range blue = { { 80, 80, 205 }, { 60, 60, 50 }, { 0 } };
static const Range yellow = { { 175, 175, 50 }, { 55, 55, 20 }, { 0 } };
static const Range purple = { { 190, 80, 190 }, { 65, 60, 65 }, { 0 } };
static const Range aqua = { { 50, 165, 165 }, { 60, 55, 55 }, { 0 } };
static const Range orange = { { 190, 90, 0 }, { 65, 65, 0 }, { 0 } };

/* What in a name or of a frame a rule looks for. */
typedef enum Test { STARTS, CONTAINS, ENDS, OF_KIND, ANY } Test;

typedef struct Rule {
        Test test;
        const char *text;
        FrameKind kind;
        const Range *range;
} Rule;

/* The first rule that fits gives the range; the last fits all. */
static const Rule java_rules[] = {
        { ENDS, "_[j]", 0, &green },
        { ENDS, "_[i]", 0, &aqua },
        { STARTS, "java/", 0, &green },
        { STARTS, "javax/", 0, &green },
        { STARTS, "jdk/", 0, &green },
        { STARTS, "net/", 0, &green },
        { STARTS, "org/", 0, &green },
        { STARTS, "com/", 0, &green },
        { STARTS, "io/", 0, &green },
        { STARTS, "sun/", 0, &green },
        { STARTS, "Ljava/", 0, &green },
        { STARTS, "Lorg/", 0, &green },
        { STARTS, "Lcom/", 0, &green },
        { CONTAINS, ":::", 0, &green },
        { OF_KIND, NULL, FRAME_SCRIPT, &green },
        { OF_KIND, NULL, FRAME_JIT, &green },
        { OF_KIND, NULL, FRAME_INLINED, &aqua },
        { CONTAINS, "::", 0, &yellow },
        { ENDS, "_[k]", 0, &orange },
        { OF_KIND, NULL, FRAME_KERNEL, &orange },
        { ANY, NULL, 0, &red },
};
static const Rule js_rules[] = {
        { OF_KIND, NULL, FRAME_SCRIPT, &green },
        { CONTAINS, ".js", 0, &green },
        { ENDS, "_[j]", 0, &aqua },
        { CONTAINS, "::", 0, &yellow },
        { OF_KIND, NULL, FRAME_JIT, &aqua },
        { ENDS, "_[k]", 0, &orange },
        { OF_KIND, NULL, FRAME_KERNEL, &orange },
        { CONTAINS, ":", 0, &aqua },
        { ANY, NULL, 0, &red },
};
static const Rule perl_rules[] = {
        { CONTAINS, "::", 0, &yellow },           { CONTAINS, "Perl", 0, &green },
        { CONTAINS, ".pl", 0, &green },           { ENDS, "_[k]", 0, &orange },
        { OF_KIND, NULL, FRAME_KERNEL, &orange }, { ANY, NULL, 0, &red },
};
static const Rule python_rules[] = {
        { OF_KIND, NULL, FRAME_SCRIPT, &green },
        { CONTAINS, ".py", 0, &green },
        { STARTS, "py::", 0, &green },
        { CONTAINS, "_Py", 0, &yellow },
        { STARTS, "Py", 0, &yellow },
        { ENDS, "_[k]", 0, &orange },
        { OF_KIND, NULL, FRAME_KERNEL, &orange },
        { ANY, NULL, 0, &red },
};
static const Rule chain_rules[] = { { CONTAINS, "_[w]", 0, &aqua }, { ANY, NULL, 0, &blue } };

struct FlamePalette {
        const char *name;
        const Range *range; /* NULL: by rules */
        const Rule *rules;
};

static const FlamePalette palettes[] = {
        { "hot", &hot, NULL },
        { "mem", &mem, NULL },
        { "io", &io, NULL },
        { "wakeup", &aqua, NULL },
        { "chain", NULL, chain_rules },
        { "java", NULL, java_rules },
        { "js", NULL, js_rules },
        { "perl", NULL, perl_rules },
        { "python", NULL, python_rules },
        { "red", &red, NULL },
        { "green", &green, NULL },
        { "blue", &blue, NULL },
        { "aqua", &aqua, NULL },
        { "yellow", &yellow, NULL },
        { "purple", &purple, NULL },
        { "orange", &orange, NULL },
};

const FlamePalette *flame_palette_find(Span name)
{
        for (size_t i = 0; i < COUNT(palettes); i++)
                if (span_is(name, palettes[i].name))
                        return &palettes[i];
        return NULL;
}

/* Not span_hash(): a colour must not change from release to release. FNV-1a. */
static uint32_t name_hash(Span name)
{
        uint32_t h = 2166136261u;

        for (size_t i = 0; i < name.len; i++)
                h = (h ^ (unsigned char)name.ptr[i]) * 16777619u;
        return h;
}

/* splitmix64 */
static uint64_t chance(uint64_t *state)
{
        uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
}

static bool fits(const Rule *rule, const FlameNode *node)
{
        switch (rule->test) {
        case STARTS:
                return span_starts(node->symbol, rule->text);
        case CONTAINS:
                return span_contains(node->symbol, rule->text);
        case ENDS:
                return span_ends(node->symbol, rule->text);
        case OF_KIND:
                return node->kind == rule->kind;
        case ANY:
                break;
        }
        return true;
}

static const Range *range_of(const FlamePalette *palette, const FlameNode *node)
{
        const Rule *rule = palette->rules;

        if (palette->range)
                return palette->range;
        while (!fits(rule, node))
                rule++;
        return rule->range;
}

static unsigned within(const Range *range, unsigned channel, uint64_t bits)
{
        unsigned part = (bits >> (16 * range->by[channel])) & 0xffff;

        return range->least[channel] + range->reach[channel] * part / 0xffff;
}

static void put_color(const FlameColors *c, const FlameNode *node, uint64_t bits, Buf *out)
{
        unsigned kind = node->kind < COUNT(kinds) ? node->kind : FRAME_UNKNOWN;
        uint32_t h = (uint32_t)bits;

        if (c->palette) {
                const Range *range = range_of(c->palette, node);

                buf_printf(out, "rgb(%u,%u,%u)", within(range, 0, bits), within(range, 1, bits),
                           within(range, 2, bits));
                return;
        }
        buf_printf(out, "hsl(%u,%u%%,%u%%)", kinds[kind].hue + h % kinds[kind].hues,
                   kinds[kind].saturation, kinds[kind].lightness + (h >> 16) % 7);
}

void flame_color(FlameColors *c, const FlameNode *node, Buf *out)
{
        MapSlot *slot = c->map ? map_find(c->map, node->symbol) : NULL;
        uint64_t hash = name_hash(node->symbol);
        size_t from = out->len;

        if (slot && slot->pointer) {
                buf_add(out, *(const Span *)slot->pointer);
                return;
        }
        if (c->random)
                hash = chance(&c->state);
        else if (c->palette) /* three numbers of 16 bits */
                hash = hash * UINT64_C(0x9e3779b97f4a7c15) >> 16;
        put_color(c, node, hash, out);
        slot = c->map && !out->overflowed ? map_add(c->map, span_copy(c->arena, node->symbol))
                                          : NULL;
        if (slot) {
                Span *color = new (c->arena, Span, 1);

                *color = span_copy(c->arena, (Span){ out->ptr + from, out->len - from });
                slot->pointer = color;
        }
}

void flame_change_color(double change, double most, Buf *out)
{
        double part = most > 0 ? MIN(fabs(change) / most, 1.0) : 0;
        unsigned pale = (unsigned)(210 * (1 - part));

        if (change > 0)
                buf_printf(out, "rgb(255,%u,%u)", pale, pale);
        else if (change < 0)
                buf_printf(out, "rgb(%u,%u,255)", pale, pale);
        else
                buf_text(out, "rgb(255,255,255)");
}

/* "rgb(1,2,3)", "hsl(1,2%,3%)", "#a0b1c2": nothing that could end an attribute. */
static bool is_color(Span text)
{
        if (text.len < 4 || text.len > 40)
                return false;
        for (size_t i = 0; i < text.len; i++) {
                char c = text.ptr[i];

                if ((c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
                    c != '(' && c != ')' && c != ',' && c != '%' && c != '#' && c != '.' &&
                    c != ' ')
                        return false;
        }
        return true;
}

int flame_map_read(Span text, const char *name, FlameColors *colors, Arena *arena, Error *err)
{
        Map *map = new (arena, Map, 1);
        unsigned line_number = 0;
        Span line;

        *map = map_in(arena, MOST_MAPPED);
        while (span_next_line(&text, &line)) {
                ptrdiff_t at = span_find(line, SPAN("->"));
                Span *color, key;
                MapSlot *slot;

                line_number++;
                if (span_trim(line).len == 0)
                        continue;
                /* Names have arrows, too ("operator->"): the last one counts. */
                for (ptrdiff_t next = at; next >= 0;) {
                        next = span_find(span_from(line, (size_t)at + 2), SPAN("->"));
                        at += next >= 0 ? next + 2 : 0;
                }
                key = at > 0 ? span_first(line, (size_t)at) : (Span){ 0 };
                color = new (arena, Span, 1);
                *color = at > 0 ? span_copy(arena, span_trim(span_from(line, (size_t)at + 2)))
                                : (Span){ 0 };
                if (!is_color(*color))
                        return fail(err, ERR_INPUT, "%s:%u: expected 'name->rgb(1,2,3)'", name,
                                    line_number);
                slot = map_add(map, span_copy(arena, key));
                if (!slot)
                        return fail(err, ERR_LIMIT, "%s:%u: more names than fit", name,
                                    line_number);
                slot->pointer = color;
        }
        colors->map = map;
        colors->arena = arena;
        return 0;
}

static int by_key(const void *a, const void *b)
{
        const MapSlot *const *x = a, *const *y = b;

        return span_compare((*x)->key, (*y)->key);
}

void flame_map_write(const FlameColors *colors, Arena *scratch, Buf *out)
{
        const MapSlot **sorted = new (scratch, const MapSlot *, colors->map->len + 1);
        size_t n = 0;

        map_each (slot, colors->map)
                if (slot->pointer && span_find_byte(slot->key, '\n') < 0)
                        sorted[n++] = slot;
        qsort(sorted, n, sizeof(*sorted), by_key);
        for (size_t i = 0; i < n; i++) {
                buf_add(out, sorted[i]->key);
                buf_text(out, "->");
                buf_add(out, *(const Span *)sorted[i]->pointer);
                buf_byte(out, '\n');
        }
}

const char *flame_kind_name(FrameKind kind)
{
        return kind < COUNT(kinds) ? kinds[kind].name : NULL;
}

void flame_kind_color(FrameKind kind, Buf *out)
{
        unsigned i = kind < COUNT(kinds) ? kind : FRAME_UNKNOWN;

        buf_printf(out, "hsl(%u,%u%%,%u%%)", kinds[i].hue + kinds[i].hues / 2, kinds[i].saturation,
                   kinds[i].lightness);
}

const char *const flame_palette_names[] = {
        "hot", "mem",   "io",   "wakeup", "chain",  "java",   "js",     "perl", "python",
        "red", "green", "blue", "aqua",   "yellow", "purple", "orange", NULL,
};
