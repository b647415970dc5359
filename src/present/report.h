#pragma once
/* The founding documents' report formats, each filled from stored evidence only. */

#include "present/view.h"

/* One iteration of the loop (rows B33, D53). */
typedef struct IterationRow {
        Span bottleneck, change; /* what was aimed at; what was tried */
        double before, after;    /* headline metric */
        MetricId metric;
        Span subject;
        Interval interval; /* of the relative change, from the confirmation */
        Span outcome;      /* "kept", "rejected: no change", "rejected: tests failed" ... */
        Span detail;
        bool kept;
} IterationRow;

typedef struct TargetRow { /* current vs target (row B34) */
        MetricId metric;
        Span subject;
        double baseline, current, target; /* target NaN: none */
        bool met;
} TargetRow;

typedef struct ReportInput {
        Span project, date; /* "2026-11-21" */
        Run *const *before; /* runs of the baseline: load, profile, system; may be empty */
        size_t n_before;
        Run *const *after;
        size_t n_after;
        const Comparison *comparison; /* NULL: none */
        const FindingList *findings;  /* of the baseline; may be NULL */
        const IterationRow *iterations;
        size_t n_iterations;
        const TargetRow *targets;
        size_t n_targets;
        const char *executable;
} ReportInput;

void report_benchmark(Doc *doc, const ReportInput *in);       /* A19-A22 */
void report_profiling(Doc *doc, const ReportInput *in);       /* A23, B13-B15 */
void report_recommendations(Doc *doc, const ReportInput *in); /* A24 */
void report_assessment(Doc *doc, const ReportInput *in);      /* B2-B5 */
void report_iterations(Doc *doc, const ReportInput *in);      /* B33, B34 */
void report_optimization(Doc *doc, const ReportInput *in);    /* D51-D54, D49, D60 */
void report_checklist(Doc *doc, const ReportInput *in);       /* A30 */
/* All of them in one self-contained document with pictures. */
void report_full(Doc *doc, const ReportInput *in);
