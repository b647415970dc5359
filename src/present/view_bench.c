/* Benchmarks: their medians and spread, what they used, how they compare and grow. */

#include "present/view_int.h"

#include <math.h>

#include "analysis/bench.h"

#define MOST_SENTENCES 6
#define NEAR_ONE 1.05 /* below it a factor needs more digits, or it is "1.00x slower" */
#define WORST_FIT 0.5 /* relative error */
#define QUICK_NS 1e6  /* below it, starting a process is much of what was measured */

static Cell of_metric(const BenchReport *report, const BenchRow *row, MetricId metric)
{
        return cell_unit(metric_def(metric)->unit,
                         recording_get(report->recording, metric, row->subject));
}

static size_t mild_of(const BenchRow *row)
{
        return row->outliers.mild_low + row->outliers.mild_high;
}

static size_t severe_of(const BenchRow *row)
{
        return row->outliers.severe_low + row->outliers.severe_high;
}

static void put_rows(Doc *doc, const BenchReport *report)
{
        static const Column columns[] = {
                { "name", "Benchmark", .wrap = true },
                { "median", "Median", ALIGN_RIGHT },
                { "interval", "95 % interval", ALIGN_RIGHT },
                { "min", "Min", ALIGN_RIGHT },
                { "max", "Max", ALIGN_RIGHT },
                { "runs", "Runs", ALIGN_RIGHT },
                { "mean", "Mean", ALIGN_RIGHT, .wide_only = true },
                { "deviation", "Deviation", ALIGN_RIGHT, .wide_only = true },
                { "mild_outliers", "Mild", ALIGN_RIGHT, .wide_only = true },
                { "severe_outliers", "Severe", ALIGN_RIGHT, .wide_only = true },
        };
        DocTable *t = doc_table(doc, "benchmarks", columns, COUNT(columns));

        for (size_t i = 0; i < report->len; i++) {
                const BenchRow *row = &report->rows[i];
                Unit unit = metric_def(row->metric)->unit;

                doc_row(t, cell_text(row->title), cell_unit(unit, row->median),
                        cell_range(unit, row->interval.low, row->interval.high),
                        cell_unit(unit, row->min), cell_unit(unit, row->max),
                        cell_count(row->samples->len), cell_unit(unit, row->mean),
                        cell_unit(unit, row->deviation), cell_count(mild_of(row)),
                        cell_count(severe_of(row)));
        }
}

static bool has_metric(const BenchReport *report, MetricId metric)
{
        for (size_t i = 0; i < report->len; i++)
                if (!isnan(recording_get(report->recording, metric, report->rows[i].subject)))
                        return true;
        return false;
}

/* Medians of what the processes used; a column nobody has a number for is left out. */
static void put_resources(Doc *doc, const BenchReport *report)
{
        static const struct {
                MetricId metric;
                Column column;
        } resources[] = {
                { METRIC_TIME_USER, { "user", "User", ALIGN_RIGHT } },
                { METRIC_TIME_SYSTEM, { "system", "System", ALIGN_RIGHT } },
                { METRIC_MEMORY, { "memory", "Peak RSS", ALIGN_RIGHT } },
                { METRIC_EXEC_FAULTS_MINOR, { "faults", "Faults", ALIGN_RIGHT } },
                { METRIC_INSTRUCTIONS, { "instructions", "Instructions", ALIGN_RIGHT } },
                { METRIC_EXEC_FAULTS_MAJOR, { "major_faults", "Major", ALIGN_RIGHT, false, true } },
                { METRIC_EXEC_SWITCHES_FORCED,
                  { "preempted", "Preempted", ALIGN_RIGHT, false, true } },
                { METRIC_EXEC_SWITCHES_VOLUNTARY, { "waits", "Waits", ALIGN_RIGHT, false, true } },
                { METRIC_EXEC_READ, { "read", "Disk read", ALIGN_RIGHT, false, true } },
                { METRIC_EXEC_WRITE, { "written", "Disk written", ALIGN_RIGHT, false, true } },
        };
        Column *columns = new (doc->arena, Column, COUNT(resources) + 1);
        MetricId metrics[COUNT(resources)];
        size_t n = 0;
        DocTable *t;

        columns[0] = (Column){ "name", "Benchmark", .wrap = true };
        for (size_t i = 0; i < COUNT(resources); i++)
                if (has_metric(report, resources[i].metric)) {
                        metrics[n++] = resources[i].metric;
                        columns[n] = resources[i].column;
                }
        if (n == 0)
                return;
        t = doc_table(doc, "resources", columns, n + 1);
        for (size_t i = 0; i < report->len; i++) {
                const BenchRow *row = &report->rows[i];
                Cell cells[COUNT(resources) + 1] = { cell_text(row->title) };

                for (size_t k = 0; k < n; k++)
                        cells[k + 1] = of_metric(report, row, metrics[k]);
                doc_row_cells(t, cells, n + 1);
        }
}

