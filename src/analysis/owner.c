#include "analysis/owner.h"

#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX
#define OWN_SHARE (1.0 / 3)
#define CHILD_SHARE (2.0 / 3)
#define DISPATCH_SHARE 0.02
#define CALLERS_SHOWN 5

/* A node of the tree of own functions; number 0 is the root and no function. */
typedef struct OwnNode {
        uint32_t parent, function; /* function: a string number */
        uint64_t own, total;
        uint32_t owner; /* index of the owner that was emitted here or above, or NOBODY */
} OwnNode;

typedef struct Builder {
        const Profile *p;
        Arena *arena;
        uint32_t executable; /* string number of the module */
        VEC(OwnNode) nodes;
        Map children;      /* parent << 32 | function -> node */
        uint32_t *node_of; /* per profile node: its own node */
        VEC(OwnerCost) owners;
        VEC(uint32_t) owner_function;
        uint64_t total;
} Builder;

static bool is_file_program(Span module)
{
        return span_starts(module, "/") && !span_contains(module, ".so");
}

/* The program file below which most of the cost lies. */
static uint32_t guess_executable(const Profile *p, Arena *arena)
{
        uint64_t *totals = profile_totals(p, arena), *of_module;
        uint32_t best = NOBODY;

        of_module = new (arena, uint64_t, p->strings.len);
        for (size_t i = 1; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];
                uint32_t module = p->frames.items[node->frame].module;
                bool entered = node->parent == 0 ||
                               p->frames.items[p->nodes.items[node->parent].frame].module != module;

                if (entered && is_file_program(p->strings.items[module]))
                        of_module[module] += totals[i];
        }
        for (uint32_t m = 0; m < p->strings.len; m++)
                if (of_module[m] && (best == NOBODY || of_module[m] > of_module[best]))
                        best = m;
        return best;
}

static uint32_t module_number(const Profile *p, const char *executable)
{
        for (uint32_t i = 0; i < p->strings.len; i++)
                if (span_is(p->strings.items[i], executable))
                        return i;
        return NOBODY;
}

static bool is_own(const Builder *b, const Frame *frame)
{
        return frame->kind == FRAME_JIT ||
               ((frame->kind == FRAME_NATIVE || frame->kind == FRAME_INLINED) &&
                frame->module == b->executable);
}

/* The child of an own node for a function; direct recursion stays in place. */
static uint32_t own_child(Builder *b, uint32_t parent, uint32_t function)
{
        MapSlot *slot;
        OwnNode *node;

        if (parent && b->nodes.items[parent].function == function)
                return parent;
        slot = map_add_u64(&b->children, (uint64_t)parent << 32 | function);
        if (!slot)
                return parent;
        if (slot->number)
                return (uint32_t)slot->number;
        node = vec_add(b->arena, &b->nodes);
        if (!node)
                return parent;
        *node = (OwnNode){ .parent = parent, .function = function, .owner = NOBODY };
        slot->number = b->nodes.len - 1;
        return (uint32_t)slot->number;
}

/* Parents have smaller numbers than children, in the profile and in the own tree alike. */
static void build_tree(Builder *b)
{
        const Profile *p = b->p;
        OwnNode *root = vec_add(b->arena, &b->nodes);

        BUG_IF(!root);
        root->owner = NOBODY;
        for (size_t i = 1; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];
                const Frame *frame = &p->frames.items[node->frame];
                uint32_t parent = b->node_of[node->parent];

                b->node_of[i] = is_own(b, frame) ? own_child(b, parent, frame->symbol) : parent;
                b->nodes.items[b->node_of[i]].own += node->self_weight;
        }
        for (size_t i = b->nodes.len; i-- > 0;) {
                OwnNode *node = &b->nodes.items[i];

                node->total += node->own;
                if (i)
                        b->nodes.items[node->parent].total += node->total;
        }
}

static uint32_t heaviest_child(const Builder *b, uint32_t at)
{
        uint32_t best = NOBODY;

        for (uint32_t i = at + 1; i < b->nodes.len; i++)
                if (b->nodes.items[i].parent == at &&
                    (best == NOBODY || b->nodes.items[i].total > b->nodes.items[best].total))
                        best = i;
        return best;
}

static Span callers_text(const Builder *b, uint32_t at)
{
        uint32_t chain[CALLERS_SHOWN];
        Buf text = buf_in(b->arena, KiB(16));
        size_t n = 0;

        for (at = b->nodes.items[at].parent; at && n < CALLERS_SHOWN;
             at = b->nodes.items[at].parent)
                chain[n++] = b->nodes.items[at].function;
        if (at)
                buf_text(&text, "... > ");
        while (n-- > 0) {
                buf_add(&text, b->p->strings.items[chain[n]]);
                if (n)
                        buf_text(&text, " > ");
        }
        return buf_span(&text);
}

