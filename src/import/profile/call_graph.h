#pragma once
/* Who calls whom and at what cost, turned into stacks: for formats that keep no stacks (callgrind,
 * pstats).
 *
 *         CallGraph g = call_graph(&in, n_costs);
 *         uint32_t f = call_graph_function(&g, &desc);
 *         call_graph_self(&g, f, costs);
 *         call_graph_edge(&g, caller, callee, costs);        // inclusive
 *         r = call_graph_stacks(&g, 0, p);
 *
 * The stacks are made: a function's cost is shared among its callers in proportion to what each of
 * them spent in it, whoever called those (as gprof and speedscope do it). What no caller explains
 * starts a stack. Costs add up exactly: the profile's total is the sum of all self costs. Calls to
 * a function that is on the stack already, and shares below 1/10000 of the whole, are not followed:
 * their cost stays with the caller.
 */

#include "import/profile/intake.h"

#define CALL_GRAPH_COSTS 16
#define CALL_GRAPH_ITEMS ((size_t)1 << 24)

typedef struct CallFunction {
        FrameDesc desc;
        uint32_t first_edge; /* INTAKE_NONE: none; outgoing */
} CallFunction;

typedef struct CallEdge {
        uint32_t caller, callee, next;
} CallEdge;

typedef struct CallGraph {
        Intake *in;
        size_t n_costs;
        VEC(CallFunction) functions;
        VEC(CallEdge) edges;
        VEC(uint64_t) self_costs, edge_costs; /* n_costs each */
        Map function_ids, edge_ids;
        uint64_t cut; /* cost that was not followed, in the last call_graph_stacks() */
} CallGraph;

CallGraph call_graph(Intake *in, size_t n_costs);
/* By symbol, module, file and line; INTAKE_NONE: the error is written. The texts have to stay. */
uint32_t call_graph_function(CallGraph *g, const FrameDesc *desc);
int call_graph_self(CallGraph *g, uint32_t function, const uint64_t *costs);
int call_graph_edge(CallGraph *g, uint32_t caller, uint32_t callee, const uint64_t *costs);
/* The sum of the self costs. */
uint64_t call_graph_total(const CallGraph *g, size_t cost);
int call_graph_stacks(CallGraph *g, size_t cost, Profile *p);
