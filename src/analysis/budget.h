#pragma once
/* Budgets from files people already have.
 *
 * Two shapes, told apart by content, JSON (with comments) or YAML each:
 *     budgets: { api_endpoints: { p95_latency_ms: 100, throughput_rps: 500 } }
 *     metrics: { p95_latency_ms: { max: 200, tolerance: 5% }, throughput_rps: { min: 500 } }
 *     tolerances: { default: 10%, p50_latency_ms: 5% }
 * Besides them a file may hold version, description and $schema; any other section is an error,
 * since nobody would judge it. The key names metric and unit (metric_from_key); one that is no
 * metric is kept, for the gate to FAIL. Without min/max the direction decides: a metric that is
 * better when higher gets a floor, all others a ceiling. A tolerance says how much worse than a
 * base the metric may get; a row may have bounds, a tolerance, or both. gate.h judges them.
 */

#include "base/value.h"
#include "model/metric.h"

typedef struct BudgetRow {
        Span group, key; /* as written */
        uint32_t line;
        const MetricDef *metric; /* NULL: hone does not know this name */
        double scale;            /* one unit of the key in the metric's unit */
        double min, max;         /* in the metric's unit; NaN: no bound */
        double tolerance;        /* ratio; NaN: none of its own */
} BudgetRow;

typedef struct Budget {
        const char *file;
        BudgetRow *rows;
        size_t len;
        double tolerance; /* of metrics without one of their own; NaN: the file has none */
} Budget;

int budget_parse(Span text, const char *name, Arena *arena, Budget *ret, Error *err);
/* The first of performance-budget.json, .github/performance-budgets.yaml under `dir`. */
int budget_find(const char *dir, Arena *arena, char **ret_path, Error *err);

bool budget_row_is_bounded(const BudgetRow *row);
/* The tolerance of a row: its own, else the file's, else `otherwise`. */
double budget_tolerance(const Budget *budget, const BudgetRow *row, double otherwise);
