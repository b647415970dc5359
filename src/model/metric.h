#pragma once
/* The metric catalogue as a table: name, unit, which way is better, where it comes from. */

#include "base/units.h"

#define DIRECTIONS(X) \
        X(LOWER, "lower is better") X(HIGHER, "higher is better") X(NEITHER, "neither")
#define METRIC_LAYERS(X) \
        X(LOAD, "load")  \
        X(SYSTEM, "system") X(PROFILE, "profile") X(COST, "cost") X(BENCH, "bench") X(WEB, "web")

typedef enum Direction {
#define X(id, name) DIRECTION_##id,
        DIRECTIONS(X)
#undef X
} Direction;

typedef enum MetricLayer {
#define X(id, name) LAYER_##id,
        METRIC_LAYERS(X)
#undef X
} MetricLayer;

typedef enum MetricId {
#define METRIC(id, name, unit, direction, layer, aliases, help) METRIC_##id,
#include "model/metrics.def"
#undef METRIC
        METRIC_COUNT_,
} MetricId;

typedef struct MetricDef {
        MetricId id;
        const char *name;
        Unit unit;
        Direction direction;
        MetricLayer layer;
        const char *aliases, *help;
} MetricDef;

const MetricDef *metric_def(MetricId id);
/* By its name or an alias, without a unit suffix; NULL when there is none. */
const MetricDef *metric_find(Span name);
/* The metric that a mistyped name probably means; NULL: none is near. */
const MetricDef *metric_nearest(Span name);
/* A budget key such as "p95_latency_ms", "throughput_rps" or "memory_mb": the metric, and what
 * one unit of the key is in the metric's own unit (1e6 for "_ms" on nanoseconds). NULL: unknown. */
const MetricDef *metric_from_key(Span key, double *ret_scale);
const char *direction_name(Direction direction);
const char *metric_layer_name(MetricLayer layer);