static void emit(Builder *b, uint32_t at)
{
        OwnNode *node = &b->nodes.items[at];
        OwnerCost *owner;
        uint32_t *function;

        for (size_t i = 0; i < b->owners.len; i++)
                if (b->owner_function.items[i] == node->function) {
                        b->owners.items[i].weight += node->total;
                        node->owner = (uint32_t)i;
                        return;
                }
        owner = vec_add(b->arena, &b->owners);
        function = vec_add(b->arena, &b->owner_function);
        if (!owner || !function)
                return;
        *function = node->function;
        node->owner = (uint32_t)b->owners.len - 1;
        *owner =
                (OwnerCost){ .function = b->p->strings.items[node->function],
                             .module = b->executable == NOBODY ? (Span){ 0 }
                                                               : b->p->strings.items[b->executable],
                             .weight = node->total,
                             .callers = callers_text(b, at) };
}

static void descend(Builder *b, uint32_t at, bool split_seen)
{
        const OwnNode *node = &b->nodes.items[at];
        uint64_t weight = at ? node->total : node->total - node->own;
        uint32_t child;

        if (at && (double)node->own >= OWN_SHARE * (double)weight) {
                emit(b, at);
                return;
        }
        child = heaviest_child(b, at);
        if (child == NOBODY)
                return;
        if ((double)b->nodes.items[child].total >= CHILD_SHARE * (double)weight) {
                descend(b, child, split_seen);
                return;
        }
        if (split_seen) {
                emit(b, at);
                return;
        }
        for (uint32_t i = at + 1; i < b->nodes.len; i++)
                if (b->nodes.items[i].parent == at &&
                    (double)b->nodes.items[i].total >= DISPATCH_SHARE * (double)b->total)
                        descend(b, i, true);
}

/* Everything below an emitted node belongs to its owner. */
static void spread_owners(Builder *b)
{
        for (size_t i = 1; i < b->nodes.len; i++) {
                OwnNode *node = &b->nodes.items[i];

                if (node->owner == NOBODY)
                        node->owner = b->nodes.items[node->parent].owner;
        }
}

/* Weights by (owner, number), and the heaviest number of each owner. */
typedef struct Tally {
        Map weights;
        uint64_t *best_weight;
        uint32_t *best;
} Tally;

static Tally tally_in(Arena *arena, size_t n_owners)
{
        Tally t = { .weights = map_in(arena, 1 << 20),
                    .best_weight = new (arena, uint64_t, n_owners),
                    .best = new (arena, uint32_t, n_owners) };

        for (size_t i = 0; i < n_owners; i++)
                t.best[i] = NOBODY;
        return t;
}

static void tally_add(Tally *t, uint32_t owner, uint32_t number, uint64_t weight)
{
        MapSlot *slot = map_add_u64(&t->weights, (uint64_t)owner << 32 | number);

        if (!slot)
                return;
        slot->number += weight;
        if (slot->number > t->best_weight[owner]) {
                t->best_weight[owner] = slot->number;
                t->best[owner] = number;
        }
}

/* For every node: the outermost library frame and the nearest own frame above or at it. */
typedef struct Context {
        uint32_t api, own_frame;
} Context;

static Context *node_contexts(const Builder *b)
{
        Context *of = new (b->arena, Context, b->p->nodes.len);

        of[0] = (Context){ NOBODY, NOBODY };
        for (size_t i = 1; i < b->p->nodes.len; i++) {
                const ProfileNode *node = &b->p->nodes.items[i];
                const Frame *frame = &b->p->frames.items[node->frame];

                of[i] = of[node->parent];
                if (is_own(b, frame))
                        of[i] = (Context){ NOBODY, node->frame };
                else if (of[i].api == NOBODY)
                        of[i].api = frame->symbol;
        }
        return of;
}

static Span source_text(const Builder *b, uint32_t frame_number)
{
        const Frame *frame = &b->p->frames.items[frame_number];
        Span file = b->p->strings.items[frame->file];
        const char *base = file.len ? memrchr(file.ptr, '/', file.len) : NULL;

        if (file.len == 0 || frame->line == 0)
                return (Span){ 0 };
        if (base)
                file = span_from(file, (size_t)(base - file.ptr) + 1);
        return span_of(arena_printf(b->arena, "%.*s:%u", SPAN_ARG(file), frame->line));
}

