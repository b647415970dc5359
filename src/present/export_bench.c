#include "present/export_bench.h"

#include <ctype.h>
#include <math.h>

#include "base/json.h"
#include "base/units.h"
#include "base/vec.h"

#define MOST_KEYS 100

/* --- csv --- */

static void csv_text(Buf *out, Span text)
{
        buf_byte(out, '"');
        for (size_t i = 0; i < text.len; i++) {
                if (text.ptr[i] == '"')
                        buf_byte(out, '"');
                buf_byte(out, text.ptr[i]);
        }
        buf_byte(out, '"');
}

static void csv_number(Buf *out, double value)
{
        buf_byte(out, ',');
        if (isfinite(value))
                buf_printf(out, "%.10g", value);
}

/* Names of the parameters of all rows, in the order in which they come. */
typedef VEC(Span) Keys;

static void add_keys(Keys *keys, Span subject, Arena *arena)
{
        Span rest = bench_name(subject).parameters, key, value;

        while (bench_next_parameter(&rest, &key, &value)) {
                bool known = false;
                Span *slot;

                for (size_t i = 0; i < keys->len; i++)
                        known |= span_eq(keys->items[i], key);
                slot = known ? NULL : vec_add(arena, keys);
                if (slot)
                        *slot = key;
        }
}

static Span parameter_of(Span subject, Span wanted)
{
        Span rest = bench_name(subject).parameters, key, value;

        while (bench_next_parameter(&rest, &key, &value))
                if (span_eq(key, wanted))
                        return value;
        return (Span){ 0 };
}

/* What one of the metric's unit is in the export: times are seconds. */
static double scale_of(MetricId metric)
{
        return metric_def(metric)->unit == UNIT_NS ? 1e-9 : 1;
}

static void csv_row(const BenchReport *report, const BenchRow *row, const Keys *keys, Buf *out)
{
        const Recording *rec = report->recording;
        double scale = scale_of(row->metric);

        csv_text(out, row->title);
        csv_number(out, row->mean * scale);
        csv_number(out, row->deviation * scale);
        csv_number(out, row->median * scale);
        csv_number(out, recording_get(rec, METRIC_TIME_USER, row->subject) * 1e-9);
        csv_number(out, recording_get(rec, METRIC_TIME_SYSTEM, row->subject) * 1e-9);
        csv_number(out, row->min * scale);
        csv_number(out, row->max * scale);
        csv_number(out, row->interval.low * scale);
        csv_number(out, row->interval.high * scale);
        csv_number(out, (double)row->samples->len);
        csv_number(out, recording_get(rec, METRIC_MEMORY, row->subject));
        csv_number(out, recording_get(rec, METRIC_INSTRUCTIONS, row->subject));
        for (size_t i = 0; i < keys->len; i++) {
                buf_byte(out, ',');
                csv_text(out, parameter_of(row->subject, keys->items[i]));
        }
        buf_byte(out, '\n');
}

static void write_csv(const BenchReport *report, Buf *out)
{
        Keys keys = VEC_INIT(MOST_KEYS);

        for (size_t i = 0; i < report->len; i++)
                add_keys(&keys, report->rows[i].subject, out->arena);
        buf_text(out, "command,mean,stddev,median,user,system,min,max,median_low,median_high,runs,"
                      "peak_rss_bytes,instructions");
        for (size_t i = 0; i < keys.len; i++)
                buf_printf(out, ",parameter_%.*s", SPAN_ARG(keys.items[i]));
        buf_byte(out, '\n');
        for (size_t i = 0; i < report->len; i++)
                csv_row(report, &report->rows[i], &keys, out);
}

/* --- markdown --- */

