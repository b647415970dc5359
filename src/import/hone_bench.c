/* What programs of hone_bench.h print: a line of JSON for each benchmark and metric, among lines
 * of the program's own. */

#include "import/json_read.h"

static const char mark[] = "{\"hone_bench\":";

static bool is_result(Span line)
{
        return span_starts(line, mark);
}

static bool is_beginning(Span line)
{
        return line.len && span_eq(line, span_first(span_of(mark), line.len));
}

static int detect(Span head, bool whole UNUSED)
{
        Span line;

        while (span_next_line(&head, &line))
                if (is_result(line))
                        return 99;
        return 0;
}

/* The metric of the catalogue, when it has the name and the unit fits; else a custom one. */
static ImportUnit unit_of(Import *in, Span name, Span unit_text, Span better)
{
        const MetricDef *def = metric_find(name);
        ImportUnit unit = import_unit(unit_text);

        if (def && (unit.metric == def->id || (def->unit == UNIT_NS && unit.metric == METRIC_TIME)))
                return (ImportUnit){ def->id, unit.scale };
        if (def && unit.metric == METRIC_CUSTOM && def->unit != UNIT_NS)
                return (ImportUnit){ def->id, unit.scale };
        if (unit_text.len)
                name = span_of(arena_printf(import_arena(in), "%.*s %.*s", SPAN_ARG(name),
                                            SPAN_ARG(unit_text)));
        return (ImportUnit){ span_is(better, "lower")    ? METRIC_CUSTOM_LOWER
                             : span_is(better, "higher") ? METRIC_CUSTOM_HIGHER
                                                         : METRIC_CUSTOM,
                             1, name };
}

static int read_values(Import *in, const Document *doc, Span name, Error *err)
{
        const Value *root = doc->root, *values;
        Span metric = text_under(root, "metric");
        int r = json_list(doc, root, "values", &values, err);

        if (r == 0 && (name.len == 0 || metric.len == 0))
                r = value_fail(err, doc, root, "'name' or 'metric' is missing");
        if (r == 0 && values->count == 0)
                r = value_fail(err, doc, values, "'values' is empty");
        if (r < 0)
                return r;
        value_each (note, value_get(root, "notes"))
                import_warns(in, "%.*s: %.*s", SPAN_ARG(name), SPAN_ARG(note->text));
        return json_samples(
                in, doc, values, name,
                unit_of(in, metric, text_under(root, "unit"), text_under(root, "better")), err);
}

/* A benchmark gives values, or says why it was skipped or failed. */
static int read_line(Import *in, const Document *doc, Span line UNUSED, void *state UNUSED,
                     Error *err)
{
        Span name = text_under(doc->root, "name");
        Span skipped = text_under(doc->root, "skipped"), failed = text_under(doc->root, "failed");

        if (failed.len)
                return value_fail(err, doc, doc->root, "'%.*s' failed: %.*s", SPAN_ARG(name),
                                  SPAN_ARG(failed));
        if (!skipped.len)
                return read_values(in, doc, name, err);
        import_warns(in, "%.*s was skipped: %.*s", SPAN_ARG(name), SPAN_ARG(skipped));
        return 0;
}

static int read(Import *in, Span text, Error *err)
{
        bool ends = span_ends(text, "\n");
        uint64_t number = 0;
        Span line;
        int r = 0;

        while (r == 0 && span_next_line(&text, &line)) {
                number++;
                if (is_result(line))
                        r = json_line(in, line, number, read_line, NULL, err);
                else if (!ends && text.len == 0 && is_beginning(line))
                        r = import_fail(in, err, number, "the line does not end");
                else if (span_trim(line).len)
                        import_unknown(in, number, line, "no line of hone_bench");
        }
        return r;
}

const ImportFormat hone_bench_format = {
        .name = "hone_bench",
        .says = "programs that use hone_bench.h",
        .files = "docs/hone_bench.md",
        .detect = detect,
        .read = read,
};
