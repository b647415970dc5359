#include "stats/change_point_int.h"

#include <math.h>
#include <string.h>

/* Scratch for each value: scores, order, differences, candidates at their most. */
#define SCRATCH_PER_VALUE 1024
#define SCRATCH_BESIDES MiB(16)

typedef int (*SearchMethod)(Search *search, FoundList *ret, Arena *arena, Error *err);

static const struct {
        const char *name;
        SearchMethod search;
        double alpha;
        size_t min_segment;
} methods[] = {
        [CHANGE_METHOD_RANK] = { "rank", change_search_ranks, 0.05, CHANGE_MIN_SEGMENT },
        [CHANGE_METHOD_E_DIVISIVE] = { "e-divisive", change_search_e_divisive, 0.001, 2 },
};

static int check_values(const double *x, size_t low, size_t n, Error *err)
{
        if (n > CHANGE_MOST_VALUES)
                return fail(err, ERR_LIMIT, "a series of %zu values is too long: at most %zu", n,
                            CHANGE_MOST_VALUES);
        for (size_t i = low; i < n; i++)
                if (!isfinite(x[i]))
                        return fail(err, ERR_INPUT, "value %zu of the series is not finite", i + 1);
        return 0;
}

static size_t past_of(const ChangePoints *points, size_t i, size_t n)
{
        return i + 1 < points->len ? points->items[i + 1].at : n;
}

static void describe(const double *x, size_t n, ChangePoints *points, size_t i, Arena *scratch)
{
        change_describe(x, i ? points->items[i - 1].at : 0, past_of(points, i, n),
                        &points->items[i], scratch);
}

static void drop_point(ChangePoints *points, size_t i)
{
        memmove(points->items + i, points->items + i + 1,
                (points->len - i - 1) * sizeof(*points->items));
        points->len--;
}

/* As a ratio of the larger level to the smaller: half is as much as twice. NaN: there is none. */
static double size_of(const ChangePoint *point)
{
        return point->change < 0 ? 1 / (1 + point->change) - 1 : point->change;
}

/* The smallest change below the limit goes first, since its neighbours grow together; points
 * before `fixed` stay. */
static void drop_small(const double *x, size_t n, double min_change, size_t fixed,
                       ChangePoints *points, Arena *scratch)
{
        for (;;) {
                size_t least = points->len;

                for (size_t i = fixed; i < points->len; i++)
                        if (size_of(&points->items[i]) < min_change &&
                            (least == points->len ||
                             size_of(&points->items[i]) < size_of(&points->items[least])))
                                least = i;
                if (least == points->len)
                        return;
                drop_point(points, least);
                for (size_t i = MAX(least, fixed + 1) - 1; i <= least && i < points->len; i++)
                        describe(x, n, points, i, scratch);
        }
}

/* Lag-1 correlation of the scores of what is left when each level's median is taken out. */
static double left_correlation(const double *x, size_t low, size_t n, const ChangePoints *points,
                               Arena *scratch)
{
        Mark mark = arena_mark(scratch);
        double *left = new (scratch, double, n - low), *room = new (scratch, double, n - low), r;
        Scores scores;

        for (size_t first = low, i = 0; first < n; i++) {
                size_t past = i < points->len ? points->items[i].at : n;
                double median;

                if (past <= first)
                        continue;
                memcpy(room, x + first, (past - first) * sizeof(*x));
                sort_doubles(room, past - first);
                median = median_sorted(room, past - first);
                for (; first < past; first++)
                        left[first - low] = x[first] / 2 - median / 2; /* no overflow */
        }
        scores = change_scores(left, n - low, scratch);
        for (size_t i = 0; i < scores.n; i++)
                room[i] = change_score(scores, i);
        r = autocorrelation(room, scores.n);
        arena_reset(scratch, mark);
        return r;
}

/* What one call works on: the values from `low` on are searched, points before `from` stay. */
typedef struct Work {
        const double *x;
        size_t low, n, from, judged_as;
        const ChangePoint *kept;
        size_t n_kept;
} Work;

