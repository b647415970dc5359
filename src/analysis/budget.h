#pragma once
/* Budgets from files people already have, and the gate that judges runs against them.
 *
 * Two shapes, told apart by content, JSON (with comments) or YAML each:
 *     budgets: { api_endpoints: { p95_latency_ms: 100, throughput_rps: 500 } }
 *     metrics: { p95_latency_ms: { max: 200 }, throughput_rps: { min: 500 } }
 * Besides them a file may hold version, description and $schema; any other section is an error,
 * since nobody would judge it. The key names metric and unit (metric_from_key); one that is no
 * metric FAILS. Without min/max the direction decides: a metric that is better when higher gets a
 * floor, all others a ceiling. A metric without a value in the runs FAILS; one whose quantile
 * cannot be bounded by so few samples is INCONCLUSIVE.
 */

#include "base/option.h"
#include "base/value.h"
#include "model/comparison.h"
#include "model/run.h"

typedef struct BudgetRow {
        Span group, key; /* as written */
        uint32_t line;
        const MetricDef *metric; /* NULL: hone does not know this name */
        double scale;            /* one unit of the key in the metric's unit */
        double min, max;         /* in the metric's unit; NaN: no bound */
} BudgetRow;

typedef struct Budget {
        const char *file;
        BudgetRow *rows;
        size_t len;
} Budget;

int budget_parse(Span text, const char *name, Arena *arena, Budget *ret, Error *err);
/* The first of performance-budget.json, .github/performance-budgets.yaml under `dir`. */
int budget_find(const char *dir, Arena *arena, char **ret_path, Error *err);

typedef struct GateItem {
        const BudgetRow *row;
        GateVerdict verdict;
        double value; /* NaN: no run has it */
        Interval interval;
        uint64_t run_id, n;
        Span reason; /* why, in a sentence */
} GateItem;

typedef struct GateResult {
        GateItem *items;
        size_t len;
        GateVerdict verdict; /* any FAIL fails; else any INCONCLUSIVE */
} GateResult;

/* `groups`: only rows of these groups (NULL: all). The newest run that has a metric counts. */
int gate_judge(const Budget *budget, Run *const *runs, size_t n_runs, const TextList *groups,
               Arena *arena, GateResult *ret, Error *err);
