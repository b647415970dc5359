#include "import/load_report.h"

#include "stats/quantile.h"

#include <math.h>

#define MOST_VALUES 100
#define MOST_SUBJECTS 1000 /* with a distribution: each is 200 KiB */
#define LONGEST_TARGET 2000
#define SAME_PERCENT 1e-9
#define CONFIDENCE 0.95

static const struct {
        double percent;
        MetricId metric;
} catalogued[] = {
        { 0, METRIC_LATENCY_MIN },   { 50, METRIC_LATENCY_P50 }, { 90, METRIC_LATENCY_P90 },
        { 95, METRIC_LATENCY_P95 },  { 99, METRIC_LATENCY_P99 }, { 99.9, METRIC_LATENCY_P999 },
        { 100, METRIC_LATENCY_MAX },
};

static Span target_of(Span line, const char *mark)
{
        ptrdiff_t at = span_find(line, span_of(mark));
        Span rest, word = { 0 };

        if (at < 0)
                return word;
        rest = span_from(line, (size_t)at + strlen(mark));
        (void)span_next_word(&rest, &word);
        return word;
}

static bool targets_differ(Import *in, Span text, const char *mark)
{
        TextLines lines = text_lines(in, text);
        Span first = { 0 }, line, target;

        while (mark && text_next(&lines, &line)) {
                target = target_of(line, mark);
                if (target.len == 0)
                        continue;
                if (first.len == 0)
                        first = span_copy(import_arena(in), span_first(target, LONGEST_TARGET));
                else if (!span_eq(first, target))
                        return true;
        }
        return false;
}

LoadReport load_report(Import *in, Span text, const char *target_mark)
{
        return (LoadReport){ .in = in,
                             .several_targets = targets_differ(in, text, target_mark),
                             .latencies = map_in(import_recording(in)->arena, MOST_SUBJECTS),
                             .subject_text = buf_in(import_arena(in), KiB(4)),
                             .values = VEC_INIT(MOST_VALUES) };
}

void load_begin(LoadReport *report, Span target, uint64_t line)
{
        report->open = true;
        report->line = line;
        report->values.len = 0;
        report->latency = report->shape = NULL;
        report->subject = (Span){ 0 };
        buf_clear(&report->subject_text);
        report->requests = report->duration_ns = report->failed = NAN;
        report->failed_4xx = report->failed_5xx = report->failed_network = NAN;
        report->failed_are_further = false;
        load_subject(report, target);
}

void load_subject(LoadReport *report, Span target)
{
        if (target.len == 0)
                return;
        if (!report->several_targets) {
                import_says(report->in, "target: %.*s", SPAN_ARG(target));
                return;
        }
        buf_clear(&report->subject_text);
        buf_add(&report->subject_text, span_first(target, LONGEST_TARGET));
        report->subject = buf_span(&report->subject_text);
}

static int add(LoadReport *report, MetricId metric, double percent, double value, uint64_t line,
               Error *err)
{
        LoadValue *slot;

        vec_each (LoadValue, v, &report->values)
                if (v->metric == metric && fabs(v->percent - percent) < SAME_PERCENT)
                        return 0;
        slot = vec_add(import_arena(report->in), &report->values);
        if (!slot)
                return fail(err, ERR_LIMIT, "%s: more values than a report has",
                            import_name(report->in));
        *slot = (LoadValue){ .metric = metric, .percent = percent, .value = value, .line = line };
        return 0;
}

int load_value(LoadReport *report, MetricId metric, double value, uint64_t line, Error *err)
{
        return add(report, metric, -1, value, line, err);
}

int load_percentile(LoadReport *report, double percent, double ns, uint64_t line, Error *err)
{
        for (size_t i = 0; i < COUNT(catalogued); i++)
                if (fabs(percent - catalogued[i].percent) < SAME_PERCENT)
                        return load_value(report, catalogued[i].metric, ns, line, err);
        return add(report, METRIC_TIME, percent, ns, line, err);
}

static void count(double *sum, double n)
{
        *sum = (isnan(*sum) ? 0 : *sum) + n;
}

