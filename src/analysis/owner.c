#include "analysis/owner.h"

#include <stdlib.h>

#include "analysis/owner_int.h"

#define OWN_SHARE (1.0 / 3)
#define CHILD_SHARE (2.0 / 3)
#define WORKING_SHARE 0.10 /* own cost from which a function that splits does not just dispatch */
#define DISPATCH_SHARE 0.02
#define HELPER_CODE_SHARE (1.0 / 3)   /* of a helper's cost in its own code, at most */
#define HELPER_CALLER_SHARE (2.0 / 3) /* of a helper's cost asked for by one caller, at least */
#define MEET_SHARE 0.5    /* of what a way costs in the function where it meets another, at least */
#define MOST_OWNERS 10000 /* each has 2 % of the samples, but for rounding */
#define CALLERS_SHOWN 5

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

/* The node of `function` between a split and an owner below it, itself included; 0: none. */
static uint32_t find_on_way(const Finder *f, uint32_t at, uint32_t split, uint32_t function)
{
        for (; at != split; at = node_at(f, at)->parent)
                if (node_at(f, at)->function == function)
                        return at;
        return 0;
}

/* A way that found no owner beyond its first function, and mostly calls one that another way goes
 * through: they meet there. */
static void meet_in_callee(Finder *f, size_t from, size_t one, uint32_t split)
{
        const OwnNode *node = node_at(f, f->found.items[one]);
        const OwnNode *callee = node_at(f, node->heaviest);

        if (!node->heaviest || owns_by_itself(node) ||
            (double)callee->total < MEET_SHARE * (double)node->total)
                return;
        for (size_t i = from; i < f->found.len; i++) {
                uint32_t other = f->found.items[i], place;

                place = i == one || owns_by_itself(node_at(f, other))
                                ? 0
                                : find_on_way(f, other, split, callee->function);
                if (!place)
                        continue;
                f->found.items[i] = place;
                f->found.items[one] = node->heaviest;
        }
}

/* Ways that meet in one function below a split met in its callers already, as far up as those are
 * one function, too. */
static void move_to_meeting(Finder *f, size_t from, uint32_t split)
{
        for (size_t i = from; i < f->found.len; i++)
                meet_in_callee(f, from, i, split);
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
        owner_describe(&f);
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