static Span title_of(const BenchReport *report, Span subject)
{
        const BenchRow *row = bench_row(report, subject);

        return row ? row->title : subject;
}

static void put_changes(Doc *doc, const BenchReport *report)
{
        static const Column columns[] = {
                { "name", "Benchmark", .wrap = true },
                { "metric", "Metric" },
                { "change", "Change", ALIGN_RIGHT },
                { "interval", "Interval", ALIGN_RIGHT },
                { "verdict", "Verdict" },
                { "smallest_detectable", "MDE", ALIGN_RIGHT },
                { "reference", "Against", .wrap = true, .wide_only = true },
                { "p", "p (Holm)", ALIGN_RIGHT, .wide_only = true },
        };
        const Comparison *c = &report->comparison;
        DocTable *t;

        if (c->len == 0)
                return;
        t = doc_table(doc, "changes", columns, COUNT(columns));
        for (size_t i = 0; i < c->len; i++) {
                const MetricChange *m = &c->items[i];
                const BenchRow *row = bench_row(report, m->subject);

                doc_row(t, cell_text(title_of(report, m->subject)),
                        cell_string(metric_def(m->metric)->name), cell_change(m->effect.change),
                        cell_interval(m->effect.interval),
                        cell_verdict(change_verdict_name(m->verdict)),
                        isfinite(m->effect.mde) ? cell_unit(UNIT_RATIO, m->effect.mde)
                                                : cell_missing(),
                        row ? cell_text(report->rows[row->reference].title) : cell_missing(),
                        cell_unit(UNIT_NONE, m->adjusted_p));
        }
}

/* How many times less, and between what, whichever way the metric goes. */
typedef struct Factor {
        double times, low, high;
} Factor;

static Factor factor_of(const Effect *e)
{
        double ratio = 1 + e->change, low = 1 + e->interval.low, high = 1 + e->interval.high;

        if (ratio >= 1)
                return (Factor){ ratio, low, high };
        return (Factor){ 1 / ratio, 1 / high, 1 / low };
}

static Span signed_percent(Arena *arena, double ratio)
{
        Buf out = buf_in(arena, KiB(1));

        percent_format(&out, ratio);
        return buf_span(&out);
}

static void put_sentence(Doc *doc, const BenchReport *report, const BenchRow *row,
                         const MetricChange *change)
{
        Span name = row->title, reference = report->rows[row->reference].title;
        Factor f = factor_of(&change->effect);
        Interval interval = change->effect.interval;
        int digits = f.times < NEAR_ONE ? 4 : 2;

        if (change->verdict == CHANGE_FASTER || change->verdict == CHANGE_SLOWER) {
                doc_item(doc, "summary", "%.*s is %.*fx %s than %.*s [%.*f, %.*f]", SPAN_ARG(name),
                         digits, f.times, change->verdict == CHANGE_FASTER ? "faster" : "slower",
                         SPAN_ARG(reference), digits, f.low, digits, f.high);
                doc_strong(doc);
        } else if (change->verdict == CHANGE_SAME) {
                doc_item(doc, "summary", "%.*s is as fast as %.*s: %.*s [%.*s, %.*s]",
                         SPAN_ARG(name), SPAN_ARG(reference),
                         SPAN_ARG(signed_percent(doc->arena, change->effect.change)),
                         SPAN_ARG(signed_percent(doc->arena, change->effect.interval.low)),
                         SPAN_ARG(signed_percent(doc->arena, change->effect.interval.high)));
        } else if (isnan(interval.low)) {
                doc_item(doc, "summary", "%.*s against %.*s: not enough runs to tell",
                         SPAN_ARG(name), SPAN_ARG(reference));
        } else {
                doc_item(doc, "summary", "%.*s against %.*s: cannot tell, %.*s [%.*s, %.*s]",
                         SPAN_ARG(name), SPAN_ARG(reference),
                         SPAN_ARG(signed_percent(doc->arena, change->effect.change)),
                         SPAN_ARG(signed_percent(doc->arena, interval.low)),
                         SPAN_ARG(signed_percent(doc->arena, interval.high)));
        }
}

static void put_summary(Doc *doc, const BenchReport *report)
{
        size_t counts[CHANGE_UNKNOWN + 1] = { 0 }, n = 0;

        for (size_t i = 0; i < report->len; i++) {
                const MetricChange *change = bench_change(report, &report->rows[i]);

                if (change) {
                        counts[change->verdict]++;
                        n++;
                }
        }
        if (n > MOST_SENTENCES)
                doc_item(doc, "summary", "%zu of %zu are FASTER, %zu SLOWER, %zu SAME, %zu UNKNOWN",
                         counts[CHANGE_FASTER], n, counts[CHANGE_SLOWER], counts[CHANGE_SAME],
                         counts[CHANGE_UNKNOWN]);
        for (size_t i = 0; n <= MOST_SENTENCES && i < report->len; i++) {
                const BenchRow *row = &report->rows[i];
                const MetricChange *change = bench_change(report, row);

                if (change)
                        put_sentence(doc, report, row, change);
        }
}

