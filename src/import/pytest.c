#include "import/json_read.h"

static int detect(Span head, bool whole UNUSED)
{
        static const char *const sure[] = { "machine_info", "commit_info", NULL };
        static const char *const likely[] = { "benchmarks[].fullname", "benchmarks[].stats", NULL };

        if (json_head_has_all(head, sure))
                return 90;
        return json_head_has_all(head, likely) ? 90 : 0;
}

static const ImportUnit seconds = { METRIC_TIME, 1e9 };

/* The rounds themselves, when all of them are there. */
static bool has_all_rounds(const Value *data, double rounds)
{
        if (!data || data->kind != VALUE_LIST || (double)data->count != rounds)
                return false;
        value_each (value, data)
                if (value->kind != VALUE_NUMBER)
                        return false;
        return true;
}

static int read_benchmark(Import *in, const Document *doc, const Value *item, Error *err)
{
        const Value *stats = value_get(item, "stats"), *data = value_get(stats, "data");
        double rounds = number_under(stats, "rounds");
        Span subject = text_under(item, "fullname");
        int r = value_expect(doc, item, VALUE_MAP, err);

        if (subject.len == 0)
                subject = text_under(item, "name");
        if (r == 0 && (subject.len == 0 || !stats))
                r = value_fail(err, doc, item, "a benchmark without its 'name' or 'stats'");
        if (r < 0)
                return r;
        if (has_all_rounds(data, rounds))
                return json_samples(in, doc, data, subject, seconds, err);
        if (data && data->count)
                import_unknown(in, data->line, subject,
                               "'data' does not hold all rounds; the median counts");
        if (!value_get(stats, "median"))
                return value_fail(err, doc, stats, "'median' is missing");
        return json_summary(in, doc, value_get(stats, "median"), subject, seconds,
                            rounds >= 1 && rounds < 1e15 ? (uint64_t)rounds : 0, err);
}

static void read_context(Import *in, const Value *root)
{
        const Value *commit = value_get(root, "commit_info");
        const Value *machine = value_get(root, "machine_info");
        const Value *dirty = value_get(commit, "dirty");
        Span version = text_under(root, "version");

        import_revision(in, text_under(commit, "id"));
        if (dirty && dirty->boolean)
                import_says(in, "measured with uncommitted changes");
        import_machine(in, text_under(machine, "node"));
        (void)import_date(text_under(root, "datetime"), &import_recording(in)->wall_ns);
        if (version.len)
                import_tool(in, "pytest-benchmark %.*s", SPAN_ARG(version));
        import_says(in, "Python %.*s", SPAN_ARG(text_under(machine, "python_version")));
}

static int read(Import *in, Span text, Error *err)
{
        const Value *benchmarks;
        Document doc;
        int r = json_document(in, text, &doc, err);

        if (r == 0)
                r = json_list(&doc, doc.root, "benchmarks", &benchmarks, err);
        if (r < 0)
                return r;
        read_context(in, doc.root);
        value_each (item, benchmarks) {
                r = read_benchmark(in, &doc, item, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

const ImportFormat pytest_format = {
        .name = "pytest-benchmark",
        .says = "pytest --benchmark-json",
        .files = "github.com/ionelmc/pytest-benchmark: src/pytest_benchmark/session.py, stats.py",
        .detect = detect,
        .read = read,
};
