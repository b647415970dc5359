#include "present/flame_tree.h"
#include "present/flame_tree_int.h"

#include <math.h>
#include <stdlib.h>

/* Frames of one function differ in their line; the picture shows functions. */
static int functions_of_frames(Build *b, uint32_t **ret, Error *err)
{
        Map known = map_in(b->scratch, b->p->frames.len + 1);
        uint32_t *functions = new_try(b->scratch, uint32_t, b->p->frames.len + 1);

        if (!functions)
                return fail(err, ERR_LIMIT, "the profile's %zu frames do not fit",
                            b->p->frames.len);
        for (size_t i = 0; i < b->p->frames.len; i++) {
                const Frame *f = &b->p->frames.items[i];
                MapSlot *slot = map_add_u64(&known, (uint64_t)f->symbol << 32 | f->module);

                if (!slot)
                        return fail(err, ERR_LIMIT, "too many functions for a flame graph");
                if (!slot->number)
                        slot->number = i + 1;
                functions[i] = (uint32_t)slot->number - 1;
        }
        *ret = functions;
        return 0;
}

static void add_totals(Build *b)
{
        for (size_t i = b->n_raw; i-- > 0;) {
                Raw *raw = &b->raw[i];

                raw->total += raw->self;
                raw->was_total += raw->was_self;
                if (i == 0)
                        continue;
                b->raw[raw->parent].total += raw->total;
                b->raw[raw->parent].was_total += raw->was_total;
        }
}

static int merge_nodes(Build *b, const uint32_t *functions, Error *err)
{
        size_t n = b->p->nodes.len;
        Map known = map_in(b->scratch, n + 1);
        uint32_t *merged = new_try(b->scratch, uint32_t, n + 1);

        b->raw = new_try(b->scratch, Raw, n + 1);
        if (!merged || !b->raw)
                return fail(err, ERR_LIMIT, "the profile's %zu nodes do not fit", n);
        b->n_raw = 1;
        for (size_t i = 0; i < n; i++) {
                const ProfileNode *node = &b->p->nodes.items[i];
                uint32_t parent = i ? merged[node->parent] : 0;
                uint32_t function = i ? functions[node->frame] : 0;
                MapSlot *slot = i ? map_add_u64(&known, (uint64_t)parent << 32 | function) : NULL;

                if (i && !slot)
                        return fail(err, ERR_LIMIT, "too many nodes for a flame graph");
                if (slot && !slot->number) {
                        slot->number = b->n_raw;
                        b->raw[b->n_raw++] = (Raw){ .parent = parent, .frame = function };
                }
                merged[i] = slot ? (uint32_t)slot->number : 0;
                b->raw[merged[i]].self += node->self_weight;
                if (b->shape->was)
                        b->raw[merged[i]].was_self += b->shape->was[i];
        }
        return 0;
}

typedef struct Rank {
        uint32_t raw, parent;
        FlameOrder order;
        uint64_t total;
        Span symbol;
} Rank;

/* By parent, then in the order asked for, then by name: the picture does not depend on the order of
 * samples, but where time is the order. Raw nodes are numbered in it. */
static int by_place(const void *a, const void *b)
{
        const Rank *x = a, *y = b;

        if (x->parent != y->parent)
                return x->parent < y->parent ? -1 : 1;
        if (x->order == FLAME_BY_SIZE && x->total != y->total)
                return x->total > y->total ? -1 : 1;
        if (x->order != FLAME_BY_TIME && !span_eq(x->symbol, y->symbol))
                return span_compare(x->symbol, y->symbol);
        return x->raw < y->raw ? -1 : x->raw > y->raw;
}

static void fill_node(const Build *b, FlameNode *node, uint32_t raw)
{
        const Raw *from = &b->raw[raw];
        const Frame *f = raw ? &b->p->frames.items[from->frame] : NULL;

        node->total = from->total;
        node->self = from->self;
        node->was_total = from->was_total;
        node->was_self = from->was_self;
        node->symbol = SPAN("all");
        node->kind = FRAME_THREAD;
        if (!f)
                return;
        node->symbol = profile_symbol(b->p, from->frame);
        node->module = profile_module(b->p, from->frame);
        node->kind = f->kind;
        node->source = b->p->strings.items[f->file];
        node->line = f->line;
}

static void link_child(FlameTree *t, uint32_t parent, uint32_t child, uint32_t last,
                       uint64_t before)
{
        FlameNode *p = &t->nodes[parent], *c = &t->nodes[child];

        c->parent = parent;
        c->depth = p->depth + 1;
        c->before = before;
        t->depth = MAX(t->depth, c->depth);
        p->n_children++;
        if (last)
                t->nodes[last].next = child;
        else
                p->first = child;
}