void load_status(LoadReport *report, unsigned status, double n)
{
        count(&report->failed_4xx, status >= 400 && status < 500 ? n : 0);
        count(&report->failed_5xx, status >= 500 && status < 600 ? n : 0);
        count(&report->failed, status >= 400 || status < 100 ? n : 0);
        if (status < 100)
                count(&report->failed_network, n);
        count(&report->requests, n);
}

/* --- handing over --- */

static bool is_latency(MetricId metric)
{
        static const MetricId all[] = { METRIC_LATENCY_MEAN, METRIC_LATENCY_MIN, METRIC_LATENCY_P50,
                                        METRIC_LATENCY_P90,  METRIC_LATENCY_P95, METRIC_LATENCY_P99,
                                        METRIC_LATENCY_P999, METRIC_LATENCY_MAX };

        for (size_t i = 0; i < COUNT(all); i++)
                if (all[i] == metric)
                        return true;
        return false;
}

static int put(LoadReport *report, MetricId metric, Span subject, double value, uint64_t line,
               Error *err)
{
        uint64_t n =
                report->requests >= 0 && report->requests < 1e18 ? (uint64_t)report->requests : 0;

        return import_summary(report->in, subject, (ImportUnit){ metric, 1, { 0 } }, value, NAN,
                              NAN, n, line, err);
}

static int put_value(LoadReport *report, const LoadValue *v, Error *err)
{
        char name[LONGEST_TARGET + 64];

        if (v->percent < 0)
                return put(report, v->metric, report->subject, v->value, v->line, err);
        (void)snprintf(name, sizeof(name), "%.*s%slatency p%.6g", SPAN_ARG(report->subject),
                       report->subject.len ? " " : "", v->percent);
        return put(report, v->metric, span_of(name), v->value, v->line, err);
}

static bool has_value(const LoadReport *report, MetricId metric)
{
        vec_each (const LoadValue, v, &report->values)
                if (v->metric == metric)
                        return true;
        return false;
}

static int put_rates(LoadReport *report, Error *err)
{
        double all = report->requests;
        const struct {
                MetricId metric;
                double n;
        } rates[] = { { METRIC_ERROR_RATE, report->failed },
                      { METRIC_ERROR_4XX, report->failed_4xx },
                      { METRIC_ERROR_5XX, report->failed_5xx },
                      { METRIC_ERROR_NETWORK, report->failed_network } };
        int r = 0;

        if (report->failed_are_further && report->failed_network > 0)
                all += report->failed_network;
        if (!(all > 0))
                return 0;
        for (size_t i = 0; r == 0 && i < COUNT(rates); i++)
                if (!isnan(rates[i].n) && !has_value(report, rates[i].metric))
                        r = put(report, rates[i].metric, report->subject, fmin(rates[i].n / all, 1),
                                report->line, err);
        return r;
}

static int put_hist(LoadReport *report, const Hist *h, Error *err)
{
        int r = put(report, METRIC_LATENCY_MEAN, report->subject, hist_mean(h), report->line, err);

        for (size_t i = 0; r == 0 && i < COUNT(catalogued); i++) {
                double q = catalogued[i].percent / 100;
                Interval interval = INTERVAL_NONE;

                if (q > 0 && q < 1)
                        interval = hist_quantile_interval(h, q, CONFIDENCE);
                r = import_summary(report->in, report->subject,
                                   (ImportUnit){ catalogued[i].metric, 1, { 0 } },
                                   (double)hist_quantile(h, q), interval.low, interval.high,
                                   h->total, report->line, err);
        }
        return r;
}

/* Into the distribution of its subject. */
static int keep_hist(LoadReport *report, const Hist *h, Error *err)
{
        Arena *arena = import_recording(report->in)->arena;
        Span subject = report->subject.len ? report->subject : SPAN("");
        MapSlot *slot = map_find(&report->latencies, subject);
        Hist *all;

        if (slot)
                return hist_merge(slot->pointer, h, err);
        slot = map_add(&report->latencies, span_copy(arena, subject));
        if (!slot || hist_try(arena, h->layout, &all, NULL) < 0)
                return fail(err, ERR_LIMIT, "%s: more distributions than fit",
                            import_name(report->in));
        slot->pointer = all;
        return hist_merge(all, h, err);
}

void load_finish(LoadReport *report)
{
        Recording *rec = import_recording(report->in);

        map_each (slot, &report->latencies)
                recording_distribution(rec, METRIC_LATENCY_P50, "latency", slot->key,
                                       slot->pointer);
}

