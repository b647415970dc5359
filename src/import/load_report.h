#pragma once
/* One report of a load generator, gathered line by line and handed over when it is whole.
 *
 *         LoadReport report = load_report(in, text, " test @ ");
 *         load_begin(&report, target, line);
 *         load_value(&report, METRIC_THROUGHPUT, rate, line);       // the first one of a kind wins
 *         load_percentile(&report, 99, latency_ns, line);
 *         report.requests = 1000; report.failed = 3;
 *         r = load_end(&report, err);
 *         ...
 *         load_finish(&report);                                     // at the end of the text
 *
 * Several reports in one text are repeated runs: import_summary() makes samples of them. They are
 * of one subject, "", unless their targets differ; then each target is a subject of its own.
 *
 * Reports that print "label: value" are tables of LoadLabel.
 */

#include "base/map.h"
#include "base/vec.h"
#include "import/text_lines.h"
#include "import/text_number.h"

typedef struct LoadValue {
        MetricId metric;
        double percent; /* of latency, one that the catalogue has no metric for; else -1 */
        double value;
        uint64_t line;
} LoadValue;

typedef struct LoadReport {
        Import *in;
        bool several_targets;
        bool open; /* begun, not ended */
        Buf subject_text;
        Span subject;                 /* in it */
        double requests, duration_ns; /* NaN: not known */
        double failed, failed_4xx, failed_5xx, failed_network;
        bool failed_are_further; /* the failed ones are not among the requests */
        Hist *latency; /* every request: better than the percentiles; of scratch; NULL: none */
        Hist *shape;   /* a distribution too coarse for that; of scratch; NULL: none */
        VEC(LoadValue) values;
        uint64_t line;
        Map latencies; /* of all reports, by subject: Hist of the result's arena */
} LoadReport;

/* `target_mark`: what stands before the target on a report's first line; NULL: nothing does. */
LoadReport load_report(Import *in, Span text, const char *target_mark);
void load_begin(LoadReport *report, Span target, uint64_t line);
/* A target that is named later in the report. */
void load_subject(LoadReport *report, Span target);
int load_value(LoadReport *report, MetricId metric, double value, uint64_t line, Error *err);
int load_percentile(LoadReport *report, double percent, double ns, uint64_t line, Error *err);
/* A status code and how many answers had it. */
void load_status(LoadReport *report, unsigned status, double n);
int load_end(LoadReport *report, Error *err);
/* The distributions of all reports, those of one subject merged. */
void load_finish(LoadReport *report);

typedef enum LabelKind {
        LABEL_SKIP,     /* understood, and of no use */
        LABEL_TIME,     /* with its unit */
        LABEL_NUMBER,   /* times `scale` */
        LABEL_SIZE,     /* `scale` bytes are one k */
        LABEL_REQUESTS, /* how many were answered */
        LABEL_DURATION, /* of the whole test; a bare number is times `scale` */
        LABEL_FAILED,   /* how many failed */
        LABEL_OK_RATIO, /* "99.5 %" or "0.995" of them did not */
        LABEL_WARNING,  /* not zero: worth a warning */
} LabelKind;

typedef struct LoadLabel {
        const char *label;
        LabelKind kind;
        MetricId metric;
        double scale;
} LoadLabel;

/* 1: the line starts with one of the labels, and its value was taken; 0: it does not. */
int load_label(LoadReport *report, const LoadLabel *labels, size_t n, const TextLines *lines,
               Error *err);
/* "  99% in 0.0164 secs", "  99.000%   4.25ms": 1 when it is one. */
int load_percent_line(LoadReport *report, const TextLines *lines, Error *err);
