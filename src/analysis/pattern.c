#include "analysis/pattern.h"

#include <stdlib.h>

#define PLATEAU_SHARE 0.20
#define BASE_SHARE 0.15
#define BASE_CALLERS 4
#define BASE_LARGEST 0.60 /* no caller has more of it than this */
#define TOWER_SHARE 0.05
#define TOWER_FRAMES 8
#define MOST_PATTERNS 1000
#define MOST_PAIRS ((size_t)1 << 20)

typedef struct Finder {
        const Profile *p;
        Arena *arena, *scratch;
        uint64_t *totals;
        VEC(Pattern) found;
} Finder;

static void add_pattern(Finder *f, PatternKind kind, Span function, double share, uint32_t depth)
{
        Pattern *pattern = vec_add(f->arena, &f->found);

        if (pattern)
                *pattern = (Pattern){ kind, function, share, depth };
}

static bool is_code(const Profile *p, uint32_t frame)
{
        return p->frames.items[frame].kind != FRAME_THREAD &&
               p->frames.items[frame].kind != FRAME_UNKNOWN;
}

static void find_plateaus(Finder *f)
{
        FunctionCost *costs;
        size_t n = profile_functions(f->p, f->scratch, &costs);

        for (size_t i = 0; i < n; i++) {
                double share = (double)costs[i].self_weight / (double)f->p->total_weight;

                if (share >= PLATEAU_SHARE && is_code(f->p, costs[i].frame))
                        add_pattern(f, PATTERN_PLATEAU, profile_symbol(f->p, costs[i].frame), share,
                                    0);
        }
}

/* Per function: its callers and how the cost divides among them. */
typedef struct Base {
        uint64_t total, largest;
        uint32_t callers;
} Base;

static uint32_t symbol_of(const Profile *p, uint32_t node)
{
        return node ? p->frames.items[p->nodes.items[node].frame].symbol : 0;
}

/* Nodes whose function is not on the chain above them: a recursion's cost counts once. One walk,
 * children by links, so that depth costs neither stack nor time. */
static bool *outermost_nodes(const Profile *p, Arena *arena)
{
        size_t n = p->nodes.len;
        uint32_t *first = new (arena, uint32_t, n), *next = new (arena, uint32_t, n);
        uint32_t *on_chain = new (arena, uint32_t, p->strings.len);
        bool *outermost = new (arena, bool, n);

        for (size_t i = n; i-- > 1;) {
                next[i] = first[p->nodes.items[i].parent];
                first[p->nodes.items[i].parent] = (uint32_t)i;
        }
        for (uint32_t node = first[0]; node;) {
                outermost[node] = on_chain[symbol_of(p, node)]++ == 0;
                if (first[node]) {
                        node = first[node];
                        continue;
                }
                for (; node && !next[node]; node = p->nodes.items[node].parent)
                        on_chain[symbol_of(p, node)]--;
                if (node) {
                        on_chain[symbol_of(p, node)]--;
                        node = next[node];
                }
        }
        return outermost;
}

/* A thread's name is no caller, nor is code without a name; and that the kernel is entered from
 * everywhere says nothing. */
static bool is_call(const Profile *p, uint32_t node)
{
        uint32_t parent = p->nodes.items[node].parent, frame = p->nodes.items[node].frame;

        return parent && is_code(p, frame) && p->frames.items[frame].kind != FRAME_KERNEL &&
               is_code(p, p->nodes.items[parent].frame);
}

static Base *count_callers(Finder *f)
{
        const Profile *p = f->p;
        Base *bases = new (f->scratch, Base, p->strings.len);
        Map pairs = map_in(f->scratch, MOST_PAIRS);
        const bool *outermost = outermost_nodes(p, f->scratch);

        for (uint32_t i = 1; i < p->nodes.len; i++) {
                uint32_t symbol = symbol_of(p, i);
                MapSlot *pair;

                if (!outermost[i] || !f->totals[i] || !is_call(p, i))
                        continue;
                pair = map_add_u64(&pairs,
                                   (uint64_t)symbol << 32 | symbol_of(p, p->nodes.items[i].parent));
                if (!pair)
                        break;
                bases[symbol].callers += pair->number == 0;
                pair->number += f->totals[i];
                bases[symbol].total += f->totals[i];
                bases[symbol].largest = MAX(bases[symbol].largest, pair->number);
        }
        return bases;
}

static void find_bases(Finder *f)
{
        const Profile *p = f->p;
        const Base *bases = count_callers(f);

        for (uint32_t s = 1; s < p->strings.len; s++) {
                double share = (double)bases[s].total / (double)p->total_weight;

                if (share >= BASE_SHARE && bases[s].callers >= BASE_CALLERS &&
                    (double)bases[s].largest <= BASE_LARGEST * (double)bases[s].total)
                        add_pattern(f, PATTERN_WIDE_BASE, p->strings.items[s], share,
                                    bases[s].callers);
        }
}

/* The longest run of one function calling itself, directly or through one other, per function. */
static void find_towers(Finder *f)
{
        const Profile *p = f->p;
        uint32_t *depth = new (f->scratch, uint32_t, p->nodes.len);
        uint32_t *deepest = new (f->scratch, uint32_t, p->strings.len);
        uint64_t *weight = new (f->scratch, uint64_t, p->strings.len);

        for (uint32_t i = 1; i < p->nodes.len; i++) {
                uint32_t parent = p->nodes.items[i].parent, symbol = symbol_of(p, i);
                uint32_t above = parent ? p->nodes.items[parent].parent : 0;

                depth[i] = 1;
                if (parent && symbol_of(p, parent) == symbol)
                        depth[i] = depth[parent] + 1;
                else if (above && symbol_of(p, above) == symbol)
                        depth[i] = depth[above] + 1;
                if (!is_code(p, p->nodes.items[i].frame))
                        continue;
                deepest[symbol] = MAX(deepest[symbol], depth[i]);
                if (depth[i] == TOWER_FRAMES)
                        weight[symbol] += f->totals[i];
        }
        for (uint32_t s = 1; s < p->strings.len; s++) {
                /* two towers in one chain count once, not twice */
                double share = (double)MIN(weight[s], p->total_weight) / (double)p->total_weight;

                if (deepest[s] >= TOWER_FRAMES && share >= TOWER_SHARE)
                        add_pattern(f, PATTERN_TOWER, p->strings.items[s], share, deepest[s]);
        }
}

static int by_share(const void *a, const void *b)
{
        double x = ((const Pattern *)a)->share, y = ((const Pattern *)b)->share;

        return x < y ? 1 : x > y ? -1 : 0;
}

size_t pattern_find(const Profile *p, Arena *arena, Pattern **ret)
{
        AUTO(arena_freep) Arena *scratch = arena_new(SIZE_MAX / 2);
        Finder f = { .p = p, .arena = arena, .scratch = scratch, .found = VEC_INIT(MOST_PATTERNS) };

        *ret = NULL;
        if (p->total_weight == 0)
                return 0;
        f.totals = profile_totals(p, scratch);
        find_plateaus(&f);
        find_bases(&f);
        find_towers(&f);
        if (f.found.len)
                qsort(f.found.items, f.found.len, sizeof(*f.found.items), by_share);
        *ret = f.found.items;
        return f.found.len;
}