static void put_outliers(Doc *doc, Span what, size_t mild, size_t severe, size_t n)
{
        if (mild + severe)
                doc_item(doc, "remarks",
                         "%.*s: %zu mild and %zu severe outliers of %zu runs, "
                         "all kept",
                         SPAN_ARG(what), mild, severe, n);
}

static void put_all_outliers(Doc *doc, const BenchReport *report)
{
        size_t mild = 0, severe = 0, n = 0;

        for (size_t i = 0; i < report->len; i++) {
                const BenchRow *row = &report->rows[i];

                if (report->len <= MOST_SENTENCES)
                        put_outliers(doc, row->title, mild_of(row), severe_of(row),
                                     row->samples->len);
                mild += mild_of(row);
                severe += severe_of(row);
                n += row->samples->len;
        }
        if (report->len > MOST_SENTENCES)
                put_outliers(doc, SPAN("together"), mild, severe, n);
}

static void put_remarks(Doc *doc, const BenchReport *report)
{
        bool processes = has_metric(report, METRIC_TIME_USER), is_quick = false;

        put_all_outliers(doc, report);
        for (size_t i = 0; i < report->len; i++) {
                const BenchRow *row = &report->rows[i];

                is_quick |= processes && row->metric == METRIC_TIME && row->median < QUICK_NS;
                if (row->several_modes)
                        doc_item(doc, "remarks",
                                 "%.*s: the values lie around more than one; one number does not "
                                 "describe them",
                                 SPAN_ARG(row->title));
                if (row->drift != 0)
                        doc_item(doc, "remarks",
                                 "%.*s: the second half differs from the first by %.*s; more "
                                 "--warmup, or the machine changed meanwhile",
                                 SPAN_ARG(row->title),
                                 SPAN_ARG(signed_percent(doc->arena, row->drift)));
        }
        if (is_quick)
                doc_item(doc, "remarks",
                         "starting a process is much of what takes less than %s; code inside a "
                         "program is measured by hone bench --c",
                         unit_text(doc->arena, UNIT_NS, QUICK_NS));
}

static void put_growth(Doc *doc, const BenchReport *report)
{
        for (size_t i = 0; i < report->n_growth; i++) {
                const BenchGrowth *g = &report->growth[i];
                Unit unit = metric_def(g->metric)->unit;
                Span name = bench_title(g->name, doc->arena);
                const char *shape = scaling_name(g->fit.shape);
                double within = g->fit.error * 100;

                if (g->fit.error > WORST_FIT)
                        doc_item(doc, "growth",
                                 "%.*s grows with %.*s about as n^%.2f; no simple shape fits",
                                 SPAN_ARG(name), SPAN_ARG(g->parameter), g->fit.power);
                else if (g->fit.shape == SCALING_CONSTANT)
                        doc_item(doc, "growth",
                                 "%.*s does not grow with %.*s (points within "
                                 "±%.2g %%)",
                                 SPAN_ARG(name), SPAN_ARG(g->parameter), within);
                else
                        doc_item(doc, "growth",
                                 "%.*s grows with %.*s as %s%s: %s + %s * %s (points within "
                                 "±%.2g %%)",
                                 SPAN_ARG(name), SPAN_ARG(g->parameter), shape,
                                 g->fit.sure ? "" : ", though steeper shapes fit nearly as well",
                                 unit_text(doc->arena, unit, g->fit.fixed),
                                 unit_text(doc->arena, unit, g->fit.factor), shape, within);
        }
}

void view_bench(Doc *doc, const BenchReport *report)
{
        doc_open(doc, "bench");
        put_rows(doc, report);
        put_resources(doc, report);
        put_changes(doc, report);
        if (report->comparison.len)
                doc_json(doc, "paired", report->comparison.paired ? SPAN("true") : SPAN("false"));
        put_remarks(doc, report);
        put_growth(doc, report);
        put_summary(doc, report);
        doc_close(doc);
}

void view_bench_run(Doc *doc, const Run *run)
{
        BenchQuestion question = bench_question(run, doc->arena);
        BenchReport report;
        Error err = { 0 };

        if (bench_report(run->recording, &question, doc->arena, &report, &err) < 0)
                doc_paragraph(doc, "bench_error", "The benchmarks cannot be shown: %s",
                              err.message);
        else
                view_bench(doc, &report);
}
