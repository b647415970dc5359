/* Change points by ranks and sizes: stretches are split, split again, and their points reviewed. */
#include "stats/change_point_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROUNDS 64

/* What each look may spend of alpha; the rest is for the error of the tables. */
static const double shares[CHANGE_LOOKS_] = { [CHANGE_BY_RANKS] = 0.75, [CHANGE_BY_SIZE] = 0.2 };

/* A split that noise alone would not have shown, of either look. */
typedef struct Candidate {
        Split split; /* indexes of the whole series */
        double log_p;
} Candidate;
typedef VEC(Candidate) Candidates;

/* Stretches [bounds[i], bounds[i + 1]); those not yet `done` are looked at in the next round. */
typedef struct Stretch {
        size_t low, high;
        bool done;
} Stretch;
typedef VEC(Stretch) Stretches;

static double log_choose(double n, double k)
{
        int sign;

        return lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign);
}

/* Never less than the chance that the values fall apart just there when they are shuffled. */
static double log_p_of(const Search *s, ChangeLook look, Split split, size_t low, size_t high)
{
        size_t n = high - low, judged_as = MAX(n, s->judged_as);
        double seen = change_null_log_p(look, split.z, judged_as) - log(shares[look]);
        double shuffled = log(2) - log_choose((double)n, (double)(split.at - low));

        return fmin(fmax(seen, shuffled), 0);
}

static int add_candidates(const Search *s, ChangeLook look, const Scan *scan, size_t low,
                          size_t high, Candidates *all, Error *err)
{
        for (size_t i = 0; i < scan->n_kept; i++) {
                Split split = scan->kept[i];
                Candidate *slot = vec_add(s->scratch, all);

                if (!slot)
                        return fail(err, ERR_LIMIT, "too little memory for %zu values", s->n);
                split = (Split){ split.low + low, split.at + low, split.high + low, split.z };
                *slot = (Candidate){ split, log_p_of(s, look, split, low, high) };
        }
        return 0;
}

/* The table of gaps knows noise up to a correlation of 0.5: means of noise that depends more on its
 * past wander further. */
#define GAP_CORRELATION 0.5
static double wandering(double correlation)
{
        double most = (1 + GAP_CORRELATION) / (1 - GAP_CORRELATION);

        return fmax(sqrt((1 + correlation) / (1 - correlation) / most), 1);
}

static void divide_gaps(Scan *scan, double by)
{
        for (size_t i = 0; i < scan->n_kept; i++)
                scan->kept[i].z /= by;
}

/* What change_by_size() keeps at this level, in the unit of its table. */
static int look_by_size(const Search *s, const double *x, size_t n, Scan *scan, Error *err)
{
        double by = wandering(scan->correlation - CHANGE_GUARD / sqrt((double)n));

        scan->least *= by;
        if (change_by_size(x, n, scan, s->scratch, err) < 0)
                return -err->code;
        divide_gaps(scan, by);
        return 0;
}

/* All splits of a stretch that either look finds at its share of alpha. */
static int look_at(Search *s, size_t low, size_t high, double alpha, Candidates *all, Error *err)
{
        size_t n = high - low, judged_as = MAX(n, s->judged_as);
        Scan scan = { .min_segment = s->min_segment };
        Scores scores;

        if (n < 2 * s->min_segment)
                return 0;
        scores = change_scores(s->x + low, n, s->scratch);
        if (!scores.sums)
                return fail(err, ERR_LIMIT, "too little memory for %zu values", n);
        for (ChangeLook look = 0; look < CHANGE_LOOKS_; look++) {
                scan.least = change_null_z(look, alpha * shares[look], judged_as);
                if ((look == CHANGE_BY_RANKS
                             ? change_by_ranks(scores, s->min_segment, &scan, s->scratch, err)
                             : look_by_size(s, s->x + low, n, &scan, err)) < 0 ||
                    add_candidates(s, look, &scan, low, high, all, err) < 0)
                        return -err->code;
                s->work += scan.work;
                scan.work = 0;
        }
        return 0;
}

