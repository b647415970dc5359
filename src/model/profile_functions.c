/* Cost per function: one walk over the trie, counting each function once per chain.
 *
 * A function's inclusive cost is the sum over the nodes where the walk enters it while it is not
 * already on the chain, so a recursion of any depth counts once and the walk stays linear. */

#include "model/profile.h"

#include <stdlib.h>

typedef struct Walk {
        const Profile *p;
        Arena *scratch;
        uint32_t *function_of_frame; /* UINT32_MAX: not a function */
        uint32_t *first, *next;      /* children of a node; 0 ends */
        uint64_t *samples, *weights; /* per node, with all below */
        uint32_t *on_chain;          /* per function */
        VEC(FunctionCost) functions;
} Walk;

static uint32_t function_number(Walk *w, Map *known, uint32_t frame)
{
        const Frame *f = &w->p->frames.items[frame];
        MapSlot *slot = map_add_u64(known, (uint64_t)f->symbol << 32 | f->module);
        FunctionCost *cost;

        BUG_IF(!slot);
        if (!slot->number) {
                cost = vec_add(w->scratch, &w->functions);
                BUG_IF(!cost);
                cost->frame = frame;
                slot->number = w->functions.len;
        }
        return (uint32_t)slot->number - 1;
}

/* Threads stand at the bottom of a chain under their name; they are not functions. */
static void number_functions(Walk *w)
{
        Map known = map_in(w->scratch, w->p->frames.len + 1);

        w->functions.ceiling = w->p->frames.len + 1;
        w->function_of_frame = new (w->scratch, uint32_t, w->p->frames.len);
        for (uint32_t i = 0; i < w->p->frames.len; i++) {
                bool thread = w->p->frames.items[i].kind == FRAME_THREAD;

                w->function_of_frame[i] = thread ? UINT32_MAX : function_number(w, &known, i);
        }
}

static void sum_and_link(Walk *w)
{
        size_t n = w->p->nodes.len;

        w->first = new (w->scratch, uint32_t, n);
        w->next = new (w->scratch, uint32_t, n);
        w->samples = new (w->scratch, uint64_t, n);
        w->weights = new (w->scratch, uint64_t, n);
        for (size_t i = n; i-- > 1;) {
                const ProfileNode *node = &w->p->nodes.items[i];

                w->samples[i] += node->self_samples;
                w->weights[i] += node->self_weight;
                w->samples[node->parent] += w->samples[i];
                w->weights[node->parent] += w->weights[i];
                w->next[i] = w->first[node->parent];
                w->first[node->parent] = (uint32_t)i;
        }
}

static uint32_t function_of_node(const Walk *w, uint32_t node)
{
        return w->function_of_frame[w->p->nodes.items[node].frame];
}

static void enter(Walk *w, uint32_t node)
{
        uint32_t function = function_of_node(w, node);
        FunctionCost *cost;

        if (function == UINT32_MAX)
                return;
        cost = &w->functions.items[function];
        cost->self_weight += w->p->nodes.items[node].self_weight;
        if (w->on_chain[function]++ == 0) {
                cost->total_weight += w->weights[node];
                cost->samples += w->samples[node];
        }
}

static void leave(Walk *w, uint32_t node)
{
        uint32_t function = function_of_node(w, node);

        if (function != UINT32_MAX)
                w->on_chain[function]--;
}

static void walk(Walk *w)
{
        uint32_t node = w->first[0];

        while (node) {
                enter(w, node);
                if (w->first[node]) {
                        node = w->first[node];
                        continue;
                }
                leave(w, node);
                while (!w->next[node] && w->p->nodes.items[node].parent) {
                        node = w->p->nodes.items[node].parent;
                        leave(w, node);
                }
                node = w->next[node];
        }
}

static int by_self(const void *a, const void *b)
{
        const FunctionCost *x = a, *y = b;

        if (x->self_weight != y->self_weight)
                return x->self_weight < y->self_weight ? 1 : -1;
        if (x->total_weight != y->total_weight)
                return x->total_weight < y->total_weight ? 1 : -1;
        return x->frame < y->frame ? -1 : x->frame > y->frame;
}

size_t profile_functions(const Profile *p, Arena *arena, FunctionCost **ret)
{
        Arena *scratch = arena_new(SIZE_MAX / 2);
        Walk w = { .p = p, .scratch = scratch };
        size_t n;

        number_functions(&w);
        sum_and_link(&w);
        w.on_chain = new (scratch, uint32_t, w.functions.len + 1);
        walk(&w);
        n = w.functions.len;
        *ret = new (arena, FunctionCost, n);
        if (n) {
                memcpy(*ret, w.functions.items, n * sizeof(**ret));
                qsort(*ret, n, sizeof(**ret), by_self);
        }
        arena_free(scratch);
        return n;
}
