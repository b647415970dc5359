/* Boxes in the order of time: thread by thread, each sample beside the one before it; what two
 * neighbours share from the root on is one box (a flame chart). */

#include "present/flame_tree_int.h"

#include <stdlib.h>

#define MOST_BOXES ((size_t)1 << 24)

typedef struct Chart {
        Build *b;
        const uint32_t *functions;
        VEC(Raw) raw;
        VEC(uint32_t) chain; /* functions of the sample, leaf first */
        VEC(uint32_t) open;  /* boxes of the sample before, root first */
} Chart;

static int by_thread_and_time(const void *a, const void *b)
{
        const ProfileSample *x = a, *y = b;

        if (x->thread != y->thread)
                return x->thread < y->thread ? -1 : 1;
        if (x->time_ns != y->time_ns)
                return x->time_ns < y->time_ns ? -1 : 1;
        return x->node < y->node ? -1 : x->node > y->node;
}

static bool take_chain(Chart *c, uint32_t node)
{
        const ProfileNode *nodes = c->b->p->nodes.items;

        c->chain.len = 0;
        for (; node; node = nodes[node].parent) {
                uint32_t *function = vec_add(c->b->scratch, &c->chain);

                if (!function)
                        return false;
                *function = c->functions[nodes[node].frame];
        }
        return true;
}

/* How many boxes from the root on stay open. */
static size_t shared(const Chart *c)
{
        size_t n = 0;

        while (n < c->open.len && n < c->chain.len &&
               c->raw.items[c->open.items[n]].frame == c->chain.items[c->chain.len - 1 - n])
                n++;
        return n;
}

static bool add_sample(Chart *c, const ProfileSample *sample)
{
        size_t depth;
        uint32_t last;

        if (!take_chain(c, sample->node))
                return false;
        depth = shared(c);
        c->open.len = depth;
        for (; depth < c->chain.len; depth++) {
                uint32_t parent = depth ? c->open.items[depth - 1] : 0;
                Raw *raw = vec_add(c->b->scratch, &c->raw);
                uint32_t *box = raw ? vec_add(c->b->scratch, &c->open) : NULL;

                if (!box)
                        return false;
                *raw = (Raw){ .parent = parent, .frame = c->chain.items[c->chain.len - 1 - depth] };
                *box = (uint32_t)c->raw.len - 1;
        }
        last = c->open.len ? c->open.items[c->open.len - 1] : 0;
        c->raw.items[last].self += sample->weight;
        return true;
}

static ProfileSample *in_order(const Build *b)
{
        size_t n = b->p->samples.len;
        ProfileSample *sorted = new_try(b->scratch, ProfileSample, n);

        if (!sorted)
                return NULL;
        memcpy(sorted, b->p->samples.items, n * sizeof(*sorted));
        qsort(sorted, n, sizeof(*sorted), by_thread_and_time);
        return sorted;
}

int flame_time_nodes(Build *b, const uint32_t *functions, Error *err)
{
        Chart c = { .b = b,
                    .functions = functions,
                    .raw = VEC_INIT(MOST_BOXES),
                    .chain = VEC_INIT(MOST_BOXES),
                    .open = VEC_INIT(MOST_BOXES) };
        const ProfileSample *samples;
        bool fits;

        if (b->p->samples.len == 0) {
                fail(err, ERR_UNAVAILABLE, "the profile does not say when its samples were taken");
                return fail_hint(err, "draw it without the order of time");
        }
        samples = in_order(b);
        fits = samples && vec_add(b->scratch, &c.raw); /* the root */
        for (size_t i = 0; fits && i < b->p->samples.len; i++) {
                if (i && samples[i].thread != samples[i - 1].thread)
                        c.open.len = 0;
                fits = add_sample(&c, &samples[i]);
        }
        if (!fits)
                return fail(err, ERR_LIMIT, "more boxes than fit (16 Mi)");
        b->raw = c.raw.items;
        b->n_raw = c.raw.len;
        return 0;
}
