/* Flame graphs for terminals: boxes drawn with lines (row B11) and a tree of bars (row D60). */

#include "present/flame.h"
#include "present/flame_tree.h"
#include "present/glyph.h"

#include "base/units.h"

#include <math.h>

#define DEFAULT_COLUMNS 80
#define MAX_COLUMNS 1000
#define DEFAULT_SHARE 0.02
#define MAX_LEVELS 40
#define MIN_BOX 4 /* columns from border to border */
#define MAX_BAR 24
#define MAX_INDENT 14 /* levels */

static size_t columns_of(const FlamePlan *plan)
{
        return (size_t)(plan->width > 0 ? MIN(MAX(plan->width, 20), MAX_COLUMNS) : DEFAULT_COLUMNS);
}

static double share_of(const FlamePlan *plan)
{
        return plan->min_share > 0 ? plan->min_share : DEFAULT_SHARE;
}

/* An empty profile has nothing to draw, one that is too large says so. */
static bool tree_or_reason(const Profile *p, const FlamePlan *plan, Arena *scratch, FlameTree *ret,
                           Buf *out)
{
        Error err = { 0 };

        FlameShape shape = { .min_share = share_of(plan), .order = plan->order };

        if (flame_tree_shaped(p, &shape, scratch, ret, &err) < 0) {
                buf_printf(out, "(%s)\n", err.message);
                return false;
        }
        if (ret->nodes[0].total == 0)
                buf_text(out, "(no samples)\n");
        return ret->nodes[0].total > 0;
}

/* Down a chain of callers that do nearly nothing themselves: their boxes would all say the same. */
static uint32_t chain_end(const FlameTree *t, uint32_t node, double min_share)
{
        const FlameNode *n = &t->nodes[node];
        double little = min_share / 2 * (double)t->nodes[0].total;

        while (n->n_children == 1 && (double)(n->total - t->nodes[n->first].total) < little) {
                node = n->first;
                n = &t->nodes[node];
        }
        return node;
}

/* "main > serve > handle", "main > … > handle" when that is too long, else the last one. */
static Span chain_label(const FlameTree *t, uint32_t first, uint32_t last, size_t room,
                        Arena *scratch)
{
        Buf all = buf_in(scratch, MiB(1));
        const FlameNode *nodes = t->nodes;
        Span from = text_clean(scratch, nodes[first].symbol, CLEAN_LINE);
        Span to = text_clean(scratch, nodes[last].symbol, CLEAN_LINE), label;

        for (uint32_t n = first; n != last && all.len < 4096; n = nodes[n].first)
                buf_printf(&all, "%.*s > ",
                           SPAN_ARG(text_clean(scratch, nodes[n].symbol, CLEAN_LINE)));
        buf_add(&all, to);
        if (text_columns(buf_span(&all)) <= room)
                return buf_span(&all);
        label = text_printf(scratch, "%.*s > … > %.*s", SPAN_ARG(from), SPAN_ARG(to));
        if (nodes[last].depth > nodes[first].depth + 1 && text_columns(label) <= room)
                return label;
        return text_shorten(scratch, to, room);
}

/* One box: a chain, from its left border's column to its right border's. */
typedef struct Box {
        uint32_t first, node; /* a chain of callers; `node` is its end */
        size_t left, right;
} Box;

typedef struct Level {
        Box *boxes;
        size_t len;
} Level;

static Level level_below(const FlameTree *t, Level above, double min_share, Arena *scratch)
{
        Level below = { .boxes = new (scratch, Box, MAX_COLUMNS / MIN_BOX + 1) };

        for (size_t i = 0; i < above.len; i++) {
                const Box *box = &above.boxes[i];
                const FlameNode *node = &t->nodes[box->node];
                double scale = (double)(box->right - box->left) / (double)node->total;
                uint64_t used = 0;
                size_t left = box->left;

                for (uint32_t c = node->first; c; c = t->nodes[c].next) {
                        size_t right;

                        used += t->nodes[c].total;
                        right = box->left + (size_t)lround((double)used * scale);
                        if (right - left >= MIN_BOX)
                                below.boxes[below.len++] =
                                        (Box){ c, chain_end(t, c, min_share), left, right };
                        left = right;
                }
        }
        return below;
}

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static void mark_rule(unsigned char *joints, Level level, unsigned direction)
{
        for (size_t i = 0; i < level.len; i++) {
                const Box *box = &level.boxes[i];

                joints[box->left] |= (unsigned char)(direction | RIGHT);
                joints[box->right] |= (unsigned char)(direction | LEFT);
                for (size_t x = box->left + 1; x < box->right; x++)
                        joints[x] |= LEFT | RIGHT;
        }
}

/* The line between two levels: each column's character follows from what meets there. */
static void put_rule(Buf *out, Level above, Level below, size_t columns, Arena *scratch)
{
        static const char *const lines[16] = {
                " ", "╵", "╷", "│", "╴", "┘", "┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼",
        };
        unsigned char *joints = new (scratch, unsigned char, columns);
        size_t end = columns;

        mark_rule(joints, above, UP);
        mark_rule(joints, below, DOWN);
        while (end && !joints[end - 1])
                end--;
        for (size_t x = 0; x < end; x++)
                buf_text(out, lines[joints[x]]);
        buf_byte(out, '\n');
}

