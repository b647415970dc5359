#pragma once
/* Two sets of profiles compared: which functions and which paths grew, shrank, came or went.
 *
 *         DiffPlan plan = { .alpha = 0.05, .tolerance = 0.02, .min_share = 0.005 };
 *         ProfileDiff d;
 *         if (profile_diff(&(DiffSide){ a, n_a }, &(DiffSide){ b, n_b }, &plan, arena, &d, err) <
 * 0) vec_each (DiffRow, row, &d.rows) ...
 *
 * A function is a symbol of a module (a library by its file's name; all executables are one, since
 * the two versions of a program have two names or places); a path is a chain of functions from the
 * root, with threads left out so that those that come and go do not split it. Every function is
 * looked at by its own time and by its time with all it calls, every path by the latter.
 *
 * What is compared is a share. DIFF_SHARE: of the run's own total, so that a load that differs does
 * not matter; what shrinks then makes all the rest grow. DIFF_TIME and DIFF_REQUEST: weight per
 * second of the window or per request, as a share of what side A costs in all; work that went away
 * changes nothing but itself.
 *
 * Four or more runs a side: runs are the samples. A change is called when the step-down max-T
 * permutation test (stats/permute.h: false alarms over all rows at most alpha) and the
 * Hodges-Lehmann interval of the row both say so. Fewer: Fisher's exact test on the samples within
 * the runs, Holm over the rows, where a sample counts for less than one: by the design effect that
 * the order in time shows (DIFF_CLUMPING where times are not kept), and by DIFF_WANDER, the least
 * that shares are taken to differ from run to run, or more where two or three runs show more. The
 * caveat says so. NEW and VANISHED are surely grown or shrunk, and never seen on the other side.
 *
 * Rows are tested when their mean over all runs is above a floor that does not look at the sides;
 * it lets through whatever has min_share on one of them. At most DIFF_MOST_ROWS, the largest.
 */

#include "base/map.h"
#include "model/comparison.h"
#include "model/run.h"

#define DIFF_RUNS_AS_SAMPLES 4
#define DIFF_CLUMPING 2.0 /* samples for one independent one, when their times are not known */
#define DIFF_WANDER 0.05  /* relative, of a small share, from run to run */
#define DIFF_MOST_ROWS 4096
#define DIFF_MOST_RUNS 1000
#define DIFF_NONE UINT32_MAX

#define DIFF_BASES(X)                                       \
        X(SHARE, "share") /* of the run's own total */      \
        X(TIME, "time")   /* weight per second of window */ \
        X(REQUEST, "request")

typedef enum DiffBasis {
#define X(id, name) DIFF_##id,
        DIFF_BASES(X)
#undef X
} DiffBasis;

/* class, and which of the three answers (or none) it is */
#define DIFF_CLASSES(X)                   \
        X(NEW, "NEW", "GREW")             \
        X(GREW, "GREW", "GREW")           \
        X(SHRANK, "SHRANK", "SHRANK")     \
        X(VANISHED, "VANISHED", "SHRANK") \
        X(SAME, "SAME", "SAME")           \
        X(UNKNOWN, "UNKNOWN", "UNKNOWN")

typedef enum DiffClass {
#define X(id, name, answer) DIFF_IS_##id,
        DIFF_CLASSES(X)
#undef X
                DIFF_CLASS_COUNT_,
} DiffClass;

typedef enum DiffMeasure { DIFF_SELF, DIFF_TOTAL, DIFF_PATH, DIFF_MEASURE_COUNT_ } DiffMeasure;

typedef struct DiffFunction {
        Span symbol, module;
} DiffFunction;

typedef struct DiffPath {
        uint32_t parent, function; /* path 0 is the root, of no function */
        uint32_t row;              /* DIFF_NONE: too small to be tested */
} DiffPath;

typedef struct DiffRow {
        DiffMeasure measure;
        uint32_t function, path; /* path: 0 unless the measure is DIFF_PATH */
        double a, b;             /* mean shares by the plan's basis */
        Interval a_interval, b_interval;
        double absolute_a, absolute_b; /* in ProfileDiff.absolute; NaN: not known */
        double change;                 /* of the share, in points: 0.03 is three */
        Interval interval;             /* of the change, 1 - alpha, for this row alone */
        Interval equivalence;          /* 1 - 2 alpha: what SAME is judged on */
        double p;                      /* adjusted for all rows */
        double mde;                    /* smallest change seen with power 0.8; infinite: none */
        DiffClass class;
} DiffRow;

typedef struct DiffCoverage {
        size_t runs;
        uint64_t samples, truncated, lost, dropped, window_ns;
        double total;  /* weight in the unit of ProfileDiff.absolute; NaN: not known */
        double clumps; /* design effect that was used; NaN: runs are the samples */
} DiffCoverage;

typedef struct DiffSide {
        Run *const *runs;
        size_t len;
        const double *requests_per_s; /* of each run while it was profiled; NULL: not known */
} DiffSide;

typedef struct DiffPlan {
        double alpha;     /* 0: 0.05 */
        double tolerance; /* points of share; SAME is within it; 0: 0.02 */
        double min_share; /* 0: 0.005 */
        DiffBasis basis;
        uint64_t seed; /* of the permutations, when they are too many to try all */
} DiffPlan;

typedef struct ProfileDiff {
        Arena *arena;
        DiffPlan plan; /* with its defaults */
        VEC(DiffFunction) functions;
        VEC(DiffPath) paths;
        Map function_ids, child_ids;
        VEC(DiffRow) rows; /* changed ones first, largest change first */
        size_t counts[DIFF_CLASS_COUNT_];
        size_t left_out; /* rows past the ceiling */
        Unit unit;       /* of the weights */
        Unit absolute;   /* of the absolute columns */
        DiffCoverage a, b;
        bool by_runs, exact; /* runs are the samples; all their permutations were tried */
        size_t ways;
        double wander;       /* relative, from run to run, that was allowed for; NaN: by runs */
        GateVerdict verdict; /* FAIL: something surely grew, by more than the tolerance;
                                INCONCLUSIVE: something may have */
        Span caveat;
} ProfileDiff;

int profile_diff(const DiffSide *a, const DiffSide *b, const DiffPlan *plan, Arena *arena,
                 ProfileDiff *ret, Error *err);
/* The path of a function below a path; DIFF_NONE: neither side has it. */
uint32_t profile_diff_child(const ProfileDiff *d, uint32_t path, Span symbol, Span module);
/* All runs of a side in one profile, each with the same weight. */
int profile_diff_merge(const DiffSide *side, Arena *arena, Profile **ret, Error *err);
const char *diff_class_name(DiffClass class);
const char *diff_class_answer(DiffClass class);
const char *diff_basis_name(DiffBasis basis);
