#include "import/json_read.h"

static int detect(Span head, bool whole UNUSED)
{
        static const char *const likely[] = { "Benchmarks[].Type", "Benchmarks[].Method", NULL };

        if (json_head_has(head, "HostEnvironmentInfo.BenchmarkDotNetVersion"))
                return 95;
        return json_head_has_all(head, likely) ? 85 : 0;
}

typedef struct DotNet {
        Import *in;
        const Document *doc;
} DotNet;

static Span subject_of(const DotNet *d, const Value *item)
{
        Span full = text_under(item, "FullName"), space = text_under(item, "Namespace");
        Span parameters = text_under(item, "Parameters");
        Buf out = buf_in(import_arena(d->in), KiB(16));

        if (full.len)
                return full;
        if (space.len)
                buf_printf(&out, "%.*s.", SPAN_ARG(space));
        buf_printf(&out, "%.*s.%.*s", SPAN_ARG(text_under(item, "Type")),
                   SPAN_ARG(text_under(item, "Method")));
        if (parameters.len)
                buf_printf(&out, "/%.*s", SPAN_ARG(parameters));
        return buf_span(&out);
}

/* A measurement that counts: not of warm-up, pilot or overhead. Versions differ in words. */
static bool is_result(const Value *measurement)
{
        Span mode = text_under(measurement, "IterationMode");
        Span stage = text_under(measurement, "IterationStage");

        return span_is(stage, "Result") || (stage.len == 0 && span_is(mode, "Result"));
}

static int read_measurements(DotNet *d, const Value *list, Span subject, uint64_t *ret_n,
                             Error *err)
{
        static const ImportUnit ns = { METRIC_TIME, 1 };
        uint64_t n = 0;

        value_each (m, list) {
                double operations = number_under(m, "Operations");
                double elapsed = number_under(m, "Nanoseconds");
                int r;

                if (!is_result(m))
                        continue;
                if (!(operations > 0))
                        return value_fail(err, d->doc, m, "a measurement of no operations");
                r = import_sample(d->in, subject, ns, elapsed / operations, m->line, err);
                if (r < 0)
                        return r;
                n++;
        }
        *ret_n = n;
        return 0;
}

static int read_times(DotNet *d, const Value *item, Span subject, Error *err)
{
        static const ImportUnit ns = { METRIC_TIME, 1 };
        const Value *statistics = value_get(item, "Statistics");
        const Value *values = value_get(statistics, "OriginalValues");
        double n = number_under(statistics, "N");
        uint64_t measured = 0;
        int r;

        if (values && values->count)
                return json_samples(d->in, d->doc, values, subject, ns, err);
        r = read_measurements(d, value_get(item, "Measurements"), subject, &measured, err);
        if (r < 0 || measured)
                return r;
        if (value_absent(statistics)) {
                import_unknown(d->in, item->line, subject, "a benchmark without results");
                return 0;
        }
        if (!value_get(statistics, "Median"))
                return value_fail(err, d->doc, statistics, "'Median' is missing");
        return json_summary(d->in, d->doc, value_get(statistics, "Median"), subject, ns,
                            n >= 1 && n < 1e15 ? (uint64_t)n : 0, err);
}

static int read_benchmark(DotNet *d, const Value *item, Error *err)
{
        static const ImportUnit bytes = { METRIC_ALLOCATED, 1 };
        const Value *memory = value_get(item, "Memory");
        Span subject;
        int r = value_expect(d->doc, item, VALUE_MAP, err);

        if (r == 0 && text_under(item, "Method").len == 0 && text_under(item, "FullName").len == 0)
                r = value_fail(err, d->doc, item, "'Method' is missing");
        if (r < 0)
                return r;
        subject = subject_of(d, item);
        r = read_times(d, item, subject, err);
        if (r == 0)
                r = json_summary(d->in, d->doc, value_get(memory, "BytesAllocatedPerOperation"),
                                 subject, bytes, 0, err);
        return r;
}

static int read(Import *in, Span text, Error *err)
{
        const Value *benchmarks, *host;
        Document doc;
        DotNet d = { in, &doc };
        int r = json_document(in, text, &doc, err);

        if (r == 0)
                r = json_list(&doc, doc.root, "Benchmarks", &benchmarks, err);
        if (r < 0)
                return r;
        host = value_get(doc.root, "HostEnvironmentInfo");
        import_tool(in, "BenchmarkDotNet %.*s",
                    SPAN_ARG(text_under(host, "BenchmarkDotNetVersion")));
        import_says(in, "%.*s %.*s", SPAN_ARG(text_under(host, "OsVersion")),
                    SPAN_ARG(text_under(host, "RuntimeVersion")));
        value_each (item, benchmarks) {
                r = read_benchmark(&d, item, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

const ImportFormat dotnet_format = {
        .name = "benchmarkdotnet",
        .says = "BenchmarkDotNet JsonExporter (full, brief)",
        .files = "github.com/dotnet/BenchmarkDotNet: src/BenchmarkDotNet/Exporters/Json",
        .detect = detect,
        .read = read,
};
