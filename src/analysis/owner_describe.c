#include "analysis/owner_int.h"

#include <string.h>

/* Weights by (owner, number), and the heaviest number of each owner. */
typedef struct Tally {
        Map weights;
        uint64_t *best_weight;
        uint32_t *best;
} Tally;

static Tally tally_in(Arena *arena, size_t n_owners)
{
        Tally t = { .weights = map_in(arena, MOST_PAIRS),
                    .best_weight = new (arena, uint64_t, n_owners),
                    .best = new (arena, uint32_t, n_owners) };

        for (size_t i = 0; i < n_owners; i++)
                t.best[i] = NOBODY;
        return t;
}

static void tally_add(Tally *t, uint32_t owner, uint32_t number, uint64_t weight)
{
        MapSlot *slot;

        if (number == NOBODY)
                return;
        slot = map_add_u64(&t->weights, (uint64_t)owner << 32 | number);
        if (!slot)
                return;
        slot->number += weight;
        if (slot->number > t->best_weight[owner]) {
                t->best_weight[owner] = slot->number;
                t->best[owner] = number;
        }
}

/* What lies between an owner and a node below it; numbers of names, but for the line's frame. */
typedef struct Context {
        uint32_t line;    /* the owner's own frame that leads here */
        uint32_t through; /* the first own function that it called */
        uint32_t api;     /* the outermost library function below the last own frame */
} Context;

static Context context_below(const Finder *f, const Context *above, size_t i)
{
        const ProfileNode *node = &f->tree.p->nodes.items[i];
        const Frame *frame = &f->tree.p->frames.items[node->frame];
        const OwnNode *own = node_at(f, f->tree.node_of[i]);
        Context c = *above;

        if (!f->tree.own[node->frame]) {
                c.api = c.api == NOBODY ? frame->symbol : c.api;
                return c;
        }
        c.api = NOBODY;
        if (own->owner == NOBODY)
                return c;
        if (frame->symbol == f->functions.items[own->owner]) {
                c.line = node->frame;
                c.through = NOBODY;
        } else if (c.through == NOBODY) {
                c.through = frame->symbol;
        }
        return c;
}

/* What each owner's samples have in common. */
typedef struct Common {
        Tally lines, through, apis, leaves;
} Common;

static void tally_samples(const Finder *f, Common *common)
{
        const Profile *p = f->tree.p;
        Context *of = new (f->scratch, Context, p->nodes.len);

        of[0] = (Context){ NOBODY, NOBODY, NOBODY };
        for (size_t i = 1; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];
                uint32_t owner = node_at(f, f->tree.node_of[i])->owner;

                of[i] = context_below(f, &of[node->parent], i);
                if (!node->self_weight || owner == NOBODY)
                        continue;
                tally_add(&common->lines, owner, of[i].line, node->self_weight);
                tally_add(&common->through, owner, of[i].through, node->self_weight);
                tally_add(&common->apis, owner, of[i].api, node->self_weight);
                tally_add(&common->leaves, owner, p->frames.items[node->frame].symbol,
                          node->self_weight);
        }
}

static Span source_text(const Finder *f, uint32_t frame_number)
{
        const Frame *frame = &f->tree.p->frames.items[frame_number];
        Span file = f->tree.p->strings.items[frame->file];
        const char *base = file.len ? memrchr(file.ptr, '/', file.len) : NULL;

        if (file.len == 0 || frame->line == 0)
                return (Span){ 0 };
        if (base)
                file = span_from(file, (size_t)(base - file.ptr) + 1);
        return span_of(arena_printf(f->arena, "%.*s:%u", SPAN_ARG(file), frame->line));
}

static Span name_of(const Finder *f, uint32_t number)
{
        return number == NOBODY ? SPAN("") : f->tree.p->strings.items[number];
}

void owner_describe(Finder *f)
{
        size_t n = f->owners.len;
        Common c = { tally_in(f->scratch, n), tally_in(f->scratch, n), tally_in(f->scratch, n),
                     tally_in(f->scratch, n) };

        tally_samples(f, &c);
        for (size_t i = 0; i < n; i++) {
                OwnerCost *owner = &f->owners.items[i];
                double weight = (double)MAX(owner->weight, UINT64_C(1));

                owner->share = (double)owner->weight / (double)f->tree.total;
                owner->callee = name_of(f, c.apis.best[i]);
                owner->callee_share = (double)c.apis.best_weight[i] / weight;
                owner->leaf = name_of(f, c.leaves.best[i]);
                if ((double)c.through.best_weight[i] >= weight / 2)
                        owner->through = name_of(f, c.through.best[i]);
                if (c.lines.best[i] == NOBODY)
                        continue;
                owner->source = source_text(f, c.lines.best[i]);
                owner->module = profile_module(f->tree.p, c.lines.best[i]);
        }
}
