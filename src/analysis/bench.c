#include "analysis/bench.h"

#include <math.h>
#include <string.h>

#include "analysis/bench_int.h"
#include "base/map.h"
#include "base/vec.h"
#include "stats/quantile.h"

#define CONFIDENCE 0.95
#define MOST_ROWS 10000

static double mean_of(const double *x, size_t n)
{
        double sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += x[i];
        return sum / (double)n;
}

/* Of the sample; NaN of a single one. */
static double deviation_of(const double *x, size_t n, double mean)
{
        double sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += (x[i] - mean) * (x[i] - mean);
        return n > 1 ? sqrt(sum / (double)(n - 1)) : (double)NAN;
}

static int describe(BenchRow *row, Arena *arena, Error *err)
{
        size_t n = row->samples->len;
        double *sorted = new_try(arena, double, n);
        Drift drift;

        if (!sorted)
                return fail(err, ERR_LIMIT, "%zu samples are more than fit in memory", n);
        memcpy(sorted, row->samples->values, n * sizeof(*sorted));
        drift = drift_of(row->samples->values, n, arena);
        sort_doubles(sorted, n);
        row->median = median_sorted(sorted, n);
        row->mean = mean_of(sorted, n);
        row->deviation = deviation_of(sorted, n, row->mean);
        row->min = sorted[0];
        row->max = sorted[n - 1];
        row->interval = quantile_interval(sorted, n, 0.5, CONFIDENCE);
        row->outliers = outliers_of(sorted, n);
        row->several_modes = modal_value(sorted, n) > MODAL_VALUE_SEVERAL;
        if (drift.p <= BENCH_DRIFT_ALPHA && fabs(drift.change) >= BENCH_DRIFT_LEAST)
                row->drift = drift.change;
        return 0;
}

/* One row for each subject, in the order of recording; its time, else what comes first. */
static int find_rows(const Recording *rec, Arena *arena, BenchReport *report, Error *err)
{
        Map seen = map_in(arena, MOST_ROWS);
        VEC(BenchRow) rows = VEC_INIT(MOST_ROWS);

        for (size_t i = 0; i < rec->samples.len; i++) {
                const Samples *samples = &rec->samples.items[i];
                MapSlot *slot = samples->len ? map_add(&seen, samples->subject) : NULL;
                BenchRow *row;

                if (samples->len == 0)
                        continue;
                if (slot && slot->number) {
                        row = &rows.items[slot->number - 1];
                        if (samples->metric == METRIC_TIME && row->metric != METRIC_TIME) {
                                row->metric = METRIC_TIME;
                                row->samples = samples;
                        }
                        continue;
                }
                row = slot ? vec_add(arena, &rows) : NULL;
                if (!row)
                        return fail(err, ERR_LIMIT, "more than %d benchmarks", MOST_ROWS);
                slot->number = rows.len;
                *row = (BenchRow){ .subject = samples->subject,
                                   .title = bench_title(samples->subject, arena),
                                   .metric = samples->metric,
                                   .samples = samples,
                                   .reference = rows.len - 1 };
        }
        report->rows = rows.items;
        report->len = rows.len;
        return 0;
}

const BenchRow *bench_row(const BenchReport *report, Span subject)
{
        for (size_t i = 0; i < report->len; i++)
                if (span_eq(report->rows[i].subject, subject))
                        return &report->rows[i];
        return NULL;
}

const MetricChange *bench_change(const BenchReport *report, const BenchRow *row)
{
        for (size_t i = 0; i < report->comparison.len; i++) {
                const MetricChange *change = &report->comparison.items[i];

                if (change->metric == row->metric && span_eq(change->subject, row->subject))
                        return change;
        }
        return NULL;
}

int bench_report(const Recording *rec, const BenchQuestion *question, Arena *arena,
                 BenchReport *ret, Error *err)
{
        BenchReport report = { .recording = rec };
        int r = find_rows(rec, arena, &report, err);

        for (size_t i = 0; r == 0 && i < report.len; i++)
                r = describe(&report.rows[i], arena, err);
        if (r == 0)
                r = bench_compare(&report, question, arena, err);
        if (r < 0)
                return r;
        bench_find_growth(&report, arena);
        *ret = report;
        return 0;
}
