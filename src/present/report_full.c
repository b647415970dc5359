/* Every report format in one document, with pictures. */

#include "present/chart.h"
#include "present/report_int.h"

#define MOST_HISTS 2
#define MOST_LINES 8

static const Hist *latency_of(Side side)
{
        const Recording *load = recording_of(side.runs, side.n, "load");
        const Distribution *d =
                load ? recording_find_distribution(load, "latency", main_subject(load)) : NULL;

        return d && d->hist->total > 1 ? d->hist : NULL;
}

static void put_latency_chart(Doc *doc, const ReportInput *in)
{
        const Hist *before = latency_of(before_side(in)), *after = latency_of(after_side(in));
        ChartHist curves[MOST_HISTS];
        Buf svg = buf_in(doc->arena, MiB(4));
        size_t n = 0;

        if (before)
                curves[n++] = (ChartHist){ "before", before };
        if (after)
                curves[n++] = (ChartHist){ "after", after };
        if (!n)
                return;
        chart_quantiles(curves, n,
                        &(ChartPlan){ .unit = UNIT_NS,
                                      .x_label = "share of requests that were faster",
                                      .width = 1060,
                                      .height = 280 },
                        &svg);
        doc_figure(doc, "Latency distribution", buf_span(&svg), SPAN(""));
}

static const Series *throughput_of(Side side)
{
        const Recording *load = recording_of(side.runs, side.n, "load");
        const Series *s =
                load ? recording_find_series(load, METRIC_THROUGHPUT, main_subject(load)) : NULL;

        if (load && !s)
                s = recording_find_series(load, METRIC_THROUGHPUT, SPAN(""));
        return s && s->len > 1 ? s : NULL;
}

static void put_trend_chart(Doc *doc, const ReportInput *in)
{
        const Series *before = throughput_of(before_side(in));
        const Series *after = throughput_of(after_side(in)), *any = before ? before : after;
        ChartLine lines[MOST_LINES];
        Buf svg = buf_in(doc->arena, MiB(4));
        size_t n = 0;

        if (before)
                lines[n++] = (ChartLine){ "before", before->values, before->len };
        if (after)
                lines[n++] = (ChartLine){ "after", after->values, after->len };
        if (!any)
                return;
        chart_lines(lines, n,
                    &(ChartPlan){ .unit = UNIT_PER_S,
                                  .x_step = (double)any->step_ns,
                                  .x_unit = UNIT_NS,
                                  .x_label = "time",
                                  .width = 1060,
                                  .height = 220 },
                    &svg);
        doc_figure(doc, "Throughput", buf_span(&svg), SPAN(""));
}

static void put_runs(Doc *doc, const ReportInput *in)
{
        size_t n = in->n_before + in->n_after;
        Run **runs = new (doc->arena, Run *, n + 1);

        for (size_t i = 0; i < in->n_before; i++)
                runs[i] = in->before[i];
        for (size_t i = 0; i < in->n_after; i++)
                runs[in->n_before + i] = in->after[i];
        view_coverage(doc, runs, n);
}

void report_full(Doc *doc, const ReportInput *in)
{
        report_optimization(doc, in);
        report_benchmark(doc, in);
        put_latency_chart(doc, in);
        put_trend_chart(doc, in);
        if (in->comparison) {
                doc_heading(doc, 2, "Comparison");
                view_comparison(doc, in->comparison);
        }
        report_profiling_part(doc, in, false);
        report_recommendations(doc, in);
        doc_heading(doc, 2, "Baseline and Targets");
        report_assessment(doc, in);
        doc_heading(doc, 2, "Optimization Loop");
        report_iterations(doc, in);
        report_checklist(doc, in);
        put_runs(doc, in);
}
