#pragma once
/* Where a series of measurements changed its level: change points that do not cry wolf.
 *
 * Promise: a series without a change gets a false one in at most `alpha` of all series, whatever
 * its length, for normal and heavy-tailed noise, noise with outliers, and noise that depends on
 * its past (AR(1) up to 0.5) alike; bench/change_point_table.c measures this and the power, and
 * what E-divisive does on the same series.
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
        size_t min_segment; /* 0: 4 */
        double min_change;  /* smaller relative changes of the median are not told; ratio */
} ChangePlan;

typedef struct ChangePoint {
        size_t at;            /* index of the first value of the new level */
        double before, after; /* medians of the segments around it */
        double change;        /* relative, of `after` against `before` */
        Interval interval;    /* of the change, 95 % */
        Interval where;       /* indexes between which it lies, 95 %; NaN: cannot be bounded */
        double p;             /* after correction for the search */
} ChangePoint;

typedef struct ChangePoints {
        ChangePoint *items; /* by index */
        size_t len;
        double autocorrelation; /* of what is left when the levels are taken out */
} ChangePoints;

/* Values must be finite. ERR_LIMIT when there are more than 2^24. */
int change_points(const double *x, size_t n, const ChangePlan *plan, Arena *arena,
                  ChangePoints *ret, Error *err);
/* The same for a series that was looked at before and has grown: `known` are its points then, for
 * its first n_known values. Only what the new values can change is looked at again. */
int change_points_append(const double *x, size_t n, size_t n_known, const ChangePoints *known,
                         const ChangePlan *plan, Arena *arena, ChangePoints *ret, Error *err);
