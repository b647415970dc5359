#include "present/chart.h"
#include "present/view_int.h"

#include <math.h>

#define CONFIDENCE "95 % interval"

static void put_line(Buf *out, const char *label, Span words)
{
        buf_printf(out, "%s: %.*s\n", label, SPAN_ARG(words));
}

static Span count_words(Arena *arena, double n)
{
        Cell cell = isnan(n) ? cell_missing() : cell_count((uint64_t)llround(n));

        return cell_words(&cell, arena);
}

/* "12 (0.04 %)" */
static Span failed_words(const Recording *load, Arena *arena)
{
        double requests = main_value(load, METRIC_REQUESTS);
        double rate = main_value(load, METRIC_ERROR_RATE);
        Buf out = buf_in(arena, KiB(1));

        if (isnan(rate))
                return SPAN("-");
        buf_add(&out, count_words(arena, rate * requests));
        buf_text(&out, " (");
        unit_format(&out, UNIT_RATIO, rate);
        buf_byte(&out, ')');
        return buf_span(&out);
}

static Span unit_words(Arena *arena, Unit unit, double value)
{
        Cell cell = cell_unit(unit, value);

        return cell_words(&cell, arena);
}

Span summary_words(const Recording *load, const PlanFacts *plan, Span scenario, Arena *arena)
{
        static const MetricId percentiles[] = { METRIC_LATENCY_P50, METRIC_LATENCY_P95,
                                                METRIC_LATENCY_P99 };
        Buf out = buf_in(arena, KiB(64));
        double rate = main_value(load, METRIC_THROUGHPUT);
        Cell window = cell_duration(load->duration_ns);

        put_line(&out, "Scenario", scenario.len ? scenario : SPAN("-"));
        put_line(&out, "Duration", cell_words(&window, arena));
        put_line(&out, "VUs", count_words(arena, plan->connections));
        buf_text(&out, "\nRequests:\n");
        put_line(&out, "  Total", count_words(arena, main_value(load, METRIC_REQUESTS)));
        put_line(&out, "  Rate", unit_words(arena, UNIT_PER_S, rate));
        put_line(&out, "  Failed", failed_words(load, arena));
        buf_text(&out, "\nLatency:\n");
        for (size_t i = 0; i < COUNT(percentiles); i++) {
                Span words = unit_words(arena, UNIT_NS, main_value(load, percentiles[i]));

                buf_printf(&out, "  %s: %.*s\n", metric_label(percentiles[i]), SPAN_ARG(words));
        }
        buf_printf(&out, "\nThroughput: %.*s%s\n",
                   SPAN_ARG(value_words(arena, METRIC_THROUGHPUT, rate)),
                   isnan(rate) ? "" : " sustained");
        return buf_span(&out);
}

static void put_summary(Doc *doc, const Recording *load, const PlanFacts *plan, Span scenario)
{
        static const MetricId metrics[] = { METRIC_REQUESTS, METRIC_THROUGHPUT, METRIC_ERROR_RATE };

        doc_code(doc, NULL, "", summary_words(load, plan, scenario, doc->arena));
        for (size_t i = 0; i < COUNT(metrics); i++) {
                Buf json = buf_in(doc->arena, KiB(4));
                JsonWriter w = json_to(&json, false);
                const MetricDef *def = metric_def(metrics[i]);

                json_open_object(&w);
                json_key(&w, "value");
                json_double(&w, main_value(load, metrics[i]));
                json_key(&w, "unit");
                json_text(&w, unit_name(def->unit));
                json_close_object(&w);
                doc_json(doc, def->name, buf_span(&json));
        }
}

