#pragma once
/* One metric over commits: which runs count, in which order, and where its level changed.
 *
 *         HistoryPlan plan = { .order = &order, .exceptions = &exceptions, .now_ns = now };
 *         store_values(store, &query, arena, &points, &n, err);
 *         history_split(points, n, arena, &parts, &n_parts, err);     // an instrument and target
 *         history_build(&parts[0], &name, &plan, (Span){ 0 }, arena, &history, err);
 *
 * One value a revision: the median of its runs on one machine (the machine of the newest run,
 * unless another is asked for). Runs of other machines, of changed work trees, partial, unreliable
 * or without a value are left out and counted, and so are revisions that the order does not hold.
 * Nothing is filled in: a revision without a value is no point.
 *
 * Change points are those of stats/change_point.h. A change is better or worse by the metric's
 * direction, and accepted when a reviewed exception takes the level of its commit, or of a later
 * one, for the base line.
 */

#include "analysis/commit_order.h"
#include "analysis/exception.h"
#include "stats/change_point.h"
#include "store/store.h"

#define HISTORY_MIN_SEGMENT 4

#define LEFT_OUT(X)                                                   \
        X(OTHER_MACHINE, "other_machine", "of another machine")       \
        X(PARTIAL, "partial", "interrupted")                          \
        X(UNRELIABLE, "unreliable", "on a machine too busy to trust") \
        X(DIRTY, "dirty", "of a changed work tree")                   \
        X(NO_VALUE, "no_value", "without a value")                    \
        X(NO_REVISION, "no_revision", "without a revision")           \
        X(OTHER_BRANCH, "other_branch", "of revisions that are not in this branch")

typedef enum LeftOut {
#define X(id, name, words) LEFT_OUT_##id,
        LEFT_OUT(X)
#undef X
                LEFT_OUT_COUNT_,
} LeftOut;

#define CHANGE_QUALITIES(X) X(BETTER, "better") X(WORSE, "worse") X(DIFFERENT, "different")
typedef enum ChangeQuality {
#define X(id, name) QUALITY_##id,
        CHANGE_QUALITIES(X)
#undef X
} ChangeQuality;

#define CHANGE_STATES(X) X(OPEN, "open") X(ACCEPTED, "accepted") X(SUPPRESSED, "suppressed")
typedef enum ChangeState {
#define X(id, name) STATE_##id,
        CHANGE_STATES(X)
#undef X
} ChangeState;

typedef struct Commit {
        Span hash, author, date, subject; /* as git has them: not yet safe to print */
} Commit;

/* The commits among which a change lies. */
typedef struct Blame {
        Span good, bad; /* revisions: the last before, the first surely after; may be empty */
        Commit *commits;
        size_t len;
        uint64_t total; /* of which `len` are here */
        Span reason;    /* why there is none */
} Blame;

typedef struct HistoryPoint {
        Span revision;            /* empty: the run has none */
        size_t position;          /* in the order; by time: its number */
        uint64_t wall_ns, run_id; /* of its newest run */
        uint64_t runs;
        double value;
        double low, high; /* one run: its interval; several: lowest and highest; NaN: none */
} HistoryPoint;

typedef struct HistoryChange {
        ChangePoint point;
        size_t good, bad; /* points: the last surely before, the first surely after */
        bool bounded;     /* false: the change could not be located, good and bad are neighbours */
        ChangeQuality quality;
        ChangeState state;
        const Exception *exception; /* that accepts or suppresses it */
        Span note;                  /* what somebody wrote about it */
        const Blame *blame;         /* NULL: nobody asked */
} HistoryChange;

typedef struct HistoryName {
        const MetricDef *metric; /* NULL: a column that is in no catalogue */
        Span name, subject;
        Unit unit;
        Direction direction;
} HistoryName;

typedef struct History {
        HistoryName name;
        Span instrument, target, machine_id;
        HistoryPoint *points;
        size_t len;
        HistoryChange *changes; /* oldest first */
        size_t n_changes;
        ChangePlan plan;
        double autocorrelation;
        bool by_commit;
        uint64_t runs; /* all there are */
        uint64_t left_out[LEFT_OUT_COUNT_];
        Span other_machine; /* the one with most of the runs that were left out */
        Span *remarks;      /* what people have to know: exceptions that expired ... */
        size_t n_remarks;
        size_t looked_at; /* values that change_points() had to look at */
        Span known;       /* for the next time: see history_known.h; empty: nothing is new */
} History;

typedef struct HistoryPlan {
        ChangePlan change;
        const CommitOrder *order;        /* NULL: by time */
        Span machine;                    /* prefix; empty: that of the newest run */
        const ExceptionList *exceptions; /* NULL: none */
        uint64_t now_ns;
} HistoryPlan;

/* Points of one metric and subject that were measured the same way, oldest first. */
typedef struct HistoryPart {
        const MetricPoint *points;
        size_t len;
} HistoryPart;

HistoryName history_name(const MetricDef *metric, Span subject);
/* By instrument and target, in the order of their first runs. */
int history_split(const MetricPoint *points, size_t n, Arena *arena, HistoryPart **ret,
                  size_t *ret_n, Error *err);
/* `known`: what history_build() gave the last time, or empty; wrong or old bytes do no harm. */
int history_build(const HistoryPart *part, const HistoryName *name, const HistoryPlan *plan,
                  Span known, Arena *arena, History *ret, Error *err);

/* A copy that outlives the arena of the original (exceptions and notes stay where they are). The
 * points come along when there are changes or they are asked for; else only their number. */
int history_keep(const History *history, bool with_points, Arena *arena, History *ret, Error *err);

/* Too few points for a change to be seen at all. */
bool history_too_short(const History *history);
/* The newest change; NULL: none. */
HistoryChange *history_newest(const History *history);
/* The newest change is worse, and nobody has accepted it. */
bool history_fails(const History *history);

const char *left_out_name(LeftOut reason);
const char *left_out_words(LeftOut reason);
const char *change_quality_name(ChangeQuality quality);
const char *change_state_name(ChangeState state);
