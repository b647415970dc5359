#pragma once
/* Service level objectives from a file: which share of requests must be good.
 *
 * hone's own shape, YAML or JSON:
 *     slos:
 *       - name: search is fast
 *         metric: latency              # latency, service_time, ttfb, transfer, connect, or a
 * metric subject: "GET /api/search"   # all requests when it is left out below: 200ms
 *         objective: 99.5%
 *         window: 28d                  # what the error budget is for
 *       - { name: answers, metric: error_rate, objective: 99.9% }
 *
 * OpenSLO v1 (github.com/OpenSLO/OpenSLO), one or several documents in a file: each objective of a
 * kind SLO with an indicator of its own or one it refers to (kind SLI in the same file), budgeting
 * by Occurrences, whose metricSource has type hone:
 *     thresholdMetric:              spec: { metric: latency_ms, subject: ... }, with op lte or lt
 *     ratioMetric, bad or good:     spec: { metric: error_rate } or { metric: latency, below: ... }
 * What asks another system cannot be judged: it is kept, as unmapped, and is INCONCLUSIVE.
 *
 * gate_slo.c judges them from the runs' full histograms.
 */

#include "base/value.h"
#include "model/metric.h"

#define SLO_KINDS(X)                                              \
        X(BELOW, "below")       /* at most `below` is good */     \
        X(NO_ERROR, "no error") /* a request that did not fail */ \
        X(UNMAPPED, "unmapped") /* hone cannot judge it, and why */

typedef enum SloKind {
#define X(id, name) SLO_##id,
        SLO_KINDS(X)
#undef X
} SloKind;

typedef struct Slo {
        SloKind kind;
        Span name, subject;
        const MetricDef *metric; /* its unit; what exceptions speak about; NULL: unmapped */
        Span distribution;       /* BELOW: "latency"; empty: samples of the metric */
        double below;            /* in the metric's unit */
        double objective;        /* 0.995 */
        uint64_t window_ns;      /* 0: none is said */
        Span why;                /* UNMAPPED */
        uint32_t line;
} Slo;

typedef struct SloList {
        const char *file;
        Slo *items;
        size_t len;
        Span *notes; /* documents that hold no objective */
        size_t n_notes;
} SloList;

int slo_parse(Span text, const char *name, Arena *arena, SloList *ret, Error *err);
