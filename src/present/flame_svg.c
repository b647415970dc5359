/* A flame graph as one SVG, usable alone and inside a page: the style is scoped by a class, the
 * script finds its own svg, nothing has an id. Without a script it is still a complete picture. */

#include "present/flame.h"
#include "present/glyph.h"
#include "present/markup.h"

#include "base/units.h"

#include <inttypes.h>
#include <math.h>

#define DEFAULT_WIDTH 1200
#define DEFAULT_SHARE 0.0005
#define MARGIN 10
#define TOP 62
#define SUBTITLE 20
#define BOTTOM 34
#define ROW 17
#define GAP 0.4      /* px between neighbours; flame.js knows it */
#define LETTER 7.25  /* px of one character at 12 px */
#define MAX_NAME 200 /* characters of a name that are carried */

typedef struct Svg {
        const FlameTree *t;
        const FlamePlan *plan;
        FlameColors *colors;
        Buf *out;
        Arena *scratch;
        double inner;       /* px of the root */
        double letter;      /* px of one character */
        double most_change; /* of a node itself */
        int width, height, top, row;
} Svg;

/* Of the node itself, since the profile that it is compared with. */
static double change_of(const Svg *s, const FlameNode *node)
{
        double change = (double)node->self - node->was_self;

        return s->plan->negate ? -change : change;
}

static double most_change(const FlameTree *t)
{
        double most = 0;

        for (size_t i = 1; i < t->len; i++)
                most = MAX(most, fabs((double)t->nodes[i].self - t->nodes[i].was_self));
        return most;
}