/* The surest first, then the strongest, then the widest and earliest, so that order never depends
 * on the sort. */
static int by_certainty(const void *a, const void *b)
{
        const Candidate *x = a, *y = b;
        double differences[] = {
                x->log_p - y->log_p,
                isinf(x->split.z) && isinf(y->split.z) ? 0 : y->split.z - x->split.z,
                (double)(y->split.high - y->split.low) - (double)(x->split.high - x->split.low),
                (double)x->split.at - (double)y->split.at,
        };

        for (size_t i = 0; i < COUNT(differences); i++)
                if (differences[i] < 0 || differences[i] > 0)
                        return differences[i] < 0 ? -1 : 1;
        return 0;
}

/* Where the first point past `at` would go. */
static size_t place_of(const FoundList *points, size_t at)
{
        size_t low = 0, high = points->len;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (points->items[middle].at > at)
                        high = middle;
                else
                        low = middle + 1;
        }
        return low;
}

/* No known point may lie within its interval, nor too near to it. */
static bool fits(const FoundList *points, Split split, size_t min_segment)
{
        size_t next = place_of(points, split.at);
        size_t left = next ? points->items[next - 1].at : 0;
        size_t right = next < points->len ? points->items[next].at : SIZE_MAX;

        return left <= split.low && right >= split.high &&
               (!next || split.at - left >= min_segment) && right - split.at >= min_segment;
}

static int insert_point(FoundList *points, Found found, Arena *arena, Error *err)
{
        size_t at = place_of(points, found.at);

        if (!vec_add(arena, points))
                return fail(err, ERR_LIMIT, "too little memory for %zu change points", points->len);
        memmove(points->items + at + 1, points->items + at,
                (points->len - 1 - at) * sizeof(*points->items));
        points->items[at] = found;
        return 0;
}

static void remove_point(FoundList *points, size_t i)
{
        memmove(points->items + i, points->items + i + 1,
                (points->len - i - 1) * sizeof(*points->items));
        points->len--;
}

/* Greedy: the surest candidate, then the surest of those it does not explain. */
static int take_best(const Search *s, Candidates *all, double log_looks, FoundList *points,
                     Arena *arena, Error *err)
{
        if (all->len)
                qsort(all->items, all->len, sizeof(*all->items), by_certainty);
        vec_each (Candidate, it, all) {
                double log_p = fmin(it->log_p + log_looks, 0);

                if (log_p > log(s->alpha) || !fits(points, it->split, s->min_segment))
                        continue;
                if (insert_point(points, (Found){ it->split.at, exp(log_p) }, arena, err) < 0)
                        return -err->code;
        }
        return 0;
}

/* The stretches between the points; those that were looked at before are done. */
static int cut(const Search *s, const FoundList *points, const Stretches *before, Stretches *ret,
               Arena *arena, Error *err)
{
        size_t known = 0;

        ret->len = 0;
        for (size_t i = 0; i <= points->len; i++) {
                Stretch *slot = vec_add(arena, ret);

                if (!slot)
                        return fail(err, ERR_LIMIT, "too little memory for %zu stretches", i);
                slot->low = i ? points->items[i - 1].at : s->low;
                slot->high = i < points->len ? points->items[i].at : s->n;
                while (known < before->len && before->items[known].low < slot->low)
                        known++;
                slot->done = known < before->len && before->items[known].low == slot->low &&
                             before->items[known].high == slot->high;
        }
        return 0;
}

/* One look at all stretches that are new, each at its part of alpha. */
static int look_round(Search *s, const Stretches *stretches, FoundList *points, Arena *arena,
                      Error *err)
{
        double looks = (double)stretches->len;

        vec_each (Stretch, it, stretches) {
                Mark mark = arena_mark(s->scratch);
                Candidates all = VEC_INIT(2 * CHANGE_MOST_VALUES);

                if (it->done)
                        continue;
                if (look_at(s, it->low, it->high, s->alpha / looks, &all, err) < 0 ||
                    take_best(s, &all, log(looks), points, arena, err) < 0)
                        return -err->code;
                arena_reset(s->scratch, mark);
        }
        return 0;
}