/* Breadth first, so that parents come first; children are the run of ranks with this parent. */
static void place_nodes(Build *b, const Rank *ranks, size_t n_ranks, const uint32_t *first_rank)
{
        FlameTree *t = b->tree;
        uint32_t *raw_of = new (b->scratch, uint32_t, b->n_raw + 1);

        fill_node(b, &t->nodes[0], 0);
        t->len = 1;
        for (size_t at = 0; at < t->len; at++) {
                uint32_t raw = raw_of[at], last = 0;
                uint64_t before = t->nodes[at].before;

                for (size_t i = first_rank[raw]; i < n_ranks && ranks[i].parent == raw; i++) {
                        uint32_t child = (uint32_t)t->len;

                        before += ranks[i].total;
                        if (ranks[i].total < b->least || ranks[i].total == 0)
                                continue;
                        t->len++;
                        raw_of[child] = ranks[i].raw;
                        fill_node(b, &t->nodes[child], ranks[i].raw);
                        link_child(t, (uint32_t)at, child, last, before - ranks[i].total);
                        last = child;
                }
        }
}

static int order_nodes(Build *b, Arena *arena, Error *err)
{
        size_t n = b->n_raw - 1;
        Rank *ranks = new_try(b->scratch, Rank, n + 1);
        uint32_t *first_rank = new_try(b->scratch, uint32_t, b->n_raw + 1);

        b->tree->nodes = new_try(arena, FlameNode, b->n_raw);
        if (!ranks || !first_rank || !b->tree->nodes)
                return fail(err, ERR_LIMIT, "a flame graph of %zu boxes does not fit", b->n_raw);
        for (uint32_t i = 1; i < b->n_raw; i++)
                ranks[i - 1] = (Rank){ .raw = i,
                                       .parent = b->raw[i].parent,
                                       .order = b->shape->order,
                                       .total = b->raw[i].total,
                                       .symbol = profile_symbol(b->p, b->raw[i].frame) };
        qsort(ranks, n, sizeof(*ranks), by_place);
        for (uint32_t i = 0; i < b->n_raw; i++)
                first_rank[i] = (uint32_t)n;
        for (size_t i = n; i-- > 0;)
                first_rank[ranks[i].parent] = (uint32_t)i;
        place_nodes(b, ranks, n, first_rank);
        return 0;
}

int flame_tree_shaped(const Profile *p, const FlameShape *shape, Arena *arena, FlameTree *ret,
                      Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        FlameTree tree = { .profile = p };
        Build b = { .p = p, .shape = shape, .scratch = scratch, .tree = &tree };
        uint32_t *functions;
        int r;

        r = functions_of_frames(&b, &functions, err);
        if (r == 0)
                r = shape->order == FLAME_BY_TIME ? flame_time_nodes(&b, functions, err)
                                                  : merge_nodes(&b, functions, err);
        if (r < 0)
                return r;
        add_totals(&b);
        b.least = (uint64_t)(shape->min_share * MAX((double)b.raw[0].total, shape->total));
        r = order_nodes(&b, arena, err);
        if (r < 0)
                return r;
        if (shape->total > (double)tree.nodes[0].total && shape->total < 0x1p63)
                tree.nodes[0].total = (uint64_t)shape->total;
        *ret = tree;
        return 0;
}

int flame_tree(const Profile *p, double min_share, Arena *arena, FlameTree *ret, Error *err)
{
        return flame_tree_shaped(p, &(FlameShape){ .min_share = min_share }, arena, ret, err);
}

double flame_share(const FlameTree *t, uint32_t node)
{
        uint64_t whole = t->nodes[0].total;

        return whole ? (double)t->nodes[node].total / (double)whole : 0;
}

double flame_left(const FlameTree *t, uint32_t node)
{
        uint64_t whole = t->nodes[0].total;

        return whole ? (double)t->nodes[node].before / (double)whole : 0;
}

static uint64_t samples_in(const Profile *p)
{
        return p->quality.samples > p->quality.dropped ? p->quality.samples - p->quality.dropped
                                                       : 0;
}

uint64_t flame_samples(const FlameTree *t, double share)
{
        return (uint64_t)llround(share * (double)samples_in(t->profile));
}

double flame_time_ns(const Profile *p, double share)
{
        if (!(p->rate_hz > 0))
                return (double)NAN;
        return share * (double)samples_in(p) / p->rate_hz * (double)NS_PER_S;
}
