/* Rust's `cargo bench` with #[bench]: the median of 50 batches, and greatest less least.
 *
 *         test sort::big   ... bench:   1,424.50 ns/iter (+/- 60) = 12 MB/s
 *
 * What stands behind +/- is no interval and is not kept as one. Format: library/test.
 */

#include "import/text_lines.h"
#include "import/text_number.h"

#include <math.h>

#define MARK " ... bench:"
#define BATCHES 50

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, MARK) && span_contains(head, "ns/iter (+/-") ? 90 : 0;
}

static int read_bandwidth(Import *in, const TextLines *lines, Span name, Span rest, Error *err)
{
        double value;
        Span unit;

        if (span_trim(rest).len == 0)
                return 0;
        if (!span_starts(span_trim(rest), "= "))
                return text_fail(lines, rest, "'= N MB/s'", err);
        rest = span_from(span_trim(rest), 2);
        if (!text_take_number(&rest, &value))
                return text_fail(lines, rest, "a number", err);
        unit = text_take_unit(&rest);
        if (!span_is(unit, "MB/s"))
                return text_fail(lines, unit, "MB/s", err);
        return import_summary(in, name, import_unit(unit), value, NAN, NAN, BATCHES, lines->line,
                              err);
}

static int read_bench(Import *in, const TextLines *lines, Span line, Error *err)
{
        size_t at = (size_t)span_find(line, SPAN(MARK));
        Span name = span_trim(span_from(span_first(line, at), strlen("test ")));
        Span rest = span_from(line, at + strlen(MARK)), number = rest;
        double median, spread;
        Span unit;
        int r;

        if (!text_take_number(&rest, &median))
                return text_fail(lines, number, "a time", err);
        unit = text_take_unit(&rest);
        if (import_unit(unit).metric != METRIC_TIME)
                return text_fail(lines, unit, "ns/iter", err);
        rest = span_trim(rest);
        if (!span_starts(rest, "(+/-"))
                return text_fail(lines, rest, "(+/- N)", err);
        rest = span_from(rest, strlen("(+/-"));
        if (!text_take_number(&rest, &spread) || !span_starts(rest, ")"))
                return text_fail(lines, rest, "(+/- N)", err);
        r = import_summary(in, name, import_unit(unit), median, NAN, NAN, BATCHES, lines->line,
                           err);
        return r < 0 ? r : read_bandwidth(in, lines, name, span_from(rest, 1), err);
}

static const char *const noise[] = {
        "running ", "test result:", "Running ", "Compiling ", "Finished ", "Doc-tests ", "warning:",
};

static int read_text(Import *in, Span text, Error *err)
{
        TextLines lines = text_lines(in, text);
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&lines, &line)) {
                line = span_trim(line);
                if (span_starts(line, "test ") && span_contains(line, MARK))
                        r = read_bench(in, &lines, line, err);
                else if (span_starts(line, "test ") && span_ends(line, "... FAILED"))
                        import_warns(in, "line %zu: %.*s", (size_t)lines.line,
                                     SPAN_ARG(span_first(line, 200)));
                else if (line.len && !text_starts_any(line, noise, COUNT(noise)) &&
                         !(span_starts(line, "test ") && span_contains(line, " ... ")))
                        import_unknown(in, lines.line, line, "no line of libtest's");
        }
        return r;
}

const ImportFormat libtest_format = {
        .name = "libtest",
        .says = "cargo bench (#[bench])",
        .files = "https://doc.rust-lang.org/test/",
        .detect = detect,
        .read = read_text,
};