static int gather(const Work *w, const FoundList *found, Arena *arena, ChangePoints *ret,
                  Error *err)
{
        ret->items = new_try(arena, ChangePoint, w->n_kept + found->len);
        if (!ret->items)
                return fail(err, ERR_LIMIT, "too little memory for %zu change points", found->len);
        if (w->n_kept)
                memcpy(ret->items, w->kept, w->n_kept * sizeof(*w->kept));
        ret->len = w->n_kept;
        vec_each (Found, it, found) {
                if (it->at >= w->from)
                        ret->items[ret->len++] = (ChangePoint){ .at = it->at, .p = it->p };
        }
        return 0;
}

/* The last point that stays has new values after it. */
static void renew_last(const Work *w, ChangePoints *points, Arena *scratch)
{
        ChangePoint *last = &points->items[w->n_kept - 1];
        Interval where = last->where;

        describe(w->x, w->n, points, w->n_kept - 1, scratch);
        last->where = where;
}

static int run(const Work *w, const ChangePlan *plan, Arena *scratch, Arena *arena,
               ChangePoints *ret, Error *err)
{
        FoundList found = VEC_INIT(CHANGE_MOST_VALUES);
        Search search = {
                .x = w->x,
                .low = w->low,
                .n = w->n,
                .judged_as = w->judged_as,
                .alpha = plan->alpha > 0 ? plan->alpha : methods[plan->method].alpha,
                .min_segment = MAX(plan->min_segment, methods[plan->method].min_segment),
                .scratch = scratch,
        };
        ChangePoints points = { 0 };

        if (methods[plan->method].search(&search, &found, arena, err) < 0 ||
            gather(w, &found, arena, &points, err) < 0)
                return -err->code;
        for (size_t i = w->n_kept; i < points.len; i++)
                describe(w->x, w->n, &points, i, scratch);
        if (w->n_kept)
                renew_last(w, &points, scratch);
        drop_small(w->x, w->n, plan->min_change, w->n_kept, &points, scratch);
        points.autocorrelation = left_correlation(w->x, w->low, w->n, &points, scratch);
        points.work = search.work;
        *ret = points;
        return 0;
}

static int start(const Work *w, const ChangePlan *plan, Arena *arena, ChangePoints *ret, Error *err)
{
        AUTO(arena_freep) Arena *scratch = NULL;

        BUG_IF((size_t)plan->method >= COUNT(methods));
        BUG_IF(!(plan->alpha >= 0 && plan->alpha < 1 && plan->min_change >= 0));
        if (check_values(w->x, w->low, w->n, err) < 0)
                return -err->code;
        scratch = arena_new(SCRATCH_BESIDES + SCRATCH_PER_VALUE * (w->n - w->low));
        return run(w, plan, scratch, arena, ret, err);
}

int change_points(const double *x, size_t n, const ChangePlan *plan, Arena *arena,
                  ChangePoints *ret, Error *err)
{
        return start(&(Work){ .x = x, .n = n }, plan, arena, ret, err);
}

static int check_known(const ChangePoints *known, size_t n_known, Error *err)
{
        for (size_t i = 0; i < known->len; i++)
                if (known->items[i].at == 0 || known->items[i].at >= n_known ||
                    (i && known->items[i].at <= known->items[i - 1].at))
                        return fail(err, ERR_INPUT,
                                    "known change point %zu, at %zu of %zu values, is out of place",
                                    i + 1, known->items[i].at, n_known);
        return 0;
}

int change_points_append(const double *x, size_t n, size_t n_known, const ChangePoints *known,
                         const ChangePlan *plan, Arena *arena, ChangePoints *ret, Error *err)
{
        Work w = { .x = x, .n = n, .kept = known->items };
        size_t base;

        BUG_IF(n_known > n);
        if (check_known(known, n_known, err) < 0)
                return -err->code;
        w.from = n_known - MIN(n_known, (size_t)CHANGE_TAIL);
        while (w.n_kept < known->len && known->items[w.n_kept].at < w.from)
                w.n_kept++;
        base = w.n_kept ? known->items[w.n_kept - 1].at : 0;
        w.low = MAX(base, n_known - MIN(n_known, (size_t)2 * CHANGE_TAIL));
        w.judged_as = w.low ? n : 0;
        return start(&w, plan, arena, ret, err);
}

const char *change_method_name(ChangeMethod method)
{
        BUG_IF((size_t)method >= COUNT(methods));
        return methods[method].name;
}
