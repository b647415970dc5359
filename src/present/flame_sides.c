#include "present/flame_sides.h"

#include "present/flame_tree.h"

#include <math.h>

#define PALE "fill=\"#eceef1\""
#define DASHED "fill=\"#f7f8f9\" stroke=\"#9aa3ad\" stroke-dasharray=\"3 2\""

/* Hues of the classes on the side that shows them; 0: pale there. */
static const struct {
        unsigned hue[2]; /* before, after */
} hues[DIFF_CLASS_COUNT_] = {
        [DIFF_IS_NEW] = { { 0, 325 } },
        [DIFF_IS_GREW] = { { 0, 8 } },
        [DIFF_IS_SHRANK] = { { 212, 0 } },
        [DIFF_IS_VANISHED] = { { 264, 0 } },
};

static const FlameLegend legend_before[] = {
        { "fill=\"hsl(264,85%,66%)\"", "vanished" },
        { "fill=\"hsl(212,85%,66%)\"", "shrank" },
        { PALE, "not shrunk" },
        { DASHED, "not enough data" },
};
static const FlameLegend legend_after[] = {
        { "fill=\"hsl(325,85%,66%)\"", "new" },
        { "fill=\"hsl(8,85%,66%)\"", "grew" },
        { PALE, "not grown" },
        { DASHED, "not enough data" },
};

typedef struct Painter {
        const ProfileDiff *diff;
        FlameSide side;
        double largest;    /* change of any path */
        uint32_t *path_of; /* [node of the tree] */
        Arena *scratch;
} Painter;

/* Threads stand in the tree and not in the diff's paths. */
static int find_paths(void *context, const FlameTree *t, Error *err)
{
        Painter *p = context;

        p->path_of = new_try(p->scratch, uint32_t, t->len);
        if (!p->path_of)
                return fail(err, ERR_LIMIT, "%zu boxes do not fit", t->len);
        for (size_t i = 1; i < t->len; i++) {
                const FlameNode *node = &t->nodes[i];
                uint32_t above = p->path_of[node->parent];

                p->path_of[i] =
                        node->kind == FRAME_THREAD
                                ? above
                                : profile_diff_child(p->diff, above, node->symbol, node->module);
        }
        return 0;
}

/* NULL: too small to be judged. */
static const DiffRow *row_of(const Painter *p, uint32_t node)
{
        uint32_t path = p->path_of[node];
        uint32_t row = path == DIFF_NONE ? DIFF_NONE : p->diff->paths.items[path].row;

        return row == DIFF_NONE ? NULL : &p->diff->rows.items[row];
}

static void put_attributes(void *context, uint32_t node, Buf *out)
{
        const Painter *p = context;
        const DiffRow *row = row_of(p, node);
        unsigned hue = row ? hues[row->class].hue[p->side] : 0;

        if (hue) {
                double part = p->largest > 0 ? fabs(row->change) / p->largest : 1;

                buf_printf(out, " fill=\"hsl(%u,85%%,%u%%)\"", hue,
                           (unsigned)(84 - 18 * fmin(sqrt(part), 1)));
                return;
        }
        buf_text(out, row && row->class == DIFF_IS_UNKNOWN ? " " DASHED : " " PALE);
}

static void put_words(void *context, uint32_t node, Buf *out)
{
        const Painter *p = context;
        const DiffRow *row = row_of(p, node);

        if (!row) {
                if (p->path_of[node])
                        buf_text(out, "too small to be compared");
                return;
        }
        unit_format(out, UNIT_RATIO, row->a);
        buf_text(out, " before, ");
        unit_format(out, UNIT_RATIO, row->b);
        buf_text(out, " after: ");
        buf_text(out, diff_class_name(row->class));
}

static double largest_change(const ProfileDiff *diff)
{
        double largest = 0;

        vec_each (const DiffRow, row, &diff->rows)
                if (row->measure == DIFF_PATH)
                        largest = fmax(largest, fabs(row->change));
        return largest;
}

int flame_sides_svg(const Profile *p, const ProfileDiff *diff, const FlameSidePlan *plan, Buf *out,
                    Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        bool after = plan->side == FLAME_AFTER;
        Painter painter = { .diff = diff,
                            .side = plan->side,
                            .largest = largest_change(diff),
                            .scratch = scratch };
        FlamePaint paint = { .context = &painter,
                             .begin = find_paths,
                             .attributes = put_attributes,
                             .says = put_words,
                             .legend = after ? legend_after : legend_before,
                             .n_legend = after ? COUNT(legend_after) : COUNT(legend_before),
                             .foot = after ? "width is the share after, colour what grew"
                                           : "width is the share before, colour what shrank" };
        FlamePlan flame = { .title = plan->title, .width = plan->width, .paint = &paint };

        return flame_svg(p, &flame, out, err);
}