static void describe(Builder *b)
{
        size_t n = b->owners.len;
        Tally apis = tally_in(b->arena, n), leaves = tally_in(b->arena, n);
        Tally lines = tally_in(b->arena, n);
        Context *of = node_contexts(b);

        for (size_t i = 1; i < b->p->nodes.len; i++) {
                const ProfileNode *node = &b->p->nodes.items[i];
                const OwnNode *own = &b->nodes.items[b->node_of[i]];

                if (!node->self_weight || own->owner == NOBODY)
                        continue;
                tally_add(&leaves, own->owner, b->p->frames.items[node->frame].symbol,
                          node->self_weight);
                if (of[i].api != NOBODY)
                        tally_add(&apis, own->owner, of[i].api, node->self_weight);
                if (of[i].own_frame != NOBODY &&
                    own->function == b->owner_function.items[own->owner])
                        tally_add(&lines, own->owner, of[i].own_frame, node->self_weight);
        }
        for (size_t i = 0; i < n; i++) {
                OwnerCost *owner = &b->owners.items[i];

                owner->share = (double)owner->weight / (double)b->total;
                if (apis.best[i] != NOBODY) {
                        owner->callee = b->p->strings.items[apis.best[i]];
                        owner->callee_share = (double)apis.best_weight[i] / (double)owner->weight;
                }
                if (leaves.best[i] != NOBODY)
                        owner->leaf = b->p->strings.items[leaves.best[i]];
                if (lines.best[i] != NOBODY)
                        owner->source = source_text(b, lines.best[i]);
        }
}

static int by_weight(const void *a, const void *b)
{
        uint64_t wa = ((const OwnerCost *)a)->weight, wb = ((const OwnerCost *)b)->weight;

        return wa < wb ? 1 : wa > wb ? -1 : 0;
}

/* Sorts the owners and keeps the nodes' references to them. */
static OwnerTable finish(Builder *b)
{
        size_t n = b->owners.len;
        OwnerTable table = { .items = b->owners.items, .len = n };
        Span *order = new (b->arena, Span, n);
        uint32_t *place = new (b->arena, uint32_t, n);
        uint64_t owned = 0;

        for (size_t i = 0; i < n; i++) {
                order[i] = b->owners.items[i].function;
                owned += b->owners.items[i].weight;
        }
        if (n)
                qsort(table.items, n, sizeof(*table.items), by_weight);
        for (size_t i = 0; i < n; i++)
                for (uint32_t k = 0; k < n; k++)
                        if (order[i].ptr == table.items[k].function.ptr)
                                place[i] = k;
        table.owner_of = new (b->arena, uint32_t, b->p->nodes.len);
        for (size_t i = 0; i < b->p->nodes.len; i++) {
                uint32_t owner = b->nodes.items[b->node_of[i]].owner;

                table.owner_of[i] = owner == NOBODY ? NOBODY : place[owner];
        }
        table.unowned = 1 - (double)owned / (double)b->total;
        return table;
}

OwnerTable owner_costs(const Profile *p, const char *executable, Arena *arena)
{
        Builder b = { .p = p,
                      .arena = arena,
                      .executable = executable ? module_number(p, executable) : NOBODY,
                      .nodes = VEC_INIT(1 << 22),
                      .owners = VEC_INIT(10000),
                      .owner_function = VEC_INIT(10000),
                      .total = p->total_weight,
                      .children = map_in(arena, 1 << 22) };

        if (p->total_weight == 0)
                return (OwnerTable){ .unowned = 1,
                                     .owner_of = new (arena, uint32_t, p->nodes.len + 1) };
        if (b.executable == NOBODY)
                b.executable = guess_executable(p, arena);
        b.node_of = new (arena, uint32_t, p->nodes.len);
        build_tree(&b);
        descend(&b, 0, false);
        spread_owners(&b);
        describe(&b);
        return finish(&b);
}

double owner_share_below(const OwnerTable *owners, size_t owner, const Profile *p,
                         const bool *matches, Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        bool *below = new (scratch, bool, p->nodes.len);
        uint64_t weight = 0;

        for (size_t i = 1; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];

                if (owners->owner_of[i] != owner)
                        continue;
                below[i] = below[node->parent] || matches[node->frame];
                if (below[i])
                        weight += node->self_weight;
        }
        arena_reset(scratch, mark);
        return owners->items[owner].weight ? (double)weight / (double)owners->items[owner].weight
                                           : 0;
}
