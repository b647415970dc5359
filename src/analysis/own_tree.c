#include "analysis/own_tree.h"

#define NOBODY UINT32_MAX
#define MOST_NODES ((size_t)1 << 22)
#define RUNTIME_SHARE                                                              \
        0.5 /* below code made at run time, from which the executable is a runtime \
             */

/* A program that was replaced while it runs carries this in /proc/PID/exe, not in the profile. */
static Span without_deleted(Span path)
{
        Span mark = SPAN(" (deleted)");

        return span_ends(path, mark.ptr) ? span_first(path, path.len - mark.len) : path;
}

static bool is_file_program(Span module)
{
        return span_starts(module, "/") && !span_contains(module, ".so");
}

static uint32_t module_of(const Profile *p, uint32_t node)
{
        return node ? p->frames.items[p->nodes.items[node].frame].module : NOBODY;
}

/* Cost at and below each module, counted where a chain comes into it. */
static uint64_t *module_totals(const Profile *p, Arena *scratch)
{
        uint64_t *totals = profile_totals(p, scratch);
        uint64_t *of_module = new (scratch, uint64_t, p->strings.len);

        for (uint32_t i = 1; i < p->nodes.len; i++) {
                uint32_t module = module_of(p, i);

                if (module != module_of(p, p->nodes.items[i].parent))
                        of_module[module] += totals[i];
        }
        return of_module;
}

static uint32_t find_executable(const Profile *p, const char *executable, Arena *scratch)
{
        uint64_t *of_module = module_totals(p, scratch);
        Span wanted = without_deleted(span_of(executable));
        uint32_t best = NOBODY;

        for (uint32_t m = 1; m < p->strings.len; m++) {
                if (!of_module[m])
                        continue;
                if (wanted.len && span_eq(without_deleted(p->strings.items[m]), wanted))
                        return m;
                if (is_file_program(p->strings.items[m]) &&
                    (best == NOBODY || of_module[m] > of_module[best]))
                        best = m;
        }
        return best;
}

/* Does most of the cost lie below code that was made at run time? */
static bool runs_made_code(const Profile *p, Arena *scratch)
{
        bool *below = new (scratch, bool, p->nodes.len);
        uint64_t weight = 0;

        for (size_t i = 1; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];

                below[i] = below[node->parent] || p->frames.items[node->frame].kind == FRAME_JIT;
                if (below[i])
                        weight += node->self_weight;
        }
        return (double)weight >= RUNTIME_SHARE * (double)p->total_weight;
}

static void mark_own_frames(OwnTree *t, const char *executable)
{
        const Profile *p = t->p;
        uint32_t own = find_executable(p, executable, t->arena);
        bool runtime = runs_made_code(p, t->arena);

        t->own = new (t->arena, bool, p->frames.len);
        for (size_t i = 0; i < p->frames.len; i++) {
                const Frame *frame = &p->frames.items[i];
                bool in_file = frame->kind == FRAME_NATIVE || frame->kind == FRAME_INLINED;

                t->own[i] = frame->kind == FRAME_JIT ||
                            (in_file && !runtime && own != NOBODY && frame->module == own);
        }
}

/* The node of `function` on the chain that ends at `at`; 0 when it is not there. */
static uint32_t find_above(const OwnTree *t, uint32_t at, uint32_t function)
{
        for (int steps = 0; at && steps < OWN_RECURSION; steps++) {
                if (t->nodes.items[at].function == function)
                        return at;
                at = t->nodes.items[at].parent;
        }
        return 0;
}

/* Where a call of `function` from `parent` goes; past the ceiling it stays with its caller. */
static uint32_t own_child(OwnTree *t, uint32_t parent, uint32_t function)
{
        uint32_t above = find_above(t, parent, function);
        MapSlot *slot;
        OwnNode *node;

        if (above)
                return above;
        slot = map_add_u64(&t->children, (uint64_t)parent << 32 | function);
        if (!slot)
                return parent;
        if (slot->number)
                return (uint32_t)slot->number;
        node = vec_add(t->arena, &t->nodes);
        if (!node)
                return parent;
        *node = (OwnNode){ .parent = parent, .function = function, .owner = NOBODY };
        slot->number = t->nodes.len - 1;
        return (uint32_t)slot->number;
}

static void fold(OwnTree *t)
{
        const Profile *p = t->p;

        t->nodes.items[0].own = p->nodes.items[0].self_weight;
        for (size_t i = 1; i < p->nodes.len; i++) {
                const ProfileNode *node = &p->nodes.items[i];
                uint32_t at = t->node_of[node->parent];
                bool own = t->own[node->frame];

                if (own)
                        at = own_child(t, at, p->frames.items[node->frame].symbol);
                t->node_of[i] = at;
                t->nodes.items[at].own += node->self_weight;
                if (own)
                        t->nodes.items[at].code += node->self_weight;
        }
}

static void sum_and_link(OwnTree *t)
{
        OwnNode *nodes = t->nodes.items;

        for (size_t i = t->nodes.len; i-- > 0;) {
                OwnNode *node = &nodes[i], *parent = &nodes[node->parent];

                node->total += node->own;
                if (i == 0)
                        return;
                parent->total += node->total;
                node->next = parent->first;
                parent->first = (uint32_t)i;
                if (!parent->heaviest || node->total >= nodes[parent->heaviest].total)
                        parent->heaviest = (uint32_t)i;
        }
}

void own_tree_build(OwnTree *ret, const Profile *p, const char *executable, Arena *scratch)
{
        OwnNode *root;

        *ret = (OwnTree){ .p = p,
                          .arena = scratch,
                          .nodes = VEC_INIT(MOST_NODES),
                          .total = p->total_weight,
                          .children = map_in(scratch, MOST_NODES) };
        root = vec_add(scratch, &ret->nodes);
        BUG_IF(!root);
        root->owner = NOBODY;
        ret->node_of = new (scratch, uint32_t, p->nodes.len);
        mark_own_frames(ret, executable);
        fold(ret);
        sum_and_link(ret);
}
