#pragma once
/* Two runs whose samples were measured side by side, paired by the block each belongs to. */

#include "model/run.h"

typedef struct Pairs {
        double *a, *b; /* one value per block that both have: the median of its samples */
        size_t len;
} Pairs;

/* Runs of one command that hold samples with blocks: their blocks mean the same. */
bool runs_are_interleaved(const Run *a, const Run *b);
/* len 0: they have no block in common for this. */
int pairs_read(const Run *a, const Run *b, MetricId metric, Span subject, Arena *arena, Pairs *ret,
               Error *err);
