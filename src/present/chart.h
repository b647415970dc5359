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
} ChartPlan;

void chart_lines(const ChartLine *lines, size_t n_lines, const ChartPlan *plan, Buf *out);
/* Latency distribution: share of requests (log of 1 - q) against latency, one curve each. */
typedef struct ChartHist {
        const char *name;
        const Hist *hist;
} ChartHist;
void chart_quantiles(const ChartHist *hists, size_t n, const ChartPlan *plan, Buf *out);
/* "▁▂▅▇" of at most `width` characters. */
void spark_text(const double *values, size_t n, int width, Buf *out);
