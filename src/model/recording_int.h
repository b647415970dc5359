#pragma once
/* For a reader of recordings, where the input decides about sizes and names. */

#include "model/recording.h"

Recording *recording_try(Arena *arena, Span instrument); /* NULL when the arena is full */
void recording_distribution_named(Recording *rec, MetricId metric, Span name, Span subject,
                                  Hist *hist);
