/* When a measurement knows enough, and what it says meanwhile.
 *
 * Looking sorts every sample, so it is done again only when there are a twentieth more of them. The
 * rule stops on the width of intervals, never on what a comparison says, so that looking often
 * makes no difference seem real. */

#include "process/bench_int.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "stats/quantile.h"

#define CONFIDENCE 0.95
#define LOOK_AGAIN 20

/* Half the interval of the median, relative to the median; infinite when it has no bounds. */
static double spread_of(const BenchColumn *column, size_t n, Arena *scratch, double *ret_median)
{
        Mark mark = arena_mark(scratch);
        double *sorted = new (scratch, double, n);
        Interval interval;
        double median;

        memcpy(sorted, column->values, n * sizeof(*sorted));
        sort_doubles(sorted, n);
        interval = quantile_interval(sorted, n, 0.5, CONFIDENCE);
        median = median_sorted(sorted, n);
        arena_reset(scratch, mark);
        *ret_median = median;
        if (isnan(interval.low) || !(median > 0))
                return (double)INFINITY;
        return fmax(interval.high - median, median - interval.low) / median;
}

static bool is_looked_at(const Bench *b, const BenchColumn *column, size_t n)
{
        return column->metric == METRIC_TIME && column->side >= b->first_side &&
               column->side < b->first_side + b->n_sides && bench_column_whole(column, n);
}

/* The widest interval of what is being measured. */
static void look(Bench *b, size_t n)
{
        b->spread = 0;
        b->centre = (double)NAN;
        for (size_t i = 0; i < b->columns.len; i++) {
                double median, spread;

                if (!is_looked_at(b, &b->columns.items[i], n))
                        continue;
                spread = spread_of(&b->columns.items[i], n, b->scratch, &median);
                if (isnan(b->centre) || spread > b->spread) {
                        b->spread = spread;
                        b->centre = median;
                }
        }
        b->looked_at = n;
        b->next_look = n + MAX(n / LOOK_AGAIN, (size_t)1);
}

/* Fewer than before: blocks were given up because of noise. */
static void look_when_due(Bench *b, size_t n)
{
        if (n >= b->next_look || n < b->looked_at)
                look(b, n);
}

bool bench_enough(void *bench, size_t n_blocks)
{
        Bench *b = bench;
        const BenchPlan *plan = b->plan;

        if (plan->precision <= 0 || os_now(plan->os) - b->begin_ns < plan->min_time_ns)
                return false;
        look_when_due(b, n_blocks);
        return isfinite(b->centre) && b->spread <= plan->precision;
}

void bench_progress(void *bench, size_t block, uint64_t elapsed_ns)
{
        Bench *b = bench;
        Mark mark = arena_mark(b->scratch);

        if (!b->plan->progress->out)
                return;
        look_when_due(b, block);
        if (isfinite(b->spread) && isfinite(b->centre))
                progress_show(b->plan->progress, "bench: %zu runs  median %s ±%.1f %%  %.1f s",
                              block, unit_text(b->scratch, UNIT_NS, b->centre), b->spread * 100,
                              (double)elapsed_ns / 1e9);
        else
                progress_show(b->plan->progress, "bench: %zu runs  %.1f s", block,
                              (double)elapsed_ns / 1e9);
        arena_reset(b->scratch, mark);
}
