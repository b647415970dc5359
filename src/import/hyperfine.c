#include "base/json.h"
#include "import/import.h"
#include "import/json_read.h"

static int detect(Span head, bool whole UNUSED)
{
        return json_head_has(head, "results[].command") ? 95 : 0;
}

/* "sleep 0.1/n=3" */
static Span subject_of(Import *in, const Value *result)
{
        return import_subject(in, text_under(result, "command"), value_get(result, "parameters"));
}

static void count_failures(Import *in, const Value *result, Span subject)
{
        const Value *codes = value_get(result, "exit_codes");
        uint64_t n = 0, failed = 0;

        value_each (code, codes) {
                n++;
                failed += code->kind != VALUE_NUMBER || code->number != 0;
        }
        if (failed)
                import_warns(in, "%.*s: %llu of %llu runs failed", SPAN_ARG(subject),
                             (unsigned long long)failed, (unsigned long long)n);
}

/* User and system time are means over the runs; hyperfine keeps only those. */
static const JsonColumn means[] = {
        { "user", METRIC_TIME_USER, 1e9 },
        { "system", METRIC_TIME_SYSTEM, 1e9 },
};

static int read_result(Import *in, const Document *doc, const Value *result, Error *err)
{
        static const ImportUnit seconds = { METRIC_TIME, 1e9 }, bytes = { METRIC_MEMORY, 1 };
        const Value *times = value_get(result, "times");
        Span subject = subject_of(in, result);
        int r = value_expect(doc, result, VALUE_MAP, err);

        if (r == 0 && subject.len == 0)
                r = value_fail(err, doc, result, "a result without its 'command'");
        if (r < 0)
                return r;
        count_failures(in, result, subject);
        r = times && times->count
                    ? json_samples(in, doc, times, subject, seconds, err)
                    : json_summary(in, doc, value_get(result, "median"), subject, seconds, 0, err);
        if (r == 0)
                r = json_samples(in, doc, value_get(result, "memory_usage_byte"), subject, bytes,
                                 err);
        return r < 0 ? r
                     : json_columns(in, doc, result, means, COUNT(means), subject,
                                    times ? times->count : 0, err);
}

static int read(Import *in, Span text, Error *err)
{
        const Value *results;
        Document doc;
        int r = json_document(in, text, &doc, err);

        if (r < 0)
                return r;
        r = json_list(&doc, doc.root, "results", &results, err);
        if (r < 0)
                return r;
        value_each (result, results) {
                if (r == 0)
                        r = read_result(in, &doc, result, err);
        }
        return r;
}

const ImportFormat hyperfine_format = {
        .name = "hyperfine",
        .says = "hyperfine --export-json",
        .files = "github.com/sharkdp/hyperfine: src/benchmark/benchmark_result.rs",
        .detect = detect,
        .read = read,
};
