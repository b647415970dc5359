#pragma once
/* Small SVG charts for reports, drawn without a library: self-contained, dark-mode aware. */

#include "base/units.h"
#include "stats/hist.h"

typedef struct ChartLine {
        const char *name;
        const double *values; /* NaN: a gap */
        size_t len;
} ChartLine;

typedef struct ChartPlan {
        const char *title, *x_label;
        Unit unit;     /* of y */
        double x_step; /* what one step is */
        Unit x_unit;
        int width, height; /* 0: 640 x 240 */
        double y_min;      /* the y axis begins at or below it; 0: at 0 */
} ChartPlan;

void chart_lines(const ChartLine *lines, size_t n_lines, const ChartPlan *plan, Buf *out);
/* A series over time or commits: a dot a value (a long one: the lowest and highest of as many as
 * share a pixel), a line a level, and a numbered mark where a level begins. */
typedef struct ChartLevel {
        size_t from, to; /* values from..to-1 */
        double value;
        Span mark; /* empty: none */
} ChartLevel;
void chart_levels(const double *values, size_t n, const ChartLevel *levels, size_t n_levels,
                  const ChartPlan *plan, Buf *out);
/* Latency distribution: share of requests (log of 1 - q) against latency, one curve each. */
typedef struct ChartHist {
        const char *name;
        const Hist *hist;
} ChartHist;
void chart_quantiles(const ChartHist *hists, size_t n, const ChartPlan *plan, Buf *out);
/* "▁▂▅▇" of at most `width` characters. */
void spark_text(const double *values, size_t n, int width, Buf *out);
