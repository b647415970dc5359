#pragma once
/* Two sides compared, metric by metric; and verdicts against budgets. */

#include "model/metric.h"
#include "stats/effect.h"

/* What an effect means once the metric's direction is known. */
#define CHANGE_VERDICTS(X)                                                                  \
        X(FASTER,                                                                           \
          "FASTER") /* better, for metrics that are not times: less memory, fewer errors */ \
        X(SLOWER, "SLOWER") X(SAME, "SAME") X(UNKNOWN, "UNKNOWN")

typedef enum ChangeVerdict {
#define X(id, name) CHANGE_##id,
        CHANGE_VERDICTS(X)
#undef X
} ChangeVerdict;

typedef struct MetricChange {
        MetricId metric;
        Span subject;
        double a, b; /* medians of the sides */
        Effect effect;
        double adjusted_p; /* Holm over the metrics that were looked at */
        ChangeVerdict verdict;
} MetricChange;

typedef struct Comparison {
        Span name_a, name_b;
        MetricChange *items;
        size_t len;
        bool paired;           /* interleaved blocks */
        size_t n_a, n_b;       /* runs or blocks a side */
        ChangeVerdict verdict; /* of the whole: any SLOWER is SLOWER, else any FASTER ... */
        Span caveat;           /* what the design cannot see; may be empty */
} Comparison;

/* SUPPRESSED: by a reviewed exception; counts as neither. */
/* clang-format off */
#define GATE_VERDICTS(X)                \
        X(PASS, "PASS")                 \
        X(FAIL, "FAIL")                 \
        X(INCONCLUSIVE, "INCONCLUSIVE") \
        X(SUPPRESSED, "SUPPRESSED")
/* clang-format on */

typedef enum GateVerdict {
#define X(id, name) GATE_##id,
        GATE_VERDICTS(X)
#undef X
} GateVerdict;

const char *change_verdict_name(ChangeVerdict verdict);
const char *gate_verdict_name(GateVerdict verdict);
ChangeVerdict change_verdict(EffectAnswer answer, Direction direction);
