#include "analysis/quantile_metric.h"

#include "stats/quantile.h"

#define CONFIDENCE 0.95

static const struct {
        MetricId metric;
        double q;
} quantiles[] = {
        { METRIC_LATENCY_P50, 0.5 },  { METRIC_LATENCY_P90, 0.9 },    { METRIC_LATENCY_P95, 0.95 },
        { METRIC_LATENCY_P99, 0.99 }, { METRIC_LATENCY_P999, 0.999 }, { METRIC_SEND_LAG_P99, 0.99 },
};

double metric_quantile(MetricId metric)
{
        for (size_t i = 0; i < COUNT(quantiles); i++)
                if (quantiles[i].metric == metric)
                        return quantiles[i].q;
        return 0;
}

size_t metric_min_n(MetricId metric)
{
        double q = metric_quantile(metric);

        return q > 0 ? quantile_min_n(q, CONFIDENCE) : 0;
}

bool metric_is_bounded(const MetricValue *value)
{
        return value->n >= metric_min_n(value->metric);
}
