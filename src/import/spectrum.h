#pragma once
/* The percentile spectrum that HdrHistogram prints (wrk2 --latency, vegeta hdrplot, .hgrm):
 *
 *                Value   Percentile   TotalCount 1/(1-Percentile)
 *                0.187     0.000000            1         1.00
 *
 *         Spectrum spectrum = { .hist = hist, .unit_ns = 1e6, .report = &report };
 *         r = spectrum_line(&spectrum, &lines, err);      // 1: it was a row
 *
 * Quantiles are those of the rows: the first one that reaches a percentile, so none comes out too
 * low. The histogram has the shape alone: what lies between two rows is counted at the upper one.
 * Source: HdrHistogram, AbstractHistogram.outputPercentileDistribution.
 */

#include "import/load_report.h"

typedef struct Spectrum {
        Hist *hist; /* ns */
        double unit_ns;
        double percentile; /* of the last row */
        uint64_t total;
        LoadReport *report; /* gets the percentiles that it does not have yet; NULL: none */
        size_t n_reached;   /* of the catalogue's percentiles */
} Spectrum;

bool spectrum_is_header(Span line);
int spectrum_line(Spectrum *spectrum, const TextLines *lines, Error *err);
