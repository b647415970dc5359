#pragma once
/* Where a series of measurements changed its level: change points that do not cry wolf.
 *
 *         ChangePoints points;
 *         if (change_points(x, n, &(ChangePlan){ 0 }, arena, &points, err) < 0)
 *                 return fail_while(err, "looking for changes");
 *
 * Promise: a series without a change gets a false one in at most `alpha` of all series, whatever
 * its length, for normal and heavy-tailed noise, noise with outliers, and noise that depends on
 * its past (AR(1) up to 0.5) alike; bench/change_point_table.c measures this and the power, and
 * what E-divisive does on the same series. The promise is for one look at one series. A series that
 * is looked at with each new value has a false point at some of these looks more often than that;
 * the table says how often.
 *
 * Method (docs/method.md has the formulas): a stretch is looked at by ranks and by size. By ranks:
 * sums of normal scores on both sides of every split of intervals of all scales (seeded intervals,
 * Kovacs et al. 2023), against what an AR(1) of the correlation seen, and some more, would scatter.
 * By size: gaps between windows that no plausible number of outliers explains. Thresholds are from
 * simulation (change_null.def). The series is cut at the surest splits, each part is looked at
 * again at its part of alpha, each point is moved to its best place between its neighbours, and
 * points that no longer show there go. Everything is deterministic, O(n log n) in time but for the
 * rounds of cutting, and O(n) in memory.
 *
 * Fewer than 8 values say nothing. No outlier is a change: levels have 4 values or more. A slow
 * drift is told as a staircase. Points are in `arena`; other memory is given back.
 */

#include "stats/quantile.h"

#define CHANGE_METHODS(X)                                                          \
        X(RANK, "rank", "ranks, calibrated, with a guard against autocorrelation") \
        X(E_DIVISIVE, "e-divisive", "E-divisive with t-tests, as Hunter and otava do")

typedef enum ChangeMethod {
#define X(id, name, help) CHANGE_METHOD_##id,
        CHANGE_METHODS(X)
#undef X
} ChangeMethod;

typedef struct ChangePlan {
        ChangeMethod method;
        double alpha;       /* 0: 0.05 over the whole series (E-divisive: 0.001 a point) */
        size_t min_segment; /* 0: 4; fewer are taken for 4 (E-divisive has no such limit) */
        double min_change;  /* changes of the median by less, up or down alike, are not told */
} ChangePlan;

typedef struct ChangePoint {
        size_t at;            /* index of the first value of the new level */
        double before, after; /* medians of the segments around it */
        double change;        /* relative, of `after` against `before`; NaN unless both are > 0 */
        Interval interval;    /* of the change, 95 %; NaN when a value is not > 0 */
        Interval where;       /* indexes between which it lies, 95 %; NaN: cannot be bounded */
        double p;             /* after correction for the search (E-divisive's is not) */
} ChangePoint;

typedef struct ChangePoints {
        ChangePoint *items; /* by index */
        size_t len;
        double autocorrelation; /* of what is left when the levels are taken out */
        size_t work;            /* splits that were weighed, of all looks */
} ChangePoints;

const char *change_method_name(ChangeMethod method);
/* Values that are not finite are ERR_INPUT, more than 2^24 of them ERR_LIMIT. */
int change_points(const double *x, size_t n, const ChangePlan *plan, Arena *arena,
                  ChangePoints *ret, Error *err);
/* The same for a series that was looked at before and has grown: `known` are its points then, for
 * its first n_known values. Only the tail is looked at again: what begins CHANGE_TAIL values before
 * n_known, together with up to CHANGE_TAIL values more, back to the last known point before it.
 *   - Known points before the tail stay: `at`, `p`, `where` and what came before. New points are
 *     never put before the tail.
 *   - The tail is judged as change_points() would judge it as a stretch of n values. While n_known
 *     is at most CHANGE_TAIL the answer is that of change_points().
 *   - The cost does not depend on n.
 * A small change that needs more values than the tail has is only found by change_points(). */
#define CHANGE_TAIL 512
int change_points_append(const double *x, size_t n, size_t n_known, const ChangePoints *known,
                         const ChangePlan *plan, Arena *arena, ChangePoints *ret, Error *err);
