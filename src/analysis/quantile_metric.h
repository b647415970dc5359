#pragma once
/* Which metrics are quantiles of samples, and whether so many samples can bound them. */

#include "model/recording.h"

/* 0.99 for latency_p99; 0: the metric is no quantile. */
double metric_quantile(MetricId metric);
/* How many samples the metric needs at least for a 95 % interval; 0: it is no quantile. */
size_t metric_min_n(MetricId metric);
/* A quantile without a count of its samples is a claim, and not bounded. */
bool metric_is_bounded(const MetricValue *value);
