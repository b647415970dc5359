#include "analysis/owner.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/own_tree.h"

#define NOBODY UINT32_MAX
#define OWN_SHARE (1.0 / 3)
#define CHILD_SHARE (2.0 / 3)
#define WORKING_SHARE 0.10 /* own cost from which a function that splits does not just dispatch */
#define DISPATCH_SHARE 0.02
#define HELPER_CODE_SHARE (1.0 / 3)   /* of a helper's cost in its own code, at most */
#define HELPER_CALLER_SHARE (2.0 / 3) /* of a helper's cost asked for by one caller, at least */
#define MOST_OWNERS 10000             /* each has 2 % of the samples, but for rounding */
#define CALLERS_SHOWN 5
#define MOST_PAIRS ((size_t)1 << 22)

/* What is known of an own function over the whole tree. */
typedef struct FunctionFacts {
        uint64_t total, code, heaviest_caller;
        uint32_t callers;
} FunctionFacts;

typedef struct Finder {
        OwnTree tree;
        Arena *arena, *scratch;
        FunctionFacts *facts; /* per string number */
        VEC(uint32_t) found;  /* nodes that are owners */
        VEC(OwnerCost) owners;
        VEC(uint32_t) functions; /* of the owners: string numbers */
        uint64_t *heaviest;      /* per owner: the largest of its nodes */
} Finder;

static OwnNode *node_at(const Finder *f, uint32_t at)
{
        return &f->tree.nodes.items[at];
}

static void collect_facts(Finder *f)
{
        Map pairs = map_in(f->scratch, MOST_PAIRS);

        f->facts = new (f->scratch, FunctionFacts, f->tree.p->strings.len);
        for (uint32_t i = 1; i < f->tree.nodes.len; i++) {
                const OwnNode *node = node_at(f, i);
                FunctionFacts *facts = &f->facts[node->function];
                uint32_t caller = node_at(f, node->parent)->function;
                MapSlot *pair;

                facts->total += node->total;
                facts->code += node->code;
                if (!node->parent || !node->total)
                        continue;
                pair = map_add_u64(&pairs, (uint64_t)caller << 32 | node->function);
                if (!pair)
                        continue;
                facts->callers += pair->number == 0;
                pair->number += node->total;
                facts->heaviest_caller = MAX(facts->heaviest_caller, pair->number);
        }
}

static bool is_helper(const FunctionFacts *facts)
{
        return facts->callers > 1 &&
               (double)facts->code < HELPER_CODE_SHARE * (double)facts->total &&
               (double)facts->heaviest_caller >= HELPER_CALLER_SHARE * (double)facts->total;
}

/* `at` is an owner; a helper passes that on to its caller, never to the dispatcher. */
static void found_owner(Finder *f, uint32_t at, uint32_t dispatcher)
{
        uint32_t *slot = vec_add(f->scratch, &f->found);

        while (is_helper(&f->facts[node_at(f, at)->function]) &&
               node_at(f, at)->parent != dispatcher && node_at(f, at)->parent)
                at = node_at(f, at)->parent;
        if (slot)
                *slot = at;
}

static bool owns_by_itself(const OwnNode *node)
{
        return (double)node->own >= OWN_SHARE * (double)node->total;
}

static bool works_itself(const OwnNode *node)
{
        return (double)node->own >= WORKING_SHARE * (double)node->total;
}

/* The caller that the owners found since `from` have in common with number `one`, all that are the
 * same function and owners only because the tree splits there; 0: none, or there is but one. */
static uint32_t common_caller(const Finder *f, size_t from, size_t one, uint32_t split)
{
        const OwnNode *node = node_at(f, f->found.items[one]);
        uint32_t caller = node_at(f, node->parent)->function;
        size_t times = 0;

        for (size_t i = from; i < f->found.len; i++) {
                const OwnNode *other = node_at(f, f->found.items[i]);

                if (other->function != node->function || owns_by_itself(other))
                        continue;
                if (other->parent == split || node_at(f, other->parent)->function != caller)
                        return 0;
                times++;
        }
        return times > 1 && !owns_by_itself(node) ? caller : 0;
}

static void move_to_callers(Finder *f, size_t from, uint32_t function)
{
        for (size_t i = from; i < f->found.len; i++) {
                const OwnNode *node = node_at(f, f->found.items[i]);

                if (node->function == function && !owns_by_itself(node))
                        f->found.items[i] = node->parent;
        }
}

