#include "present/timeline.h"

#include <stdlib.h>
#include <string.h>

static bool has_times(const Profile *p)
{
        uint64_t weight = 0;

        vec_each (const ProfileSample, s, &p->samples)
                weight += s->weight;
        return p->unit == UNIT_NS && p->samples.len && p->quality.untimed == 0 &&
               weight == p->total_weight;
}

static int by_time(const void *a, const void *b, void *context)
{
        const ProfileSample *samples = context;
        uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;

        if (samples[i].time_ns != samples[k].time_ns)
                return samples[i].time_ns < samples[k].time_ns ? -1 : 1;
        return i < k ? -1 : i > k;
}

size_t timelines(const Profile *p, Arena *arena, Timeline **ret)
{
        Timeline *lines;
        uint32_t *numbers;

        if (!has_times(p))
                return 0;
        lines = new_try(arena, Timeline, p->threads.len + 1);
        numbers = new_try(arena, uint32_t, p->samples.len + 1);
        if (!lines || !numbers)
                return UINT32_MAX;
        vec_each (const ProfileSample, s, &p->samples)
                lines[s->thread].n++;
        for (size_t i = 0; i < p->threads.len; i++) {
                lines[i].thread = (uint32_t)i;
                lines[i].samples = numbers;
                numbers += lines[i].n;
                lines[i].n = 0;
        }
        for (uint32_t i = 0; i < p->samples.len; i++) {
                Timeline *line = &lines[p->samples.items[i].thread];

                line->samples[line->n++] = i;
        }
        for (size_t i = 0; i < p->threads.len; i++)
                qsort_r(lines[i].samples, lines[i].n, sizeof(uint32_t), by_time, p->samples.items);
        *ret = lines;
        return p->threads.len;
}

void node_chain(const Profile *p, uint32_t node, uint32_t *chain, size_t *ret_n)
{
        size_t depth = 0;

        for (uint32_t at = node; at; at = p->nodes.items[at].parent)
                depth++;
        *ret_n = depth;
        for (uint32_t at = node; at; at = p->nodes.items[at].parent)
                chain[--depth] = p->nodes.items[at].frame;
}

size_t deepest_node(const Profile *p)
{
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        uint32_t *depth = new_try(scratch, uint32_t, p->nodes.len + 1);
        size_t most = 0;

        for (size_t i = 1; depth && i < p->nodes.len; i++) {
                depth[i] = depth[p->nodes.items[i].parent] + 1;
                most = MAX(most, (size_t)depth[i]);
        }
        return depth ? most : p->nodes.len;
}

/* --- in time --- */

typedef struct Walk {
        const Profile *p;
        TimelineSteps *steps;
        uint32_t *open, *next; /* chains: what is open, what comes */
        size_t n_open, n_next;
} Walk;

static int close_to(Walk *w, size_t depth, uint64_t at)
{
        int r = 0;

        while (r == 0 && w->n_open > depth)
                r = w->steps->close(w->steps->context, w->open[--w->n_open], at);
        return r;
}

static int change_to(Walk *w, uint32_t node, uint64_t at)
{
        size_t same = 0;
        int r;

        node_chain(w->p, node, w->next, &w->n_next);
        while (same < w->n_open && same < w->n_next && w->open[same] == w->next[same])
                same++;
        r = close_to(w, same, at);
        for (; r == 0 && w->n_open < w->n_next; w->n_open++) {
                w->open[w->n_open] = w->next[w->n_open];
                r = w->steps->open(w->steps->context, w->open[w->n_open], at);
        }
        return r;
}

int timeline_walk(const Profile *p, const Timeline *line, Arena *arena, TimelineSteps *steps)
{
        size_t room = deepest_node(p) + 1;
        Walk w = { .p = p,
                   .steps = steps,
                   .open = new_try(arena, uint32_t, room),
                   .next = new_try(arena, uint32_t, room) };
        uint64_t end = 0;
        int r = w.open && w.next ? 0 : -ERR_LIMIT;

        for (size_t i = 0; r == 0 && i < line->n; i++) {
                const ProfileSample *s = &p->samples.items[line->samples[i]];
                uint64_t start = MAX(s->time_ns, end);

                if (start > end)
                        r = close_to(&w, 0, end);
                if (r == 0)
                        r = change_to(&w, s->node, start);
                end = start + s->weight;
        }
        steps->end = end;
        return r ? r : close_to(&w, 0, end);
}

/* --- side by side --- */

typedef struct Layout {
        uint32_t *first, *next; /* children; 0 ends */
        uint64_t *totals;
} Layout;

static bool layout_of(const Profile *p, Arena *arena, Layout *ret)
{
        Layout l = { .first = new_try(arena, uint32_t, p->nodes.len + 1),
                     .next = new_try(arena, uint32_t, p->nodes.len + 1),
                     .totals = new_try(arena, uint64_t, p->nodes.len + 1) };

        if (!l.first || !l.next || !l.totals)
                return false;
        for (uint32_t i = (uint32_t)p->nodes.len; i-- > 0;) {
                uint32_t parent = p->nodes.items[i].parent;

                l.totals[i] += p->nodes.items[i].self_weight;
                if (i == 0)
                        break;
                l.totals[parent] += l.totals[i];
                l.next[i] = l.first[parent];
                l.first[parent] = i;
        }
        *ret = l;
        return true;
}

/* Without recursion: first[] forgets children as they are visited. */
int timeline_layout(const Profile *p, Arena *arena, TimelineSteps *steps)
{
        uint32_t node = 0;
        uint64_t at = 0;
        Layout l;
        int r = layout_of(p, arena, &l) ? 0 : -ERR_LIMIT;

        while (r == 0) {
                uint32_t child = l.first[node];

                if (child) {
                        l.first[node] = l.next[child];
                        if (l.totals[child] == 0)
                                continue;
                        node = child;
                        r = steps->open(steps->context, p->nodes.items[node].frame, at);
                        continue;
                }
                at += p->nodes.items[node].self_weight;
                if (node == 0)
                        break;
                r = steps->close(steps->context, p->nodes.items[node].frame, at);
                node = p->nodes.items[node].parent;
        }
        steps->end = at;
        return r;
}
