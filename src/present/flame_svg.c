/* A flame graph as one SVG, usable alone and inside a page: the style is scoped by a class, the
 * script finds its own svg, nothing has an id. Without a script it is still a complete picture. */

#include "present/flame.h"
#include "present/flame_tree.h"
#include "present/glyph.h"
#include "present/markup.h"

#include "base/units.h"

#define DEFAULT_WIDTH 1200
#define DEFAULT_SHARE 0.0005
#define MARGIN 10
#define TOP 62
#define BOTTOM 34
#define ROW 17
#define GAP 0.4      /* px between neighbours; flame.js knows it */
#define LETTER 7.25  /* px of one character at 12 px */
#define MAX_NAME 200 /* characters of a name that are carried */

typedef struct Svg {
        const FlameTree *t;
        const FlamePlan *plan;
        Buf *out;
        Arena *scratch;
        double inner; /* px of the root */
        int width, height;
} Svg;

/* Every kind has a range of hues; the function's name picks one of it, the same in each graph. */
static const struct {
        unsigned hue, hues, saturation, lightness;
        const char *name;
} colors[] = {
        [FRAME_NATIVE] = { 14, 32, 88, 66, "native" },
        [FRAME_KERNEL] = { 200, 26, 70, 72, "kernel" },
        [FRAME_INLINED] = { 54, 14, 82, 66, "inlined" },
        [FRAME_JIT] = { 105, 40, 52, 66, "jit" },
        [FRAME_UNKNOWN] = { 0, 1, 0, 76, "unknown" },
        [FRAME_THREAD] = { 215, 14, 18, 74, "thread" },
};

/* Not span_hash(): a colour must not change from release to release. FNV-1a. */
static uint32_t name_hash(Span name)
{
        uint32_t h = 2166136261u;

        for (size_t i = 0; i < name.len; i++)
                h = (h ^ (unsigned char)name.ptr[i]) * 16777619u;
        return h;
}

static void put_fill(const Svg *s, const FlameNode *node)
{
        uint32_t h = name_hash(node->symbol);
        unsigned kind = node->kind < COUNT(colors) ? node->kind : FRAME_UNKNOWN;

        buf_printf(s->out, " fill=\"hsl(%u,%u%%,%u%%)\"", colors[kind].hue + h % colors[kind].hues,
                   colors[kind].saturation, colors[kind].lightness + (h >> 16) % 7);
}

/* A pixel position with two decimals, whatever the locale. */
static void put_px(Buf *out, const char *name, double px)
{
        unsigned hundredths = (unsigned)(px * 100 + 0.5);

        buf_printf(out, " %s=\"%u.%02u\"", name, hundredths / 100, hundredths % 100);
}

static Span carried_name(const Svg *s, Span name)
{
        return text_shorten(s->scratch, text_clean(s->scratch, name, CLEAN_LINE), MAX_NAME);
}

/* "name \n module file:line \n 120 samples, 12.3 %": the tooltip, and what the script reads. */
static void put_tooltip(const Svg *s, uint32_t at)
{
        const FlameNode *node = &s->t->nodes[at];
        double share = flame_share(s->t, at);
        uint64_t samples = flame_samples(s->t, share);

        buf_text(s->out, "<title>");
        markup_escape(s->out, carried_name(s, node->symbol));
        if (node->module.len) {
                buf_byte(s->out, '\n');
                markup_escape(s->out, carried_name(s, node->module));
        }
        if (node->source.len) {
                buf_byte(s->out, '\n');
                markup_escape(s->out, carried_name(s, node->source));
        }
        buf_text(s->out, "\n");
        if (samples)
                buf_printf(s->out, "%llu sample%s, ", (unsigned long long)samples,
                           samples == 1 ? "" : "s");
        unit_format(s->out, UNIT_RATIO, share);
        if (node->self && s->t->nodes[0].total) {
                buf_text(s->out, " (itself ");
                unit_format(s->out, UNIT_RATIO, (double)node->self / (double)s->t->nodes[0].total);
                buf_byte(s->out, ')');
        }
        buf_text(s->out, "</title>");
}

static int row_y(const Svg *s, uint32_t depth)
{
        uint32_t from_top = s->plan->icicle ? depth : s->t->depth - depth;

        return TOP + (int)from_top * ROW;
}

static void put_label(const Svg *s, const FlameNode *node, double x, double px, int y)
{
        size_t room = px > 6 ? (size_t)((px - 6) / LETTER) : 0;

        if (room < 3)
                return;
        buf_text(s->out, "<text");
        put_px(s->out, "x", x + 3);
        buf_printf(s->out, " y=\"%d\">", y + 12);
        markup_escape(s->out, text_shorten(s->scratch, carried_name(s, node->symbol), room));
        buf_text(s->out, "</text>");
}

