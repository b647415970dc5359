/* Bencher Metric Format: {"benchmark": {"measure": {"value": 1, "lower_value": 0.5,
 * "upper_value": 2}}}. */

#include "import/json_read.h"

static int detect(Span head, bool whole UNUSED)
{
        return json_head_has(head, "*.*.value") ? 40 : 0;
}

/* The measures that Bencher has built in; their units are fixed. */
static const JsonColumn measures[] = {
        { "latency", METRIC_TIME, 1 },
        { "throughput", METRIC_OPS, 1 },
        { "instructions", METRIC_INSTRUCTIONS, 1 },
};

static ImportUnit unit_of(Span measure)
{
        for (size_t i = 0; i < COUNT(measures); i++)
                if (span_is(measure, measures[i].key))
                        return (ImportUnit){ measures[i].metric, measures[i].scale };
        return (ImportUnit){ METRIC_CUSTOM, 1, measure };
}

static int read_measure(Import *in, const Document *doc, const Value *benchmark,
                        const Value *measure, Error *err)
{
        const Value *value = value_get(measure, "value");
        double number;
        int r = value ? value_to_number(doc, value, &number, err)
                      : value_fail(err, doc, measure, "'value' is missing");

        return r < 0 ? r
                     : import_summary(in, benchmark->key, unit_of(measure->key), number,
                                      number_under(measure, "lower_value"),
                                      number_under(measure, "upper_value"), 0, value->line, err);
}

static int read(Import *in, Span text, Error *err)
{
        Document doc;
        int r = json_document(in, text, &doc, err);

        if (r == 0)
                r = value_expect(&doc, doc.root, VALUE_MAP, err);
        if (r < 0)
                return r;
        value_each (benchmark, doc.root) {
                r = value_expect(&doc, benchmark, VALUE_MAP, err);
                value_each (measure, benchmark) {
                        if (r == 0)
                                r = read_measure(in, &doc, benchmark, measure, err);
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

const ImportFormat bmf_format = {
        .name = "bmf",
        .says = "Bencher Metric Format (JSON)",
        .files = "bencher.dev/docs/reference/bencher-metric-format/",
        .detect = detect,
        .read = read,
};
