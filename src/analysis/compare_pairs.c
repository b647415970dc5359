#include "analysis/compare_pairs.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/compare_side.h"

static bool has_blocks(const Run *run)
{
        vec_each (const Samples, samples, &run->recording->samples)
                if (samples->blocks)
                        return true;
        return false;
}

bool runs_are_interleaved(const Run *a, const Run *b)
{
        return a != b && a->group.len && span_eq(a->group, b->group) && has_blocks(a) &&
               has_blocks(b);
}

typedef struct Tagged {
        uint32_t block;
        double value;
} Tagged;

static int by_block(const void *a, const void *b)
{
        const Tagged *x = a, *y = b;

        return (x->block > y->block) - (x->block < y->block);
}

/* Samples ordered by block; NULL: too large. */
static Tagged *tagged(const Samples *samples, Arena *arena, size_t *ret_n)
{
        Tagged *list = new_try(arena, Tagged, samples->len);
        size_t n = 0;

        for (size_t i = 0; list && i < samples->len; i++)
                if (isfinite(samples->values[i]))
                        list[n++] = (Tagged){ samples->blocks[i], samples->values[i] };
        if (n > 1)
                qsort(list, n, sizeof(*list), by_block);
        *ret_n = n;
        return list;
}

/* The median of the block that begins at `*at`, and `*at` behind it. */
static double block_median(const Tagged *list, size_t n, size_t *at, Arena *arena)
{
        Mark mark = arena_mark(arena);
        size_t from = *at, to = from;
        double *values, median;

        while (to < n && list[to].block == list[from].block)
                to++;
        values = new (arena, double, to - from);
        for (size_t i = from; i < to; i++)
                values[i - from] = list[i].value;
        median = median_of(values, to - from, arena);
        arena_reset(arena, mark);
        *at = to;
        return median;
}

int pairs_read(const Run *a, const Run *b, MetricId metric, Span subject, Arena *arena, Pairs *ret,
               Error *err)
{
        const Samples *sa = recording_find_samples(a->recording, metric, subject);
        const Samples *sb = recording_find_samples(b->recording, metric, subject);
        size_t n_a, n_b, i = 0, k = 0;
        Tagged *la, *lb;
        Pairs pairs = { 0 };

        if (!sa || !sb || !sa->blocks || !sb->blocks)
                return 0;
        la = tagged(sa, arena, &n_a);
        lb = tagged(sb, arena, &n_b);
        pairs.a = new_try(arena, double, MIN(sa->len, sb->len));
        pairs.b = new_try(arena, double, MIN(sa->len, sb->len));
        if (!la || !lb || !pairs.a || !pairs.b)
                return fail_too_large(err);
        while (i < n_a && k < n_b) {
                if (la[i].block != lb[k].block) {
                        if (la[i].block < lb[k].block)
                                i++;
                        else
                                k++;
                        continue;
                }
                pairs.a[pairs.len] = block_median(la, n_a, &i, arena);
                pairs.b[pairs.len++] = block_median(lb, n_b, &k, arena);
        }
        *ret = pairs;
        return 0;
}
