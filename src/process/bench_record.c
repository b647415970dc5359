/* From columns to a recording: samples, medians, and notes on how they came about. */

#include "process/bench_int.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "stats/quantile.h"

#define CONFIDENCE 0.95

static void record_median(Recording *rec, const BenchColumn *c, size_t n, Arena *arena)
{
        Mark mark = arena_mark(arena);
        double *sorted = new_try(arena, double, n);
        Interval interval;
        MetricValue *value;
        double median;

        if (!sorted) {
                rec->overflowed = true;
                return;
        }
        memcpy(sorted, c->values, n * sizeof(*sorted));
        sort_doubles(sorted, n);
        interval = quantile_interval(sorted, n, 0.5, CONFIDENCE);
        median = median_sorted(sorted, n);
        arena_reset(arena, mark);
        value = recording_value(rec, c->metric, c->subject, median, n);
        value->low = interval.low;
        value->high = interval.high;
}

static const uint32_t *block_numbers(size_t n, Arena *arena)
{
        uint32_t *blocks = new_try(arena, uint32_t, n);

        for (size_t i = 0; blocks && i < n; i++)
                blocks[i] = (uint32_t)i;
        return blocks;
}

void bench_record(const Bench *b, Recording *rec)
{
        for (size_t i = 0; i < b->columns.len; i++) {
                const BenchColumn *c = &b->columns.items[i];
                size_t n = c->loose ? c->len : b->n_blocks[c->side];
                bool interleaved = !c->loose && !b->plan->sequential;

                if (!bench_column_whole(c, n))
                        continue;
                record_median(rec, c, n, b->arena);
                recording_samples(rec, c->metric, c->subject, c->values,
                                  interleaved ? block_numbers(n, b->arena) : NULL, n);
        }
}