static int look_until_quiet(Search *s, FoundList *points, Arena *arena, Error *err)
{
        Stretches lists[2] = { VEC_INIT(CHANGE_MOST_VALUES), VEC_INIT(CHANGE_MOST_VALUES) };
        size_t before;

        for (size_t round = 0; round < MOST_ROUNDS; round++) {
                Stretches *now = &lists[round % 2];

                before = points->len;
                if (cut(s, points, &lists[1 - round % 2], now, arena, err) < 0 ||
                    look_round(s, now, points, arena, err) < 0)
                        return -err->code;
                if (points->len == before)
                        break;
        }
        return 0;
}

static size_t bound(const Search *s, const FoundList *points, size_t i, ptrdiff_t side)
{
        if (side < 0)
                return i ? points->items[i - 1].at : s->low;
        return i + 1 < points->len ? points->items[i + 1].at : s->n;
}

/* Between its neighbours a point goes where the two levels part best. */
static int move_point(Search *s, FoundList *points, size_t i, Error *err)
{
        size_t low = bound(s, points, i, -1), high = bound(s, points, i, 1);
        Mark mark = arena_mark(s->scratch);
        Scores scores = change_scores(s->x + low, high - low, s->scratch);
        Split split;

        if (!scores.sums)
                return fail(err, ERR_LIMIT, "too little memory for %zu values", high - low);
        split = change_likeliest(scores, s->min_segment);
        s->work += scores.n;
        if (split.z > 0)
                points->items[i].at = low + split.at;
        arena_reset(s->scratch, mark);
        return 0;
}

/* How sure it is that there is any change between the point's neighbours. */
static int review_point(Search *s, const FoundList *points, size_t i, double *ret_log_p, Error *err)
{
        Mark mark = arena_mark(s->scratch);
        Candidates all = VEC_INIT(2 * CHANGE_MOST_VALUES);
        size_t low = bound(s, points, i, -1), high = bound(s, points, i, 1);
        double log_p = 0;

        if (look_at(s, low, high, s->alpha, &all, err) < 0)
                return -err->code;
        vec_each (Candidate, it, &all)
                log_p = fmin(log_p, it->log_p);
        arena_reset(s->scratch, mark);
        *ret_log_p = log_p;
        return 0;
}

/* Points that no longer show when seen between their neighbours go, the least sure first. */
static int prune(Search *s, FoundList *points, Arena *arena, Error *err)
{
        double *log_p = new_try(arena, double, points->len);

        if (!log_p)
                return fail(err, ERR_LIMIT, "too little memory for %zu change points", points->len);
        for (size_t i = 0; i < points->len; i++)
                if (review_point(s, points, i, &log_p[i], err) < 0)
                        return -err->code;
        while (points->len) {
                size_t worst = 0;

                for (size_t i = 1; i < points->len; i++)
                        if (log_p[i] > log_p[worst])
                                worst = i;
                if (log_p[worst] <= log(s->alpha))
                        break;
                remove_point(points, worst);
                memmove(log_p + worst, log_p + worst + 1, (points->len - worst) * sizeof(*log_p));
                for (size_t i = worst - MIN(worst, (size_t)1); i <= worst && i < points->len; i++)
                        if (move_point(s, points, i, err) < 0 ||
                            review_point(s, points, i, &log_p[i], err) < 0)
                                return -err->code;
        }
        return 0;
}

int change_search_ranks(Search *s, FoundList *ret, Arena *arena, Error *err)
{
        if (look_until_quiet(s, ret, arena, err) < 0)
                return -err->code;
        for (size_t sweep = 0; sweep < 2; sweep++)
                for (size_t i = 0; i < ret->len; i++)
                        if (move_point(s, ret, i, err) < 0)
                                return -err->code;
        return prune(s, ret, arena, err);
}