/* Ways that meet in one function below a split met in its callers already, as far up as those are
 * one function, too. */
static void move_to_meeting(Finder *f, size_t from, uint32_t split)
{
        for (size_t i = from; i < f->found.len; i++)
                while (common_caller(f, from, i, split))
                        move_to_callers(f, from, node_at(f, f->found.items[i])->function);
}

static void descend(Finder *f, uint32_t at, uint32_t dispatcher);

static void dispatch(Finder *f, uint32_t split)
{
        size_t from = f->found.len;

        for (uint32_t child = node_at(f, split)->first; child; child = node_at(f, child)->next)
                if ((double)node_at(f, child)->total >= DISPATCH_SHARE * (double)f->tree.total)
                        descend(f, child, split);
        if (split)
                move_to_meeting(f, from, split);
}

/* Follows the weight from `at` to an owner or a split; recurses twice at most. */
static void descend(Finder *f, uint32_t at, uint32_t dispatcher)
{
        for (;;) {
                const OwnNode *node = node_at(f, at);
                uint64_t weight = at ? node->total : node->total - node->own;

                if (at && owns_by_itself(node)) {
                        found_owner(f, at, dispatcher);
                        return;
                }
                if (!node->heaviest)
                        return;
                if ((double)node_at(f, node->heaviest)->total < CHILD_SHARE * (double)weight)
                        break;
                at = node->heaviest;
        }
        if (dispatcher || (at && works_itself(node_at(f, at))))
                found_owner(f, at, dispatcher);
        else
                dispatch(f, at);
}

static Span callers_text(const Finder *f, uint32_t at)
{
        uint32_t chain[CALLERS_SHOWN];
        Buf text = buf_in(f->arena, KiB(16));
        size_t n = 0;

        for (at = node_at(f, at)->parent; at && n < CALLERS_SHOWN; at = node_at(f, at)->parent)
                chain[n++] = node_at(f, at)->function;
        if (at && n)
                buf_text(&text, "... > ");
        while (n-- > 0) {
                buf_add(&text, f->tree.p->strings.items[chain[n]]);
                if (n)
                        buf_text(&text, " > ");
        }
        return buf_span(&text);
}

/* The number of the owner that is this function, found or made. */
static uint32_t owner_number(Finder *f, uint32_t function)
{
        OwnerCost *owner;
        uint32_t *slot;

        for (size_t i = 0; i < f->functions.len; i++)
                if (f->functions.items[i] == function)
                        return (uint32_t)i;
        owner = vec_add(f->arena, &f->owners);
        slot = vec_add(f->scratch, &f->functions);
        if (!owner || !slot)
                return NOBODY;
        owner->function = f->tree.p->strings.items[function];
        *slot = function;
        return (uint32_t)f->functions.len - 1;
}

static void add_node(Finder *f, uint32_t at, uint32_t number)
{
        OwnerCost *owner = &f->owners.items[number];
        OwnNode *node = node_at(f, at);

        node->owner = number;
        owner->weight += node->total;
        owner->own_share += (double)node->own / (double)f->tree.total;
        if (node->total > f->heaviest[number]) {
                f->heaviest[number] = node->total;
                owner->callers = callers_text(f, at);
        }
}

/* Owners that are one function are one owner; no found node lies below another. Returns which
 * nodes lie above an owner's. */
static bool *merge_owners(Finder *f)
{
        bool *above = new (f->scratch, bool, f->tree.nodes.len);

        f->heaviest = new (f->scratch, uint64_t, f->found.len + 1);
        for (size_t i = 0; i < f->found.len; i++) {
                uint32_t at = f->found.items[i];
                uint32_t number = owner_number(f, node_at(f, at)->function);

                if (number == NOBODY)
                        continue;
                add_node(f, at, number);
                while (at && !above[at]) {
                        at = node_at(f, at)->parent;
                        above[at] = true;
                }
        }
        return above;
}

/* Everything below an owner's node belongs to it, and so does what the same function does on
 * other ways: those too small to follow, and chains that end early. */