static void put_frame(const Svg *s, uint32_t at)
{
        Mark mark = arena_mark(s->scratch);
        const FlameNode *node = &s->t->nodes[at];
        double x = MARGIN + flame_left(s->t, at) * s->inner;
        double px = MAX(flame_share(s->t, at) * s->inner - GAP, 0.2);
        int y = row_y(s, node->depth);

        buf_printf(s->out, "<g class=\"hone-frame\" data-p=\"%u\">", node->parent);
        put_tooltip(s, at);
        buf_text(s->out, "<rect");
        put_px(s->out, "x", x);
        buf_printf(s->out, " y=\"%d\"", y);
        put_px(s->out, "width", px);
        buf_printf(s->out, " height=\"%d\" rx=\"1.5\"", ROW - 1);
        put_fill(s, node);
        buf_text(s->out, "/>");
        put_label(s, node, x, px, y);
        buf_text(s->out, "</g>\n");
        arena_reset(s->scratch, mark);
}

static void put_legend(const Svg *s)
{
        bool seen[COUNT(colors)] = { false };
        int x = s->width - MARGIN;

        for (size_t i = 1; i < s->t->len; i++)
                if (s->t->nodes[i].kind < COUNT(colors))
                        seen[s->t->nodes[i].kind] = true;
        for (size_t kind = COUNT(colors); kind-- > 0;) {
                if (!seen[kind])
                        continue;
                x -= (int)(strlen(colors[kind].name) * LETTER) + 26;
                buf_printf(s->out,
                           "<rect x=\"%d\" y=\"%d\" width=\"11\" height=\"11\" rx=\"2\" "
                           "fill=\"hsl(%u,%u%%,%u%%)\"/><text class=\"soft\" x=\"%d\" "
                           "y=\"%d\">%s</text>\n",
                           x, TOP - 21, colors[kind].hue + colors[kind].hues / 2,
                           colors[kind].saturation, colors[kind].lightness, x + 16, TOP - 11,
                           colors[kind].name);
        }
}

static void put_head(const Svg *s)
{
        const char *title = s->plan->title ? s->plan->title : "Flame graph";

        buf_printf(s->out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hone-flame\" "
                   "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" tabindex=\"0\" "
                   "role=\"group\" aria-label=\"",
                   s->width, s->height, s->width, s->height);
        markup_escape(s->out, span_of(title));
        buf_text(s->out, "\">\n<style>\n");
        buf_add(s->out, present_file("flame.css"));
        buf_printf(s->out, "</style>\n<text class=\"hone-title ink\" x=\"%d\" y=\"22\">", MARGIN);
        markup_escape(s->out, text_shorten(s->scratch, span_of(title), 100));
        buf_printf(s->out,
                   "</text>\n<text class=\"hone-button hone-reset hide soft\" x=\"%d\" y=\"22\" "
                   "text-anchor=\"end\">reset zoom</text>\n"
                   "<foreignObject class=\"hone-search hide\" x=\"%d\" y=\"34\" width=\"240\" "
                   "height=\"24\"><input xmlns=\"http://www.w3.org/1999/xhtml\" type=\"search\" "
                   "placeholder=\"search (/ or Ctrl-F)\" aria-label=\"Search functions\"/>"
                   "</foreignObject>\n"
                   "<text class=\"hone-matched soft\" x=\"%d\" y=\"51\"></text>\n",
                   s->width - MARGIN, MARGIN, MARGIN + 252);
        put_legend(s);
}

static void put_foot(const Svg *s)
{
        const Profile *p = s->t->profile;

        buf_printf(s->out, "<text class=\"hone-details soft\" x=\"%d\" y=\"%d\">", MARGIN,
                   s->height - 12);
        buf_printf(s->out, "%llu samples", (unsigned long long)flame_samples(s->t, 1));
        if (p->event && p->event[0]) {
                buf_text(s->out, " of ");
                markup_escape(s->out, span_of(p->event));
        }
        if (p->duration_ns) {
                buf_text(s->out, " in ");
                unit_format(s->out, UNIT_NS, (double)p->duration_ns);
        }
        buf_text(s->out, "; width is the share of samples, colour the kind of code</text>\n"
                         "<script><![CDATA[\n");
        buf_add(s->out, present_file("flame.js"));
        buf_text(s->out, "]]></script>\n</svg>\n");
}

int flame_svg(const Profile *p, const FlamePlan *plan, Buf *out, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        double min_share = plan->min_share > 0 ? plan->min_share : DEFAULT_SHARE;
        FlameTree t;
        Svg s = { .t = &t, .plan = plan, .out = out, .scratch = scratch };

        if (flame_tree(p, min_share, scratch, &t, err) < 0)
                return fail_while(err, "drawing the flame graph");
        if (t.nodes[0].total == 0)
                return fail(err, ERR_UNAVAILABLE, "the profile has no samples to draw");
        s.width = plan->width > 0 ? MIN(MAX(plan->width, 400), 10000) : DEFAULT_WIDTH;
        s.inner = s.width - 2 * MARGIN;
        s.height = TOP + (int)MIN(t.depth + 1, 100000u) * ROW + BOTTOM;
        put_head(&s);
        buf_printf(out, "<g class=\"hone-frames\" data-width=\"%d\" data-margin=\"%d\"%s>\n",
                   s.width - 2 * MARGIN, MARGIN, plan->icicle ? " data-icicle=\"1\"" : "");
        for (uint32_t i = 0; i < t.len; i++)
                put_frame(&s, i);
        buf_text(out, "</g>\n");
        put_foot(&s);
        return buf_check(out, err);
}