int load_end(LoadReport *report, Error *err)
{
        Recording *rec = import_recording(report->in);
        int r = 0;

        report->open = false;
        if (report->duration_ns > 0 && report->duration_ns < 1e18)
                rec->duration_ns += (uint64_t)report->duration_ns;
        vec_each (LoadValue, v, &report->values)
                if (r == 0 && !(report->latency && is_latency(v->metric)))
                        r = put_value(report, v, err);
        if (r == 0 && !isnan(report->requests))
                r = put(report, METRIC_REQUESTS, report->subject, report->requests, report->line,
                        err);
        if (r == 0)
                r = put_rates(report, err);
        if (r == 0 && report->latency && report->latency->total) {
                r = put_hist(report, report->latency, err);
                if (r == 0)
                        r = keep_hist(report, report->latency, err);
        }
        if (r == 0 && report->shape && report->shape->total)
                r = keep_hist(report, report->shape, err);
        return r;
}

/* --- "label: value" --- */

static int take_value(LoadReport *report, const LoadLabel *label, const TextLines *lines, Span rest,
                      Error *err)
{
        static const char *const wants[] = {
                [LABEL_TIME] = "a time with its unit",
                [LABEL_SIZE] = "a size",
                [LABEL_DURATION] = "a time",
        };
        Span at = rest;
        double value;
        bool ok;

        if (label->kind == LABEL_SIZE)
                ok = text_take_size(&rest, label->scale, &value);
        else if (label->kind == LABEL_TIME || (label->kind == LABEL_DURATION && !label->scale))
                ok = text_take_duration(&rest, &value);
        else
                ok = text_take_number(&rest, &value);
        if (!ok || (lines->cut && rest.len == 0))
                return text_fail(lines, at,
                                 label->kind < COUNT(wants) && wants[label->kind]
                                         ? wants[label->kind]
                                         : "a number",
                                 err);
        switch (label->kind) {
        case LABEL_NUMBER:
                value *= label->scale ? label->scale : 1;
                return load_value(report, label->metric, value, lines->line, err);
        case LABEL_TIME:
        case LABEL_SIZE:
                return load_value(report, label->metric, value, lines->line, err);
        case LABEL_REQUESTS:
                report->requests = value;
                return 0;
        case LABEL_DURATION:
                report->duration_ns = value * (label->scale ? label->scale : 1);
                return 0;
        case LABEL_FAILED:
                count(&report->failed, value);
                return 0;
        case LABEL_OK_RATIO:
                if (label->scale)
                        value *= label->scale;
                else if (span_contains(rest, "%"))
                        value /= 100;
                return load_value(report, METRIC_ERROR_RATE, 1 - value, lines->line, err);
        case LABEL_WARNING:
                if (value != 0)
                        import_warns(report->in, "line %zu: %.*s", (size_t)lines->line,
                                     SPAN_ARG(span_trim(lines->current)));
                return 0;
        case LABEL_SKIP:
                break;
        }
        return 0;
}

int load_label(LoadReport *report, const LoadLabel *labels, size_t n, const TextLines *lines,
               Error *err)
{
        Span line = span_trim(lines->current);
        int r;

        for (size_t i = 0; i < n; i++) {
                if (!span_starts(line, labels[i].label))
                        continue;
                if (labels[i].kind == LABEL_SKIP)
                        return 1;
                if (!report->open)
                        return 0;
                r = take_value(report, &labels[i], lines, span_from(line, strlen(labels[i].label)),
                               err);
                return r < 0 ? r : 1;
        }
        return 0;
}

int load_percent_line(LoadReport *report, const TextLines *lines, Error *err)
{
        Span rest = lines->current, word;
        double percent, ns;
        int r;

        if (!report->open || !text_take_number(&rest, &percent) || !span_starts(rest, "%"))
                return 0;
        rest = span_from(rest, 1);
        word = span_trim(rest);
        if (span_starts(word, "in "))
                rest = span_from(word, 3);
        if (!text_take_duration(&rest, &ns) || (lines->cut && rest.len == 0))
                return text_fail(lines, rest, "a time with its unit", err);
        r = load_percentile(report, percent, ns, lines->line, err);
        return r < 0 ? r : 1;
}