static void put_fill(const Svg *s, const FlameNode *node)
{
        buf_text(s->out, " fill=\"");
        if (s->plan->was)
                flame_change_color(change_of(s, node), s->most_change, s->out);
        else
                flame_color(s->colors, node, s->out);
        buf_byte(s->out, '"');
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

/* "450 samples, ", or what the weights are. */
static void put_amount(const Svg *s, const FlameNode *node, double share)
{
        double factor = s->plan->factor > 0 ? s->plan->factor : 1;
        double amount = (double)node->total * factor;
        uint64_t samples = flame_samples(s->t, share);

        if (s->plan->count_name) {
                buf_printf(s->out, "%.*f ", amount == floor(amount) ? 0 : 2, amount);
                markup_escape(s->out, span_of(s->plan->count_name));
                buf_text(s->out, ", ");
        } else if (s->t->profile->unit == UNIT_BYTES) {
                unit_format(s->out, UNIT_BYTES, amount);
                buf_text(s->out, ", ");
        } else if (samples) {
                buf_printf(s->out, "%" PRIu64 " sample%s, ", samples, samples == 1 ? "" : "s");
        }
}

/* "; was 12.0 % (itself +1.5 %)" in shares of the whole */
static void put_change(const Svg *s, const FlameNode *node)
{
        double whole = (double)s->t->nodes[0].total;
        double itself = ((double)node->self - node->was_self) / whole * 100;

        buf_text(s->out, "; was ");
        unit_format(s->out, UNIT_RATIO, node->was_total / whole);
        buf_printf(s->out, ", itself %+.2f %%", itself);
}

static void put_paint_words(const Svg *s, uint32_t at)
{
        const FlamePaint *paint = s->plan->paint;
        Buf words = buf_in(s->scratch, KiB(4));

        if (!paint || !paint->says)
                return;
        paint->says(paint->context, at, &words);
        if (words.len) {
                buf_text(s->out, "; ");
                markup_escape(s->out, buf_span(&words));
        }
}

/* "name \n module file:line \n 120 samples, 12.3 %": the tooltip, and what the script reads. */
static void put_tooltip(const Svg *s, uint32_t at)
{
        const FlameNode *node = &s->t->nodes[at];
        double share = flame_share(s->t, at);

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
        put_amount(s, node, share);
        unit_format(s->out, UNIT_RATIO, share);
        if (node->self && s->t->nodes[0].total) {
                buf_text(s->out, " (itself ");
                unit_format(s->out, UNIT_RATIO, (double)node->self / (double)s->t->nodes[0].total);
                buf_byte(s->out, ')');
        }
        if (s->plan->was)
                put_change(s, node);
        put_paint_words(s, at);
        buf_text(s->out, "</title>");
}

static int row_y(const Svg *s, uint32_t depth)
{
        uint32_t from_top = s->plan->icicle ? depth : s->t->depth - depth;

        return s->top + (int)from_top * s->row;
}

static void put_label(const Svg *s, const FlameNode *node, double x, double px, int y)
{
        size_t room = px > 6 ? (size_t)((px - 6) / s->letter) : 0;

        if (room < 3)
                return;
        buf_text(s->out, "<text");
        put_px(s->out, "x", x + 3);
        buf_printf(s->out, " y=\"%d\">", y + s->row - 5);
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
        buf_printf(s->out, " height=\"%d\" rx=\"1.5\"", s->row - 1);
        if (s->plan->paint)
                s->plan->paint->attributes(s->plan->paint->context, at, s->out);
        else
                put_fill(s, node);
        buf_text(s->out, "/>");
        put_label(s, node, x, px, y);
        buf_text(s->out, "</g>\n");
        arena_reset(s->scratch, mark);
}

static void put_legend(const Svg *s)
{
        bool seen[FRAME_SCRIPT + 1] = { false };
        int x = s->width - MARGIN;

        for (size_t i = 1; i < s->t->len; i++)
                if (s->t->nodes[i].kind < COUNT(seen))
                        seen[s->t->nodes[i].kind] = true;
        for (size_t kind = COUNT(seen); kind-- > 0;) {
                const char *name = flame_kind_name((FrameKind)kind);

                if (!seen[kind] || !name)
                        continue;
                x -= (int)((double)strlen(name) * LETTER) + 26;
                buf_printf(s->out,
                           "<rect x=\"%d\" y=\"%d\" width=\"11\" height=\"11\" rx=\"2\" fill=\"", x,
                           s->top - 21);
                flame_kind_color((FrameKind)kind, s->out);
                buf_printf(s->out, "\"/><text class=\"soft\" x=\"%d\" y=\"%d\">%s</text>\n", x + 16,
                           s->top - 11, name);
        }
}

static void put_paint_legend(const Svg *s)
{
        const FlamePaint *paint = s->plan->paint;
        int x = s->width - MARGIN;

        for (size_t i = paint->n_legend; i-- > 0;) {
                x -= (int)((double)strlen(paint->legend[i].name) * LETTER) + 26;
                buf_printf(s->out,
                           "<rect x=\"%d\" y=\"%d\" width=\"11\" height=\"11\" rx=\"2\" "
                           "%s/><text class=\"soft\" x=\"%d\" y=\"%d\">%s</text>\n",
                           x, s->top - 21, paint->legend[i].attributes, x + 16, s->top - 11,
                           paint->legend[i].name);
        }
}

/* " style=..." when the font is not the usual one. */
static void put_font(const Svg *s)
{
        const FlamePlan *plan = s->plan;

        if (!plan->font && !(plan->font_px > 0))
                return;
        buf_text(s->out, " style=\"");
        if (plan->font) {
                buf_text(s->out, "font-family:&quot;");
                for (const char *c = plan->font; *c; c++)
                        if (!strchr("\"'\\;{}<>&", *c))
                                markup_escape(s->out, (Span){ c, 1 });
                buf_text(s->out, "&quot;,monospace;");
        }
        if (plan->font_px > 0)
                buf_printf(s->out, "font-size:%.1fpx", plan->font_px);
        buf_byte(s->out, '"');
}

static void put_notes(const Svg *s)
{
        if (!s->plan->notes)
                return;
        buf_text(s->out, "<desc>");
        markup_escape(s->out, span_of(s->plan->notes));
        buf_text(s->out, "</desc>\n");
}

static void put_background(const Svg *s)
{
        if (!s->plan->background)
                return;
        buf_text(s->out, "<rect width=\"100%\" height=\"100%\" fill=\"");
        markup_escape(s->out, span_of(s->plan->background));
        buf_text(s->out, "\"/>\n");
}

static void put_subtitle(const Svg *s)
{
        if (!s->plan->subtitle)
                return;
        buf_printf(s->out, "<text class=\"soft\" x=\"%d\" y=\"42\">", MARGIN);
        markup_escape(s->out, text_shorten(s->scratch, span_of(s->plan->subtitle), 160));
        buf_text(s->out, "</text>\n");
}

static void put_controls(const Svg *s)
{
        buf_printf(s->out,
                   "<text class=\"hone-button hone-reset hide soft\" x=\"%d\" y=\"22\" "
                   "text-anchor=\"end\">reset zoom</text>\n"
                   "<foreignObject class=\"hone-search hide\" x=\"%d\" y=\"%d\" width=\"240\" "
                   "height=\"24\"><input xmlns=\"http://www.w3.org/1999/xhtml\" type=\"search\" "
                   "placeholder=\"search (/ or Ctrl-F)\" aria-label=\"Search functions\"/>"
                   "</foreignObject>\n"
                   "<text class=\"hone-matched soft\" x=\"%d\" y=\"%d\"></text>\n",
                   s->width - MARGIN, MARGIN, s->top - 28, MARGIN + 252, s->top - 11);
}

static void put_head(const Svg *s)
{
        const char *title = s->plan->title ? s->plan->title : "Flame graph";

        buf_printf(s->out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hone-flame%s\" "
                   "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" tabindex=\"0\" "
                   "role=\"group\" aria-label=\"",
                   s->plan->background ? " on-light" : "", s->width, s->height, s->width,
                   s->height);
        markup_escape(s->out, span_of(title));
        buf_byte(s->out, '"');
        put_font(s);
        buf_text(s->out, ">\n");
        put_notes(s);
        buf_text(s->out, "<style>\n");
        buf_add(s->out, present_file("flame.css"));
        buf_text(s->out, "</style>\n");
        put_background(s);
        buf_printf(s->out, "<text class=\"hone-title ink\" x=\"%d\" y=\"22\">", MARGIN);
        markup_escape(s->out, text_shorten(s->scratch, span_of(title), 100));
        buf_text(s->out, "</text>\n");
        put_subtitle(s);
        put_controls(s);
        if (s->plan->paint)
                put_paint_legend(s);
        else if (!s->plan->was && !(s->plan->colors && s->plan->colors->palette))
                put_legend(s);
}

/* What width and colour are. */
static void put_meaning(const Svg *s)
{
        const char *colour = "colour the kind of code";

        if (s->plan->paint) {
                buf_text(s->out, s->plan->paint->foot);
                return;
        }
        if (s->plan->was)
                colour = s->plan->negate ? "blue is more than it was, red is less"
                                         : "red is more than it was, blue is less";
        buf_printf(s->out, "width is the share of %s, %s",
                   s->t->profile->unit == UNIT_BYTES ? "bytes" : "samples", colour);
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
        buf_text(s->out, "; ");
        put_meaning(s);
        buf_text(s->out, "</text>\n<script><![CDATA[\n");
        buf_add(s->out, present_file("flame.js"));
        buf_text(s->out, "]]></script>\n</svg>\n");
}

static FlameShape shape_of(const FlamePlan *plan, double inner)
{
        FlameShape shape = { .min_share = plan->min_share > 0 ? plan->min_share : DEFAULT_SHARE,
                             .order = plan->order,
                             .total = plan->total,
                             .was = plan->was };

        if (plan->min_px > 0)
                shape.min_share = plan->min_px / inner;
        return shape;
}

static void put_frames(const Svg *s)
{
        const FlamePlan *plan = s->plan;

        buf_printf(s->out,
                   "<g class=\"hone-frames\" data-width=\"%d\" data-margin=\"%d\" "
                   "data-letter=\"%.3f\" data-row=\"%d\"%s",
                   s->width - 2 * MARGIN, MARGIN, s->letter, s->row,
                   plan->icicle ? " data-icicle=\"1\"" : "");
        if (plan->name_type) {
                buf_text(s->out, " data-type=\"");
                markup_escape(s->out, span_of(plan->name_type));
                buf_byte(s->out, '"');
        }
        buf_text(s->out, ">\n");
        for (uint32_t i = 0; i < s->t->len; i++)
                put_frame(s, i);
        buf_text(s->out, "</g>\n");
}

int flame_svg(const Profile *p, const FlamePlan *plan, Buf *out, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        int width = plan->width > 0 ? MIN(MAX(plan->width, 400), 10000) : DEFAULT_WIDTH;
        FlameShape shape = shape_of(plan, width - 2 * MARGIN);
        FlameColors by_kind = { 0 };
        FlameTree t;
        Svg s = { .t = &t,
                  .plan = plan,
                  .colors = plan->colors ? plan->colors : &by_kind,
                  .out = out,
                  .scratch = scratch,
                  .width = width,
                  .inner = width - 2 * MARGIN,
                  .letter = plan->font_px > 0 ? LETTER * plan->font_px / 12 : LETTER,
                  .top = plan->subtitle ? TOP + SUBTITLE : TOP,
                  .row = plan->row_px > 0 ? MIN(plan->row_px, 200) : ROW };

        if (flame_tree_shaped(p, &shape, scratch, &t, err) < 0)
                return fail_while(err, "drawing the flame graph");
        if (t.nodes[0].total == 0)
                return fail(err, ERR_UNAVAILABLE, "the profile has no samples to draw");
        if (plan->paint && plan->paint->begin(plan->paint->context, &t, err) < 0)
                return fail_while(err, "drawing the flame graph");
        s.most_change = most_change(&t);
        s.height = s.top + (int)MIN(t.depth + 1, 100000u) * s.row + BOTTOM;
        put_head(&s);
        put_frames(&s);
        put_foot(&s);
        return buf_check(out, err);
}
