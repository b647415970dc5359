/* The latency of a load, from a histogram in nanoseconds. */

#include "import/import.h"
#include "stats/quantile.h"

static const struct {
        MetricId metric;
        double q;
} quantiles[] = {
        { METRIC_LATENCY_P50, 0.5 },  { METRIC_LATENCY_P90, 0.9 },    { METRIC_LATENCY_P95, 0.95 },
        { METRIC_LATENCY_P99, 0.99 }, { METRIC_LATENCY_P999, 0.999 },
};

void import_latency(Import *in, Span subject, Hist *latency)
{
        Recording *rec = import_recording(in);

        if (latency->total == 0)
                return;
        recording_value(rec, METRIC_LATENCY_MEAN, subject, hist_mean(latency), latency->total);
        recording_value(rec, METRIC_LATENCY_MIN, subject, (double)latency->min, latency->total);
        recording_value(rec, METRIC_LATENCY_MAX, subject, (double)latency->max, latency->total);
        for (size_t i = 0; i < COUNT(quantiles); i++) {
                Interval interval = hist_quantile_interval(latency, quantiles[i].q, 0.95);
                MetricValue *value = recording_value(rec, quantiles[i].metric, subject,
                                                     (double)hist_quantile(latency, quantiles[i].q),
                                                     latency->total);

                value->low = interval.low;
                value->high = interval.high;
        }
        recording_distribution(rec, METRIC_LATENCY_P50, "latency", subject, latency);
}
