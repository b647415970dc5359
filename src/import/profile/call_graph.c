#include "import/profile/call_graph.h"

#include <string.h>

#define DEEPEST 512
#define SMALLEST 10000 /* shares of the whole below one of so many are not followed */
#define MOST_STEPS 200000000

CallGraph call_graph(Intake *in, size_t n_costs)
{
        return (CallGraph){ .in = in,
                            .n_costs = n_costs,
                            .functions = VEC_INIT(CALL_GRAPH_ITEMS),
                            .edges = VEC_INIT(CALL_GRAPH_ITEMS),
                            .self_costs = VEC_INIT(CALL_GRAPH_ITEMS * 4),
                            .edge_costs = VEC_INIT(CALL_GRAPH_ITEMS * 4),
                            .function_ids = map_in(in->scratch, CALL_GRAPH_ITEMS),
                            .edge_ids = map_in(in->scratch, CALL_GRAPH_ITEMS) };
}

static bool room(CallGraph *g, bool edges)
{
        for (size_t i = 0; i < g->n_costs; i++)
                if (!(edges ? vec_add(g->in->scratch, &g->edge_costs)
                            : vec_add(g->in->scratch, &g->self_costs)))
                        return false;
        return true;
}

static Span function_key(CallGraph *g, const FrameDesc *d)
{
        size_t len = d->symbol.len + d->module.len + d->file.len + sizeof(d->line) + 2;
        Buf key = buf_in(g->in->scratch, len + 1);

        buf_add(&key, d->symbol);
        buf_byte(&key, '\0');
        buf_add(&key, d->module);
        buf_byte(&key, '\0');
        buf_add(&key, d->file);
        buf_bytes(&key, &d->line, sizeof(d->line));
        return key.overflowed ? (Span){ 0 } : buf_span(&key);
}

uint32_t call_graph_function(CallGraph *g, const FrameDesc *desc)
{
        Mark mark = arena_mark(g->in->scratch);
        Span key = function_key(g, desc);
        MapSlot *slot = key.ptr ? map_find(&g->function_ids, key) : NULL;
        CallFunction *f;

        if (slot) {
                arena_reset(g->in->scratch, mark);
                return (uint32_t)slot->number;
        }
        slot = key.ptr ? map_add(&g->function_ids, key) : NULL;
        f = slot ? vec_add(g->in->scratch, &g->functions) : NULL;
        if (!f || !room(g, false)) {
                intake_full(g->in, "functions");
                return INTAKE_NONE;
        }
        *f = (CallFunction){ .desc = *desc, .first_edge = INTAKE_NONE };
        slot->number = g->functions.len - 1;
        return (uint32_t)g->functions.len - 1;
}

static int add_costs(CallGraph *g, uint64_t *sums, const uint64_t *costs)
{
        for (size_t i = 0; i < g->n_costs; i++)
                if (__builtin_add_overflow(sums[i], costs[i], &sums[i]) ||
                    sums[i] > UINT64_MAX >> 4)
                        return intake_fail(g->in, ERR_INPUT, "the costs add up to too much");
        return 0;
}

int call_graph_self(CallGraph *g, uint32_t function, const uint64_t *costs)
{
        return add_costs(g, &g->self_costs.items[function * g->n_costs], costs);
}

int call_graph_edge(CallGraph *g, uint32_t caller, uint32_t callee, const uint64_t *costs)
{
        MapSlot *slot = map_add_u64(&g->edge_ids, (uint64_t)caller << 32 | callee);
        CallEdge *edge;

        if (!slot)
                return intake_full(g->in, "calls");
        if (!slot->number) {
                edge = vec_add(g->in->scratch, &g->edges);
                if (!edge || !room(g, true))
                        return intake_full(g->in, "calls");
                *edge = (CallEdge){ caller, callee, g->functions.items[caller].first_edge };
                slot->number = g->edges.len;
                g->functions.items[caller].first_edge = (uint32_t)g->edges.len - 1;
        }
        return add_costs(g, &g->edge_costs.items[(slot->number - 1) * g->n_costs], costs);
}

/* --- stacks --- */

typedef struct Level {
        uint32_t function, node;
        uint64_t weight; /* of the function here, with all below */
        uint64_t rest;   /* of it, not handed on yet: its own in the end */
        uint64_t whole;  /* what `weight` is a share of */
        uint32_t edge;   /* the next to follow */
} Level;

typedef struct Walk {
        CallGraph *g;
        Profile *p;
        size_t cost;
        uint64_t smallest, steps;
        uint32_t *frames;
        bool *on_stack;
        Level *levels;
        size_t depth;
} Walk;

static uint64_t self_of(const Walk *w, uint32_t function)
{
        return w->g->self_costs.items[function * w->g->n_costs + w->cost];
}

static uint64_t edge_of(const Walk *w, uint32_t edge)
{
        return w->g->edge_costs.items[edge * w->g->n_costs + w->cost];
}

uint64_t call_graph_total(const CallGraph *g, size_t cost)
{
        uint64_t total = 0;

        for (size_t i = 0; i < g->functions.len; i++)
                if (__builtin_add_overflow(total, g->self_costs.items[i * g->n_costs + cost],
                                           &total))
                        return UINT64_MAX;
        return total;
}

static uint64_t share(uint64_t weight, uint64_t part, uint64_t whole)
{
        return whole ? (uint64_t)((unsigned __int128)weight * part / whole) : 0;
}