/* "name (45%)"; a box that has no room for both has the name. */
static Span box_label(const FlameTree *t, const Box *box, Arena *scratch)
{
        size_t room = box->right - box->left - 1;
        Span share = text_printf(scratch, " (%.0f%%)", flame_share(t, box->first) * 100);

        if (room < share.len + 6)
                return chain_label(t, box->first, box->node, room, scratch);
        return text_printf(
                scratch, "%.*s%.*s",
                SPAN_ARG(chain_label(t, box->first, box->node, room - share.len, scratch)),
                SPAN_ARG(share));
}

static void put_boxes(Buf *out, const FlameTree *t, Level level, Arena *scratch)
{
        size_t x = 0;

        for (size_t i = 0; i < level.len; i++) {
                const Box *box = &level.boxes[i];
                Span label = box_label(t, box, scratch);
                size_t room = box->right - box->left - 1, used = text_columns(label);
                bool joined = i && level.boxes[i - 1].right == box->left;

                if (!joined) {
                        buf_repeat(out, ' ', box->left - x);
                        buf_text(out, "│");
                }
                buf_repeat(out, ' ', (room - used) / 2);
                buf_add(out, label);
                buf_repeat(out, ' ', room - used - (room - used) / 2);
                buf_text(out, "│");
                x = box->right + 1;
        }
        buf_byte(out, '\n');
}

void flame_text_boxes(const Profile *p, const FlamePlan *plan, Buf *out)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        size_t columns = columns_of(plan);
        Level none = { 0 }, level = { .boxes = new (scratch, Box, 1), .len = 1 }, below;
        FlameTree t;

        if (!tree_or_reason(p, plan, scratch, &t, out))
                return;
        level.boxes[0] = (Box){ 0, chain_end(&t, 0, share_of(plan)), 0, columns - 1 };
        put_rule(out, none, level, columns, scratch);
        for (unsigned depth = 0; level.len; depth++, level = below) {
                put_boxes(out, &t, level, scratch);
                below = depth < MAX_LEVELS ? level_below(&t, level, share_of(plan), scratch) : none;
                put_rule(out, level, below, columns, scratch);
        }
}

typedef struct Bars {
        const FlameTree *t;
        Buf *out;
        Arena *scratch;
        size_t columns, max_bar;
        double min_share;
} Bars;

static Span bar_numbers(const Bars *b, uint32_t node)
{
        Buf text = buf_in(b->scratch, KiB(1));
        double share = flame_share(b->t, node), time_ns = flame_time_ns(b->t->profile, share);

        unit_format(&text, UNIT_RATIO, share);
        if (!isnan(time_ns)) {
                buf_text(&text, " (");
                unit_format(&text, UNIT_NS, time_ns);
                buf_byte(&text, ')');
        }
        return buf_span(&text);
}

static void put_bar(const Bars *b, Span prefix, uint32_t first, uint32_t last)
{
        double share = flame_share(b->t, first);
        size_t bar = (size_t)MAX(lround(share * (double)b->max_bar), 1);
        Span numbers = bar_numbers(b, first);
        size_t used = text_columns(prefix) + bar + numbers.len + 2;
        size_t room = b->columns > used + 8 ? b->columns - used : 8;

        buf_add(b->out, prefix);
        buf_add(b->out, chain_label(b->t, first, last, room, b->scratch));
        buf_byte(b->out, ' ');
        for (size_t i = 0; i < bar; i++)
                buf_text(b->out, "█");
        buf_printf(b->out, " %.*s\n", SPAN_ARG(numbers));
}

static void put_children(const Bars *b, Span indent, uint32_t parent, unsigned level)
{
        const FlameNode *nodes = b->t->nodes;

        if (level > MAX_INDENT || text_columns(indent) + 30 > b->columns)
                return;
        for (uint32_t c = nodes[parent].first; c; c = nodes[c].next) {
                Mark mark = arena_mark(b->scratch);
                bool is_last = nodes[c].next == 0;
                uint32_t end = chain_end(b->t, c, b->min_share);

                put_bar(b,
                        text_printf(b->scratch, "%.*s%s", SPAN_ARG(indent),
                                    is_last ? "└─ " : "├─ "),
                        c, end);
                put_children(b,
                             text_printf(b->scratch, "%.*s%s", SPAN_ARG(indent),
                                         is_last ? "   " : "│  "),
                             end, level + 1);
                arena_reset(b->scratch, mark);
        }
}

void flame_text_bars(const Profile *p, const FlamePlan *plan, Buf *out)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        size_t columns = columns_of(plan);
        FlameTree t;
        Bars b = { .t = &t,
                   .out = out,
                   .scratch = scratch,
                   .columns = columns,
                   .max_bar = MIN(columns / 4, (size_t)MAX_BAR),
                   .min_share = share_of(plan) };

        if (!tree_or_reason(p, plan, scratch, &t, out))
                return;
        for (uint32_t c = t.nodes[0].first; c; c = t.nodes[c].next) {
                uint32_t end = chain_end(&t, c, b.min_share);

                if (c != t.nodes[0].first)
                        buf_byte(out, '\n');
                put_bar(&b, SPAN(""), c, end);
                put_children(&b, SPAN(""), end, 0);
        }
}