static void add_strays(Finder *f, const bool *above)
{
        Map numbers = map_in(f->scratch, f->functions.len);

        for (size_t i = 0; i < f->functions.len; i++) {
                MapSlot *slot = map_add_u64(&numbers, f->functions.items[i]);

                BUG_IF(!slot);
                slot->number = i;
        }
        for (uint32_t i = 1; i < f->tree.nodes.len; i++) {
                OwnNode *node = node_at(f, i);
                MapSlot *slot;

                if (node->owner == NOBODY)
                        node->owner = node_at(f, node->parent)->owner;
                if (node->owner != NOBODY || above[i])
                        continue;
                slot = map_find_u64(&numbers, node->function);
                if (slot)
                        add_node(f, i, (uint32_t)slot->number);
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
        return number == NOBODY ? (Span){ 0 } : f->tree.p->strings.items[number];
}

static void describe(Finder *f)
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

/* An owner and the number it had before sorting. */
typedef struct Ranked {
        OwnerCost owner;
        uint32_t number;
} Ranked;

static int by_weight(const void *a, const void *b)
{
        const Ranked *x = a, *y = b;

        if (x->owner.weight != y->owner.weight)
                return x->owner.weight < y->owner.weight ? 1 : -1;
        return x->number < y->number ? -1 : x->number > y->number;
}

static uint32_t *owners_of_nodes(const Finder *f, const uint32_t *place)
{
        size_t n = f->tree.p->nodes.len;
        uint32_t *owner_of = new (f->arena, uint32_t, n);

        for (size_t i = 0; i < n; i++) {
                uint32_t owner = node_at(f, f->tree.node_of[i])->owner;

                owner_of[i] = owner == NOBODY ? NOBODY : place[owner];
        }
        return owner_of;
}

/* Largest first; the nodes' references follow. */
static OwnerTable sorted_table(Finder *f)
{
        size_t n = f->owners.len;
        OwnerTable table = { .items = f->owners.items, .len = n };
        Ranked *ranked = new (f->scratch, Ranked, n);
        uint32_t *place = new (f->scratch, uint32_t, n);
        uint64_t owned = 0;

        for (uint32_t i = 0; i < n; i++)
                ranked[i] = (Ranked){ f->owners.items[i], i };
        if (n)
                qsort(ranked, n, sizeof(*ranked), by_weight);
        for (uint32_t i = 0; i < n; i++) {
                table.items[i] = ranked[i].owner;
                place[ranked[i].number] = i;
                owned += ranked[i].owner.weight;
        }
        table.owner_of = owners_of_nodes(f, place);
        table.unowned = 1 - (double)MIN(owned, f->tree.total) / (double)f->tree.total;
        return table;
}

static OwnerTable nobody(const Profile *p, Arena *arena)
{
        OwnerTable table = { .owner_of = new (arena, uint32_t, p->nodes.len), .unowned = 1 };

        for (size_t i = 0; i < p->nodes.len; i++)
                table.owner_of[i] = NOBODY;
        return table;
}

OwnerTable owner_costs(const Profile *p, const char *executable, Arena *arena)
{
        AUTO(arena_freep) Arena *scratch = arena_new(SIZE_MAX / 2);
        Finder f = { .arena = arena,
                     .scratch = scratch,
                     .found = VEC_INIT(MOST_OWNERS),
                     .owners = VEC_INIT(MOST_OWNERS),
                     .functions = VEC_INIT(MOST_OWNERS) };

        if (p->total_weight == 0)
                return nobody(p, arena);
        own_tree_build(&f.tree, p, executable, scratch);
        collect_facts(&f);
        descend(&f, 0, 0);
        add_strays(&f, merge_owners(&f));
        describe(&f);
        return sorted_table(&f);
}

double *owner_shares_below(const OwnerTable *owners, const Profile *p, const bool *matches,
                           Arena *arena)
{
        double *shares = new (arena, double, owners->len);
        Mark mark = arena_mark(arena);
        bool *below = new (arena, bool, p->nodes.len);

        for (size_t i = 1; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];
                uint32_t owner = owners->owner_of[i];

                if (owner == NOBODY)
                        continue;
                below[i] = below[node->parent] || matches[p->frames.items[node->frame].symbol];
                if (below[i])
                        shares[owner] += (double)node->self_weight;
        }
        for (size_t i = 0; i < owners->len; i++)
                shares[i] /= (double)MAX(owners->items[i].weight, UINT64_C(1));
        arena_reset(arena, mark);
        return shares;
}