static void put_latency(Doc *doc, const Recording *load)
{
        static const MetricId rows[] = { METRIC_LATENCY_MIN, METRIC_LATENCY_P50,
                                         METRIC_LATENCY_P90, METRIC_LATENCY_P95,
                                         METRIC_LATENCY_P99, METRIC_LATENCY_P999,
                                         METRIC_LATENCY_MAX, METRIC_LATENCY_MEAN };
        static const double quantiles[COUNT(rows)] = { 0, 0.5, 0.9, 0.95, 0.99, 0.999, 1 };
        static const Column columns[] = {
                { "percentile", "Latency" },
                { "value", "Value", ALIGN_RIGHT },
                { "interval", CONFIDENCE, ALIGN_RIGHT },
                { "service_time", "Service time", ALIGN_RIGHT },
                { "samples", "Samples", ALIGN_RIGHT },
        };
        Span subject = main_subject(load);
        const Distribution *service = recording_find_distribution(load, "service_time", subject);
        DocTable *t = doc_table(doc, "latency", columns, COUNT(columns));

        for (size_t i = 0; i < COUNT(rows); i++) {
                const MetricValue *value = recording_find(load, rows[i], subject);
                double served = (double)NAN;

                if (!value)
                        continue;
                if (service && service->hist->total)
                        served = rows[i] == METRIC_LATENCY_MEAN
                                         ? hist_mean(service->hist)
                                         : (double)hist_quantile(service->hist, quantiles[i]);
                doc_row(t, cell_string(metric_label(rows[i])), cell_unit(UNIT_NS, value->value),
                        cell_range(UNIT_NS, value->low, value->high), cell_unit(UNIT_NS, served),
                        value->n ? cell_count(value->n) : cell_missing());
        }
}

static void put_phases(Doc *doc, const Recording *load)
{
        static const struct {
                MetricId metric;
                const char *name;
        } phases[] = {
                { METRIC_TIME_DNS, "Name lookup" },
                { METRIC_TIME_CONNECT, "Connect" },
                { METRIC_TIME_TTFB, "Send to first byte" },
                { METRIC_TIME_TRANSFER, "First to last byte" },
        };
        static const Column columns[] = { { "phase", "Phase" }, { "mean", "Mean", ALIGN_RIGHT } };
        DocTable *t = NULL;

        for (size_t i = 0; i < COUNT(phases); i++) {
                double mean = main_value(load, phases[i].metric);

                if (isnan(mean))
                        continue;
                if (!t)
                        t = doc_table(doc, "phases", columns, COUNT(columns));
                doc_row(t, cell_string(phases[i].name), cell_unit(UNIT_NS, mean));
        }
}

static Cell value_cell(const Recording *rec, MetricId metric, Span subject)
{
        return cell_unit(metric_def(metric)->unit, recording_get(rec, metric, subject));
}

static void put_endpoints(Doc *doc, const Recording *load)
{
        static const Column columns[] = {
                { "endpoint", "Endpoint", .wrap = true },
                { "requests", "Requests", ALIGN_RIGHT },
                { "rate", "Rate", ALIGN_RIGHT },
                { "p50", "p50", ALIGN_RIGHT },
                { "p95", "p95", ALIGN_RIGHT },
                { "p99", "p99", ALIGN_RIGHT },
                { "error_rate", "Errors", ALIGN_RIGHT },
        };
        Span *subjects;
        size_t n = subjects_of(load, METRIC_LATENCY_P50, doc->arena, &subjects);
        DocTable *t;

        if (n == 0)
                return;
        t = doc_table(doc, "endpoints", columns, COUNT(columns));
        for (size_t i = 0; i < n; i++) {
                double requests = recording_get(load, METRIC_REQUESTS, subjects[i]);

                doc_row(t, cell_text(subjects[i]),
                        isnan(requests) ? cell_missing() : cell_count((uint64_t)requests),
                        value_cell(load, METRIC_THROUGHPUT, subjects[i]),
                        value_cell(load, METRIC_LATENCY_P50, subjects[i]),
                        value_cell(load, METRIC_LATENCY_P95, subjects[i]),
                        value_cell(load, METRIC_LATENCY_P99, subjects[i]),
                        value_cell(load, METRIC_ERROR_RATE, subjects[i]));
        }
}

