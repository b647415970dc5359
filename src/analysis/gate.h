#pragma once
/* The gate: everything that may stop a change, judged together, each as an item of one result.
 *
 *         GateInput in = { .budget = &budget, .runs = runs, .n_runs = n, .tolerance = 0.05 };
 *         GateResult result;
 *         r = gate_judge(&in, arena, &result, err);
 *
 * Sources, each a file of its own (gate_NAME.c):
 *     budget   absolute bounds of the budget file: PASS when the whole 95 % interval is within,
 *              FAIL when the whole interval is beyond, INCONCLUSIVE when it straddles the bound. A
 *              value without an interval is judged as it is, and says so
 *     base     tolerances against the runs of a base: FAIL when surely worse beyond the tolerance
 *              (Holm over all metrics), PASS when surely not, INCONCLUSIVE with the smallest
 *              change that could have been seen
 *     history  the newest level of a metric: FAIL when it is a change for the worse beyond the
 *              tolerance that nobody accepted
 *     slo      a share of requests, counted in full histograms, with its exact binomial interval
 *
 * A metric that no run has, or whose name hone does not know, FAILS: a budget that is not measured
 * does not hold. A run that was interrupted, and a slow one on a machine too busy to trust, are
 * INCONCLUSIVE. The whole: any FAIL fails, else any INCONCLUSIVE; what an exception suppresses
 * counts as neither.
 *
 * Everything in the result points into the input and the arena.
 */

#include "analysis/budget.h"
#include "analysis/history.h"
#include "analysis/slo.h"
#include "base/option.h"
#include "model/comparison.h"
#include "model/run.h"

#define GATE_SOURCES(X)              \
        X(BUDGET, budget, "budgets") \
        X(BASE, base, "against the base") X(HISTORY, history, "history") X(SLO, slo, "SLOs")

typedef enum GateSource {
#define X(id, name, words) GATE_SOURCE_##id,
        GATE_SOURCES(X)
#undef X
} GateSource;

typedef struct GateInput {
        const Budget *budget;   /* NULL: none */
        const TextList *groups; /* only budgets of these groups; NULL: all */
        Run *const *runs;       /* what is judged, oldest first */
        size_t n_runs;
        Run *const *base; /* what it is judged against; n_base 0: nothing */
        size_t n_base;
        bool paired;      /* the n-th runs of both sides were measured side by side */
        double tolerance; /* where the budget file has none; 0: 5 % */
        double alpha;     /* 0: 0.05, over all metrics compared with the base */
        const SloList *slos;
        size_t n_slos;            /* files */
        const History *histories; /* of the metrics and subjects to judge */
        size_t n_histories;
        bool by_history; /* asked for: that there is no series is told */
        const ExceptionList *exceptions;
        uint64_t now_ns; /* since 1970: whether an exception has expired */
        /* Does `commit` hold `revision`? NULL or false: not that we know. A commit that is known
         * holds itself. */
        bool (*holds)(void *context, Span revision, Span commit);
        void *context;
} GateInput;

typedef struct GateItem {
        GateSource source;
        GateVerdict verdict, judged; /* judged: what it were without an exception */
        Span group, name;            /* as the file has them; the metric's name if it does not */
        const MetricDef *metric;     /* NULL: hone does not know this name */
        Span subject;
        const BudgetRow *row; /* of the budget file; NULL: none */
        const char *file;     /* where the rule stands; NULL: in no file */
        uint32_t line;        /* 0: none */
        Unit unit;            /* of value, before and interval */
        double value;         /* NaN: no run has it */
        double before;        /* base and history; NaN else */
        Interval interval;    /* of the value */
        double change;        /* base and history: relative; NaN else */
        Interval change_interval;
        double mde;         /* base: the smallest change it could have seen; NaN else */
        uint64_t run_id, n; /* the newest run; samples (or runs, when `over_runs`) */
        bool over_runs;
        Span limit;                 /* "<= 100 ms", "5 % worse", "99.5 % within 200 ms" */
        Span reason;                /* why, in a sentence, and what would settle it */
        const Exception *exception; /* NULL: none speaks about it */
} GateItem;

typedef struct GateResult {
        GateItem *items;
        size_t len;
        GateVerdict verdict;
        const char *budget_file;            /* NULL: none was judged */
        size_t counts[GATE_SUPPRESSED + 1]; /* of items by verdict */
        Span *notes;                        /* caveats, expired exceptions, what was not judged */
        size_t n_notes;
} GateResult;

/* ERR_USAGE when there is nothing to judge. */
int gate_judge(const GateInput *in, Arena *arena, GateResult *ret, Error *err);
/* Is the metric one of those that base and history are judged by: the file's, and the standard ones
 * unless the file says all (it lists tolerances and no default)? */
bool gate_compares(const GateInput *in, MetricId metric);
/* How much worse it may get: its row's tolerance, the file's default, the input's, or 5 %. */
double gate_tolerance(const GateInput *in, MetricId metric);
const char *gate_source_name(GateSource source);  /* "base" */
const char *gate_source_words(GateSource source); /* "against the base" */
/* "api_endpoints.p95_latency_ms", "latency_p50 of GET /x" */
Span gate_item_words(const GateItem *item, Arena *arena);
