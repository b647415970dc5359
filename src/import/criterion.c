/* Three files of criterion: the messages of cargo criterion, and what each benchmark leaves in
 * target/criterion/GROUP/NAME/new/, where estimates.json and sample.json take their name from. */

#include "import/json_read.h"

static int detect(Span head, bool whole UNUSED)
{
        static const char *const messages[] = { "reason", "id", NULL };
        static const char *const estimates[] = { "mean.point_estimate", "std_dev.point_estimate",
                                                 NULL };
        static const char *const samples[] = { "sampling_mode", "iters", "times", NULL };

        if (json_head_has_all(head, messages) && json_head_has(head, "typical.estimate"))
                return 95;
        return json_head_has_all(head, estimates) || json_head_has_all(head, samples) ? 90 : 0;
}

static const ImportUnit ns = { METRIC_TIME, 1 };

/* "group/name" of "target/criterion/group/name/new/estimates.json". */
static Span name_from_path(const Import *in)
{
        static const char top[] = "/criterion/";
        Span path = span_of(import_name(in)), rest = path, file = path;
        ptrdiff_t at = span_find(path, span_of(top));

        if (span_starts(path, top + 1))
                path = span_from(path, strlen(top) - 1);
        else if (at >= 0)
                path = span_from(path, (size_t)at + strlen(top));
        while (rest.ptr)
                file = span_cut(&rest, '/');
        if (file.len + 1 < path.len)
                path = span_first(path, path.len - file.len - 1);
        for (size_t i = 0; i < 2; i++) {
                static const char *const rounds[] = { "/new", "/base" };

                if (span_ends(path, rounds[i]))
                        path = span_first(path, path.len - strlen(rounds[i]));
        }
        return path;
}

/* Each sample is the time of many iterations. */
static int read_samples(Import *in, const Document *doc, Span subject, ImportUnit unit,
                        const Value *iterations, const Value *times, Error *err)
{
        const Value *n = iterations->first;

        if (iterations->count != times->count)
                return value_fail(err, doc, times, "%zu times of %zu samples", times->count,
                                  iterations->count);
        value_each (time, times) {
                double value, count;
                int r = value_to_number(doc, time, &value, err);

                if (r == 0)
                        r = value_to_number(doc, n, &count, err);
                if (r == 0 && !(count > 0))
                        r = value_fail(err, doc, n, "a sample of no iterations");
                if (r == 0)
                        r = import_sample(in, subject, unit, value / count, time->line, err);
                if (r < 0)
                        return r;
                n = n->next;
        }
        return 0;
}

static int read_complete(Import *in, const Document *doc, Error *err)
{
        const Value *iterations, *values;
        Span subject = text_under(doc->root, "id");
        int r = json_list(doc, doc->root, "iteration_count", &iterations, err);

        if (r == 0)
                r = json_list(doc, doc->root, "measured_values", &values, err);
        if (r == 0 && subject.len == 0)
                r = value_fail(err, doc, doc->root, "'id' is missing");
        return r < 0 ? r
                     : read_samples(in, doc, subject, import_unit(text_under(doc->root, "unit")),
                                    iterations, values, err);
}

static int read_estimates(Import *in, const Document *doc, Error *err)
{
        const Value *median = value_get(doc->root, "median");
        const Value *interval = value_get(median, "confidence_interval");
        double value;
        int r = median ? 0 : value_fail(err, doc, doc->root, "'median' is missing");

        if (r == 0 && !value_get(median, "point_estimate"))
                r = value_fail(err, doc, median, "'point_estimate' is missing");
        if (r == 0)
                r = value_to_number(doc, value_get(median, "point_estimate"), &value, err);
        return r < 0 ? r
                     : import_summary(in, name_from_path(in), ns, value,
                                      number_under(interval, "lower_bound"),
                                      number_under(interval, "upper_bound"), 0, median->line, err);
}

static int read_line(Import *in, const Document *doc, Span line, void *state, Error *err)
{
        Span reason = text_under(doc->root, "reason");

        (void)state;
        if (span_is(reason, "benchmark-complete"))
                return read_complete(in, doc, err);
        if (!span_is(reason, "group-complete"))
                import_unknown(in, 1, line, "no message of a benchmark");
        return 0;
}

static int read(Import *in, Span text, Error *err)
{
        const Value *iterations, *times;
        Document doc;
        int r;

        if (json_head_has(span_first(text, KiB(64)), "reason"))
                return json_lines(in, text, read_line, NULL, err);
        r = json_document(in, text, &doc, err);
        if (r < 0)
                return r;
        iterations = value_get(doc.root, "iters");
        times = value_get(doc.root, "times");
        if (!iterations || !times)
                return read_estimates(in, &doc, err);
        return read_samples(in, &doc, name_from_path(in), ns, iterations, times, err);
}

const ImportFormat criterion_format = {
        .name = "criterion",
        .says = "cargo criterion --message-format json; estimates.json and sample.json",
        .files = "bheisler.github.io/criterion.rs/book/cargo_criterion/external_tools.html",
        .detect = detect,
        .read = read,
};