static void put_errors(Doc *doc, const Recording *load)
{
        static const struct {
                MetricId metric;
                const char *label;
        } classes[] = {
                { METRIC_ERROR_4XX, "Answers 4xx" },
                { METRIC_ERROR_5XX, "Answers 5xx" },
                { METRIC_ERROR_NETWORK, "No valid answer" },
        };
        double dropped = main_value(load, METRIC_DROPPED);

        for (size_t i = 0; i < COUNT(classes); i++) {
                double rate = main_value(load, classes[i].metric);

                if (rate > 0)
                        doc_field(doc, metric_def(classes[i].metric)->name, classes[i].label,
                                  cell_unit(UNIT_RATIO, rate));
        }
        if (dropped > 0)
                doc_field(doc, "dropped_requests", "Never sent", cell_count((uint64_t)dropped));
        vec_each (Note, note, &load->notes)
                if (note->kind == NOTE_ERROR_KIND)
                        doc_item(doc, "errors", "%.*s", SPAN_ARG(note->text));
}

static void put_series(Doc *doc, const Recording *load, MetricId metric, const char *title)
{
        const Series *s = recording_find_series(load, metric, main_subject(load));
        Buf svg = buf_in(doc->arena, MiB(4)), text = buf_in(doc->arena, KiB(16));
        double top = 0;

        if (!s)
                s = recording_find_series(load, metric, SPAN(""));
        if (!s || s->len < 2)
                return;
        for (size_t i = 0; i < s->len; i++)
                top = s->values[i] > top ? s->values[i] : top;
        chart_lines(&(ChartLine){ .name = title, .values = s->values, .len = s->len }, 1,
                    &(ChartPlan){ .unit = metric_def(metric)->unit,
                                  .x_step = (double)s->step_ns,
                                  .x_unit = UNIT_NS,
                                  .x_label = "time",
                                  .width = 1060,
                                  .height = 200 },
                    &svg);
        spark_text(s->values, s->len, 60, &text);
        buf_text(&text, "  top ");
        unit_format(&text, metric_def(metric)->unit, top);
        doc_figure(doc, title, buf_span(&svg), buf_span(&text));
}

static void put_distribution(Doc *doc, const Recording *load)
{
        const Distribution *latency =
                recording_find_distribution(load, "latency", main_subject(load));
        Buf svg = buf_in(doc->arena, MiB(4));

        if (!latency || latency->hist->total < 2)
                return;
        chart_quantiles(&(ChartHist){ .name = "latency", .hist = latency->hist }, 1,
                        &(ChartPlan){ .unit = UNIT_NS,
                                      .x_label = "share of requests that were faster",
                                      .width = 1060,
                                      .height = 260 },
                        &svg);
        doc_figure(doc, "Latency distribution", buf_span(&svg), SPAN(""));
}

static void put_load(Doc *doc, const Recording *load, const PlanFacts *plan, Span scenario)
{
        doc_heading(doc, 2, "Results Summary");
        doc_open(doc, "load");
        if (load->partial)
                doc_paragraph(doc, "partial", "Interrupted: these are the results until then.");
        put_summary(doc, load, plan, scenario);
        put_latency(doc, load);
        put_distribution(doc, load);
        put_phases(doc, load);
        put_endpoints(doc, load);
        put_errors(doc, load);
        put_series(doc, load, METRIC_THROUGHPUT, "Throughput over time");
        put_series(doc, load, METRIC_LATENCY_P99, "p99 latency over time");
        doc_close(doc);
}

void view_load(Doc *doc, const Recording *load)
{
        PlanFacts plan = plan_facts(NULL, doc->arena);

        put_load(doc, load, &plan, SPAN(""));
}

void view_load_run(Doc *doc, const Run *run)
{
        PlanFacts plan = plan_facts(run, doc->arena);

        put_load(doc, run->recording, &plan, run->label);
}
