#include "import/json_read.h"

#include <math.h>

#define MOST_COUNTED 1e15

static int detect(Span head, bool whole UNUSED)
{
        static const char *const sure[] = { "[].benchmark", "[].mode", NULL };

        if (json_head_has(head, "[].jmhVersion"))
                return 95;
        return json_head_has_all(head, sure) ? 85 : 0;
}

typedef struct Jmh {
        Import *in;
        const Document *doc;
} Jmh;

/* One benchmark may be measured in several modes whose unit is the same. */
static Span subject_of(const Jmh *j, const Value *item)
{
        Span name = import_subject(j->in, text_under(item, "benchmark"), value_get(item, "params"));
        Span mode = text_under(item, "mode");

        if (!span_is(mode, "sample") && !span_is(mode, "ss"))
                return name;
        return span_of(arena_printf(import_arena(j->in), "%.*s/mode=%.*s", SPAN_ARG(name),
                                    SPAN_ARG(mode)));
}

/* [[value, how often], ...]: one iteration. Its mean is the sample, as JMH's score is the mean. */
static int read_iteration(Jmh *j, const Value *pairs, Span subject, ImportUnit unit, Hist *all,
                          Error *err)
{
        double sum = 0, total = 0;

        value_each (pair, pairs) {
                double value, n;
                int r = value_expect(j->doc, pair, VALUE_LIST, err);

                if (r == 0 && pair->count != 2)
                        r = value_fail(err, j->doc, pair, "expected a value and how often it was");
                if (r == 0)
                        r = value_to_number(j->doc, pair->first, &value, err);
                if (r == 0)
                        r = value_to_number(j->doc, pair->first->next, &n, err);
                if (r == 0 && (value < 0 || !(n >= 1) || total + n > MOST_COUNTED))
                        r = value_fail(err, j->doc, pair, "no value that was %g times", n);
                if (r < 0)
                        return r;
                sum += value * n;
                total += n;
                hist_record_n(all, (uint64_t)fmin(value * unit.scale, 1e18), (uint64_t)n);
        }
        return total > 0 ? import_sample(j->in, subject, unit, sum / total, pairs->line, err) : 0;
}

static int read_histogram(Jmh *j, const Value *forks, Span subject, ImportUnit unit, Error *err)
{
        Hist *all = NULL;
        int r = value_expect(j->doc, forks, VALUE_LIST, err);

        if (r == 0)
                r = hist_try(import_recording(j->in)->arena, HIST_LATENCY, &all, err);

        value_each (fork, forks) {
                value_each (iteration, fork)
                        if (r == 0)
                                r = read_iteration(j, iteration, subject, unit, all, err);
        }
        if (r == 0)
                recording_distribution(import_recording(j->in), METRIC_TIME, "time", subject, all);
        return r;
}

static int read_metric(Jmh *j, const Value *metric, Span subject, ImportUnit unit, Error *err)
{
        const Value *raw = value_get(metric, "rawData");
        const Value *histogram = value_get(metric, "rawDataHistogram");

        if (raw && raw->count)
                return json_samples(j->in, j->doc, raw, subject, unit, err);
        if (histogram && histogram->count && unit.metric == METRIC_TIME)
                return read_histogram(j, histogram, subject, unit, err);
        return json_summary(j->in, j->doc, value_get(metric, "score"), subject, unit, 0, err);
}

/* "gc.alloc.rate.norm" of what profilers and counters add; older versions put a dot before it. */
static ImportUnit secondary_unit(Span name, Span text)
{
        ImportUnit unit = import_unit(text);

        if (span_ends(name, "gc.alloc.rate.norm") && unit.metric == METRIC_ALLOCATED)
                return unit;
        if (unit.metric == METRIC_OPS || unit.metric == METRIC_TIME)
                return unit;
        return (ImportUnit){ METRIC_CUSTOM, 1, text };
}

static Span secondary_subject(const Jmh *j, Span subject, Span name, ImportUnit unit)
{
        if (unit.metric == METRIC_ALLOCATED)
                return subject;
        if (span_starts(name, "\u00b7"))
                name = span_from(name, strlen("\u00b7"));
        return span_of(
                arena_printf(import_arena(j->in), "%.*s:%.*s", SPAN_ARG(subject), SPAN_ARG(name)));
}

static int read_secondary(Jmh *j, const Value *metric, Span subject, Error *err)
{
        Span text = text_under(metric, "scoreUnit");
        ImportUnit unit = secondary_unit(metric->key, text);
        const Value *score = value_get(metric, "score");

        if (score && score->kind == VALUE_TEXT) { /* "NaN": nothing was counted */
                import_unknown(j->in, metric->line, metric->key, "a metric without a number");
                return 0;
        }
        subject = secondary_subject(j, subject, metric->key, unit);
        return read_metric(j, metric, subject, unit, err);
}

static int read_item(Jmh *j, const Value *item, Error *err)
{
        const Value *primary = value_get(item, "primaryMetric");
        Span subject;
        int r = value_expect(j->doc, item, VALUE_MAP, err);

        if (r == 0 && text_under(item, "benchmark").len == 0)
                r = value_fail(err, j->doc, item, "'benchmark' is missing");
        if (r == 0 && !primary)
                r = value_fail(err, j->doc, item, "'primaryMetric' is missing");
        if (r < 0)
                return r;
        subject = subject_of(j, item);
        r = read_metric(j, primary, subject, import_unit(text_under(primary, "scoreUnit")), err);
        value_each (metric, value_get(item, "secondaryMetrics")) {
                if (r == 0)
                        r = read_secondary(j, metric, subject, err);
        }
        return r;
}

static int read(Import *in, Span text, Error *err)
{
        Document doc;
        Jmh j = { in, &doc };
        int r = json_document(in, text, &doc, err);

        if (r == 0)
                r = value_expect(&doc, doc.root, VALUE_LIST, err);
        if (r < 0)
                return r;
        value_each (item, doc.root) {
                r = read_item(&j, item, err);
                if (r < 0)
                        return r;
        }
        if (doc.root->count) {
                import_tool(in, "JMH %.*s", SPAN_ARG(text_under(doc.root->first, "jmhVersion")));
                import_says(in, "%.*s %.*s", SPAN_ARG(text_under(doc.root->first, "vmName")),
                            SPAN_ARG(text_under(doc.root->first, "vmVersion")));
        }
        return 0;
}

const ImportFormat jmh_format = {
        .name = "jmh",
        .says = "JMH -rf json",
        .files = "github.com/openjdk/jmh: jmh-core/src/main/java/org/openjdk/jmh/results/format/"
                 "JSONResultFormat.java",
        .detect = detect,
        .read = read,
};