static void markdown_text(Buf *out, Span text)
{
        for (size_t i = 0; i < text.len; i++) {
                if (text.ptr[i] == '|')
                        buf_byte(out, '\\');
                buf_byte(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
        }
}

static void markdown_relative(const BenchReport *report, const BenchRow *row, Buf *out)
{
        const MetricChange *change = bench_change(report, row);

        if (!change || !isfinite(change->effect.change)) {
                buf_text(out, change ? "-" : "1.00");
                return;
        }
        buf_printf(out, "%.2f", 1 + change->effect.change);
        if (isfinite(change->effect.interval.low))
                buf_printf(out, " [%.2f, %.2f] %s", 1 + change->effect.interval.low,
                           1 + change->effect.interval.high, change_verdict_name(change->verdict));
}

static void write_markdown(const BenchReport *report, Buf *out)
{
        bool compared = report->comparison.len > 0;

        buf_printf(out, "| Command | Median | 95 %% interval | Min | Max | Runs |%s\n",
                   compared ? " Relative |" : "");
        buf_printf(out, "|:---|---:|---:|---:|---:|---:|%s\n", compared ? "---:|" : "");
        for (size_t i = 0; i < report->len; i++) {
                const BenchRow *row = &report->rows[i];
                Unit unit = metric_def(row->metric)->unit;
                Arena *arena = out->arena;

                buf_text(out, "| `");
                markdown_text(out, row->title);
                buf_printf(out, "` | %s | %s .. %s | %s | %s | %zu |",
                           unit_text(arena, unit, row->median),
                           unit_text(arena, unit, row->interval.low),
                           unit_text(arena, unit, row->interval.high),
                           unit_text(arena, unit, row->min), unit_text(arena, unit, row->max),
                           row->samples->len);
                if (compared) {
                        buf_byte(out, ' ');
                        markdown_relative(report, row, out);
                        buf_text(out, " |");
                }
                buf_byte(out, '\n');
        }
}

/* --- benchfmt --- */

static const struct {
        MetricId metric;
        const char *unit;
} benchfmt_units[] = {
        { METRIC_TIME, "ns/op" },
        { METRIC_TIME_USER, "user-ns/op" },
        { METRIC_TIME_SYSTEM, "sys-ns/op" },
        { METRIC_MEMORY, "peak-RSS-bytes" },
        { METRIC_INSTRUCTIONS, "instructions/op" },
        { METRIC_ALLOCATED, "B/op" },
        { METRIC_ALLOCATIONS, "allocs/op" },
        { METRIC_OPS, "ops/s" },
        { METRIC_BANDWIDTH, "B/s" },
};

/* A name is one word that begins with "Benchmark" and then no lower case letter. */
static void benchfmt_name(Buf *out, Span title)
{
        buf_text(out, "Benchmark");
        for (size_t i = 0; i < title.len; i++) {
                unsigned char c = (unsigned char)title.ptr[i];
                bool printable = c > ' ' && c != 0x7f;

                buf_byte(out, !printable ? '_' : i ? (char)c : (char)toupper(c));
        }
}

static void benchfmt_run(const BenchReport *report, const BenchRow *row, size_t run, Buf *out)
{
        benchfmt_name(out, row->title);
        buf_text(out, " 1");
        for (size_t i = 0; i < COUNT(benchfmt_units); i++) {
                const Samples *s = recording_find_samples(report->recording,
                                                          benchfmt_units[i].metric, row->subject);

                if (s && run < s->len)
                        buf_printf(out, " %.15g %s", s->values[run], benchfmt_units[i].unit);
        }
        buf_byte(out, '\n');
}

static bool has_unit(MetricId metric)
{
        for (size_t i = 0; i < COUNT(benchfmt_units); i++)
                if (benchfmt_units[i].metric == metric)
                        return true;
        return false;
}

static void write_benchfmt(const BenchReport *report, Buf *out)
{
        buf_text(out, "tool: hone " HONE_VERSION "\n\n");
        for (size_t i = 0; i < report->len; i++)
                for (size_t run = 0; run < report->rows[i].samples->len; run++)
                        if (has_unit(report->rows[i].metric))
                                benchfmt_run(report, &report->rows[i], run, out);
}

/* --- bmf --- */

/* Bencher's own measures where it has them. */
static const struct {
        MetricId metric;
        const char *measure;
} bmf_measures[] = {
        { METRIC_TIME, "latency" },        { METRIC_OPS, "throughput" },
        { METRIC_MEMORY, "peak-rss" },     { METRIC_INSTRUCTIONS, "instructions" },
        { METRIC_TIME_USER, "user-time" }, { METRIC_TIME_SYSTEM, "system-time" },
        { METRIC_ALLOCATED, "allocated" }, { METRIC_ALLOCATIONS, "allocations" },
        { METRIC_BANDWIDTH, "bandwidth" },
};

static void bmf_measure(JsonWriter *w, const char *measure, const MetricValue *value)
{
        json_key(w, measure);
        json_open_object(w);
        json_key(w, "value");
        json_double(w, value->value);
        if (isfinite(value->low)) {
                json_key(w, "lower_value");
                json_double(w, value->low);
                json_key(w, "upper_value");
                json_double(w, value->high);
        }
        json_close_object(w);
}

static void write_bmf(const BenchReport *report, Buf *out)
{
        JsonWriter w = json_to(out, true);

        json_open_object(&w);
        for (size_t i = 0; i < report->len; i++) {
                json_key_span(&w, report->rows[i].title);
                json_open_object(&w);
                for (size_t k = 0; k < COUNT(bmf_measures); k++) {
                        const MetricValue *value = recording_find(
                                report->recording, bmf_measures[k].metric, report->rows[i].subject);

                        if (value && isfinite(value->value))
                                bmf_measure(&w, bmf_measures[k].measure, value);
                }
                json_close_object(&w);
        }
        json_close_object(&w);
        buf_byte(out, '\n');
}

const BenchExport bench_exports[] = { { "csv", write_csv },
                                      { "markdown", write_markdown },
                                      { "benchfmt", write_benchfmt },
                                      { "bmf", write_bmf } };
const size_t n_bench_exports = COUNT(bench_exports);

const BenchExport *bench_export_find(Span name)
{
        for (size_t i = 0; i < n_bench_exports; i++)
                if (span_is(name, bench_exports[i].name))
                        return &bench_exports[i];
        return NULL;
}
