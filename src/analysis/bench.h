#pragma once
/* What the samples of benchmarks say: each one's spread and shape, how they compare, how they grow.
 *
 *         r = bench_report(recording, &(BenchQuestion){ 0 }, arena, &report, err);
 *         ... report.rows[i].median, report.comparison.items[j].verdict ...
 *
 * It works on any recording that holds Samples: of hone bench, or read from another tool's results.
 * A row is a benchmark (a subject) with its time, or with the first metric it has when that is
 * none. Rows are compared with the reference; with several programs, each benchmark with the one of
 * the same name in the reference program ("old: sort" and "new: sort"). Samples that were measured
 * in blocks are compared block by block; others as two sets, and then a difference must also exceed
 * BENCH_APART_FLOOR, for what the machine did during one and not during the other is in it.
 * Holm's correction is over all that was compared.
 */

#include "model/comparison.h"
#include "model/run.h"
#include "stats/scaling.h"
#include "stats/shape.h"

#define BENCH_APART_FLOOR 0.05
#define BENCH_DRIFT_ALPHA 0.001 /* of the hint; samples that follow each other are alike */
#define BENCH_DRIFT_LEAST 0.02

/* "sort/n=10/kind=random": base "sort", two parameters. */
typedef struct BenchName {
        Span base;
        Span parameters; /* "/n=10/kind=random"; may be empty */
} BenchName;
BenchName bench_name(Span subject);
/* The next of the parameters; false at the end. */
bool bench_next_parameter(Span *rest, Span *ret_key, Span *ret_value);
/* As a person would write it: "sleep {d}/d=0.1" is "sleep 0.1". */
Span bench_title(Span subject, Arena *arena);

typedef struct BenchRow {
        Span subject, title;
        MetricId metric;
        const Samples *samples;
        double median, mean, deviation, min, max;
        Interval interval; /* of the median, 95 % */
        Outliers outliers;
        bool several_modes;
        double drift;     /* of the second half, when it is beyond chance; else 0 */
        size_t reference; /* the row it is compared with; itself: none */
} BenchRow;

/* How one benchmark grows with one of its parameters. */
typedef struct BenchGrowth {
        Span name, parameter;
        MetricId metric;
        ScalingFit fit;
        size_t n;
} BenchGrowth;

typedef struct BenchQuestion {
        Span reference;       /* subject or title, or a program; empty: the first */
        const Span *programs; /* rows are "PROGRAM: BENCHMARK" */
        size_t n_programs;
        bool alone;              /* nothing is compared unless a reference is named */
        double alpha, tolerance; /* 0: 0.05 and 0.02 */
} BenchQuestion;

typedef struct BenchReport {
        const Recording *recording;
        BenchRow *rows;
        size_t len;
        Comparison comparison; /* items: metric and subject of each row against its reference */
        BenchGrowth *growth;
        size_t n_growth;
} BenchReport;

/* ERR_NOT_FOUND: there is no such reference. */
int bench_report(const Recording *rec, const BenchQuestion *question, Arena *arena,
                 BenchReport *ret, Error *err);
/* What the plan of a run of hone bench asks; of any other run, the question without a wish. */
BenchQuestion bench_question(const Run *run, Arena *arena);
/* The change of a row's own metric; NULL: it was not compared. */
const MetricChange *bench_change(const BenchReport *report, const BenchRow *row);
/* Its row; NULL: none. */
const BenchRow *bench_row(const BenchReport *report, Span subject);
