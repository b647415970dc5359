#include "base/map.h"
#include "import/json_read.h"

#define MOST_NAMES 1000000

static int detect(Span head, bool whole UNUSED)
{
        static const char *const sure[] = { "context.library_build_type", "benchmarks[].real_time",
                                            NULL };

        if (json_head_has_all(head, sure))
                return 95;
        return json_head_has(head, "benchmarks[].real_time") ? 80 : 0;
}

typedef struct Google {
        Import *in;
        const Document *doc;
        const Value *rows;
        Map repeated; /* names that have repetitions of their own */
        uint64_t n_aggregates;
} Google;

static Span name_of(const Value *row)
{
        Span name = text_under(row, "run_name");

        return name.len ? name : text_under(row, "name");
}

static bool is_aggregate(const Value *row)
{
        return span_is(text_under(row, "run_type"), "aggregate");
}

static const char *const no_counters[] = {
        "family_index", "per_family_instance_index",
        "repetitions",  "repetition_index",
        "threads",      "iterations",
        "real_time",    "cpu_time",
};

static const JsonColumn known_counters[] = {
        { "items_per_second", METRIC_OPS, 1 },
        { "bytes_per_second", METRIC_BANDWIDTH, 1 },
        { "allocs_per_iter", METRIC_ALLOCATIONS, 1 },
        { "INSTRUCTIONS", METRIC_INSTRUCTIONS, 1 },
        { "CYCLES", METRIC_CYCLES, 1 },
};

static bool is_counter(const Value *field)
{
        for (size_t i = 0; i < COUNT(no_counters); i++)
                if (span_is(field->key, no_counters[i]))
                        return false;
        return field->kind == VALUE_NUMBER;
}

static ImportUnit counter_unit(Span key)
{
        for (size_t i = 0; i < COUNT(known_counters); i++)
                if (span_is(key, known_counters[i].key))
                        return (ImportUnit){ known_counters[i].metric, known_counters[i].scale };
        return (ImportUnit){ METRIC_CUSTOM, 1, key };
}

/* One row of n executions: a measurement, or the median that stands for several. */
static int put_row(Google *g, const Value *row, Span subject, uint64_t n, Error *err)
{
        Span unit_text = text_under(row, "time_unit");
        ImportUnit unit = import_unit(unit_text.len ? unit_text : SPAN("ns"));
        ImportUnit cpu = { METRIC_TIME_CPU, unit.scale };
        int (*put)(Import *, const Document *, const Value *, Span, ImportUnit, uint64_t, Error *) =
                n ? json_summary : json_sample_of;
        int r = unit.metric == METRIC_TIME
                        ? put(g->in, g->doc, value_get(row, "real_time"), subject, unit, n, err)
                        : value_fail(err, g->doc, row, "'%.*s' is no unit of time",
                                     SPAN_ARG(unit_text));

        if (r == 0)
                r = put(g->in, g->doc, value_get(row, "cpu_time"), subject, cpu, n, err);
        value_each (field, row) {
                if (r == 0 && is_counter(field))
                        r = put(g->in, g->doc, field, subject, counter_unit(field->key), n, err);
        }
        return r;
}

static bool has_failed(Google *g, const Value *row)
{
        static const char *const flags[] = { "error_occurred", "skipped" };
        static const char *const messages[] = { "error_message", "skip_message" };

        for (size_t i = 0; i < COUNT(flags); i++) {
                const Value *flag = value_get(row, flags[i]);
                Span message = text_under(row, messages[i]);

                if (!flag || !flag->boolean)
                        continue;
                import_unknown(g->in, row->line, name_of(row),
                               arena_printf(import_arena(g->in), "the benchmark did not run (%.*s)",
                                            SPAN_ARG(span_first(message, 100))));
                return true;
        }
        return false;
}

static int read_repetition(Google *g, const Value *row, Error *err)
{
        Span subject = name_of(row);
        int r = value_expect(g->doc, row, VALUE_MAP, err);

        if (r == 0 && subject.len == 0)
                r = value_fail(err, g->doc, row, "a benchmark without its 'name'");
        if (r < 0 || is_aggregate(row) || has_failed(g, row))
                return r;
        if (!value_get(row, "real_time"))
                return value_fail(err, g->doc, row, "'real_time' is missing");
        (void)map_add(&g->repeated, subject);
        return put_row(g, row, subject, 0, err);
}

/* "O(NlgN), 12.5 ns": a fit over several benchmarks. */
static void say_complexity(Google *g, const Value *row)
{
        import_says(g->in, "%.*s: O(%.*s) with %g %.*s", SPAN_ARG(name_of(row)),
                    SPAN_ARG(text_under(row, "big_o")), number_under(row, "real_coefficient"),
                    SPAN_ARG(text_under(row, "time_unit")));
}

/* Medians count only where the repetitions themselves were not written. */
static int read_aggregate(Google *g, const Value *row, Error *err)
{
        Span kind = text_under(row, "aggregate_name");
        double n = number_under(row, "repetitions");

        if (!is_aggregate(row))
                return 0;
        g->n_aggregates++;
        if (span_is(kind, "BigO"))
                say_complexity(g, row);
        if (!span_is(kind, "median") || map_find(&g->repeated, name_of(row)))
                return 0;
        return put_row(g, row, name_of(row), n >= 1 && n < 1e9 ? (uint64_t)n : 1, err);
}

static void read_context(Import *in, const Value *context)
{
        Span version = text_under(context, "library_version");

        import_machine(in, text_under(context, "host_name"));
        (void)import_date(text_under(context, "date"), &import_recording(in)->wall_ns);
        if (version.len)
                import_tool(in, "Google Benchmark %.*s", SPAN_ARG(version));
}

static int read(Import *in, Span text, Error *err)
{
        Google g = { .in = in };
        Document doc;
        int r = json_document(in, text, &doc, err);

        if (r == 0)
                r = json_list(&doc, doc.root, "benchmarks", &g.rows, err);
        if (r < 0)
                return r;
        g.doc = &doc;
        g.repeated = map_in(import_arena(in), MOST_NAMES);
        read_context(in, value_get(doc.root, "context"));
        for (int aggregates = 0; aggregates < 2; aggregates++)
                value_each (row, g.rows) {
                        r = aggregates ? read_aggregate(&g, row, err)
                                       : read_repetition(&g, row, err);
                        if (r < 0)
                                return r;
                }
        if (g.n_aggregates)
                import_says(in, "%llu rows are worked out from repetitions (mean, median, BigO)",
                            (unsigned long long)g.n_aggregates);
        return 0;
}

const ImportFormat google_format = {
        .name = "google-benchmark",
        .says = "Google Benchmark --benchmark_format=json",
        .files = "github.com/google/benchmark: src/json_reporter.cc",
        .detect = detect,
        .read = read,
};