/* What a function spends by itself and in those that are not on the stack. */
static uint64_t whole_of(Walk *w, uint32_t function)
{
        unsigned __int128 whole = self_of(w, function);

        for (uint32_t e = w->g->functions.items[function].first_edge; e != INTAKE_NONE;
             e = w->g->edges.items[e].next, w->steps++)
                if (!w->on_stack[w->g->edges.items[e].callee])
                        whole += edge_of(w, e);
        return whole > UINT64_MAX ? UINT64_MAX : (uint64_t)whole;
}

static int open_level(Walk *w, uint32_t parent, uint32_t function, uint64_t weight)
{
        Level *level = &w->levels[w->depth];
        CallFunction *f = &w->g->functions.items[function];

        if (w->frames[function] == INTAKE_NONE)
                w->frames[function] = intake_frame(w->g->in, w->p, &f->desc);
        if (w->frames[function] == INTAKE_NONE)
                return intake_failed(w->g->in);
        w->on_stack[function] = true;
        *level = (Level){ .function = function,
                          .weight = weight,
                          .rest = weight,
                          .whole = whole_of(w, function),
                          .edge = f->first_edge,
                          .node = intake_child(w->g->in, w->p, parent, w->frames[function]) };
        w->depth++;
        return level->node == INTAKE_NONE ? intake_failed(w->g->in) : 0;
}

static int close_level(Walk *w)
{
        Level *level = &w->levels[--w->depth];

        w->on_stack[level->function] = false;
        return level->rest ? intake_add(w->g->in, w->p, level->node, 1, level->rest) : 0;
}

/* Follows the next call of the innermost level, or closes it. */
static int step(Walk *w)
{
        Level *level = &w->levels[w->depth - 1];
        const CallEdge *edge;
        uint64_t weight;

        if (level->edge == INTAKE_NONE)
                return close_level(w);
        edge = &w->g->edges.items[level->edge];
        weight = w->on_stack[edge->callee]
                         ? 0
                         : share(level->weight, edge_of(w, level->edge), level->whole);
        weight = MIN(weight, level->rest);
        level->edge = edge->next;
        w->steps++;
        if (weight == 0)
                return 0;
        if (weight < w->smallest || w->depth >= DEEPEST || w->steps > MOST_STEPS ||
            w->p->nodes.len + DEEPEST >= w->p->nodes.ceiling) {
                w->g->cut += weight;
                return 0;
        }
        level->rest -= weight;
        return open_level(w, level->node, edge->callee, weight);
}

static int walk_from(Walk *w, uint32_t function, uint64_t weight)
{
        int r = weight ? open_level(w, 0, function, weight) : 0;

        while (r == 0 && w->depth)
                r = step(w);
        return r;
}

/* What each function costs beyond what its callers spend in it. */
static uint64_t *roots_of(const Walk *w)
{
        size_t n = w->g->functions.len;
        uint64_t *outward = new_try(w->g->in->scratch, uint64_t, n + 1);
        uint64_t *inward = new_try(w->g->in->scratch, uint64_t, n + 1);

        if (!outward || !inward)
                return NULL;
        for (uint32_t i = 0; i < n; i++)
                outward[i] = self_of(w, i);
        for (uint32_t e = 0; e < w->g->edges.len; e++) {
                const CallEdge *edge = &w->g->edges.items[e];

                if (edge->caller == edge->callee)
                        continue;
                outward[edge->caller] += MIN(edge_of(w, e), UINT64_MAX - outward[edge->caller]);
                inward[edge->callee] += MIN(edge_of(w, e), UINT64_MAX - inward[edge->callee]);
        }
        for (size_t i = 0; i < n; i++)
                outward[i] = outward[i] > inward[i] ? outward[i] - inward[i] : 0;
        return outward;
}

/* Recursion makes costs count twice: what the roots have then is brought to the total. */
static int walk_all(Walk *w, uint64_t *roots, uint64_t total)
{
        unsigned __int128 sum = 0;
        uint64_t left = total, given;
        uint32_t largest = 0;
        int r = 0;

        for (uint32_t i = 0; i < w->g->functions.len; i++) {
                sum += roots[i];
                largest = roots[i] > roots[largest] ? i : largest;
        }
        if (sum == 0)
                return walk_from(w, largest, total);
        for (uint32_t i = 0; i < w->g->functions.len; i++) {
                given = sum == total ? roots[i]
                                     : (uint64_t)((double)roots[i] / (double)sum * (double)total);
                roots[i] = MIN(given, left);
                left -= roots[i];
        }
        roots[largest] += left;
        for (uint32_t i = 0; r == 0 && i < w->g->functions.len; i++)
                r = walk_from(w, i, roots[i]);
        return r;
}

int call_graph_stacks(CallGraph *g, size_t cost, Profile *p)
{
        size_t n = g->functions.len;
        uint64_t total = call_graph_total(g, cost), *roots;
        Walk w = { .g = g, .p = p, .cost = cost, .smallest = total / SMALLEST };

        w.frames = new_try(g->in->scratch, uint32_t, n + 1);
        w.on_stack = new_try(g->in->scratch, bool, n + 1);
        w.levels = new_try(g->in->scratch, Level, DEEPEST + 1);
        roots = roots_of(&w);
        if (!w.frames || !w.on_stack || !w.levels || !roots)
                return intake_full(g->in, "functions");
        memset(w.frames, 0xff, (n + 1) * sizeof(*w.frames));
        g->cut = 0;
        return total ? walk_all(&w, roots, total) : 0;
}
