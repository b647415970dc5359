/* benchmark.js: "String(bench)" of a suite's cycle event.
 *
 *         fib(10) x 1,431,759 ops/sec +-0.74% (93 runs sampled)
 *
 * +- is the half width of the mean's 95 % interval. Format: benchmark.js, toStringBench().
 */

#include "import/text_lines.h"
#include "import/text_number.h"

#define UNIT " ops/sec"
#define PLUS_MINUS "\u00b1"

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, UNIT " " PLUS_MINUS) && span_contains(head, "sampled)") ? 90 : 0;
}

/* Where the last " x " before the number starts, or -1: names may hold one too. */
static ptrdiff_t find_times(Span line)
{
        for (size_t i = line.len; i >= 3; i--)
                if (memcmp(line.ptr + i - 3, " x ", 3) == 0)
                        return (ptrdiff_t)i - 3;
        return -1;
}

static int read_result(Import *in, const TextLines *lines, Span line, size_t unit_at, Error *err)
{
        Span head = span_first(line, unit_at), rest = span_from(line, unit_at + strlen(UNIT));
        ptrdiff_t x = find_times(head);
        double rate, percent, runs;
        int r;

        if (x < 0)
                return 0;
        if (!text_number(span_from(head, (size_t)x + 3), &rate))
                return text_fail(lines, span_from(head, (size_t)x + 3), "a number", err);
        rest = span_trim(rest);
        if (!span_starts(rest, PLUS_MINUS))
                return text_fail(lines, rest, PLUS_MINUS "N%", err);
        rest = span_from(rest, strlen(PLUS_MINUS));
        if (!text_take_number(&rest, &percent) || !span_starts(rest, "% ("))
                return text_fail(lines, rest, PLUS_MINUS "N%", err);
        rest = span_from(rest, strlen("% ("));
        if (!text_take_number(&rest, &runs) || !span_ends(rest, "sampled)") || runs < 0 ||
            runs > 1e15)
                return text_fail(lines, rest, "(N runs sampled)", err);
        r = import_summary(in, span_trim(span_first(head, (size_t)x)), import_unit(SPAN("ops/sec")),
                           rate, rate * (1 - percent / 100), rate * (1 + percent / 100),
                           (uint64_t)runs, lines->line, err);
        return r < 0 ? r : 1;
}

static int read_text(Import *in, Span text, Error *err)
{
        TextLines lines = text_lines(in, text);
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&lines, &line)) {
                ptrdiff_t unit = span_find(line, SPAN(UNIT));

                r = 0;
                if (unit >= 0)
                        r = read_result(in, &lines, line, (size_t)unit, err);
                else if (span_trim(line).len == 0 || span_starts(line, "Fastest is "))
                        r = 1;
                if (r == 0)
                        import_unknown(in, lines.line, line, "no result of benchmark.js");
        }
        return r < 0 ? r : 0;
}

const ImportFormat benchmark_js_format = {
        .name = "benchmark-js",
        .says = "benchmark.js",
        .files = "https://github.com/bestiejs/benchmark.js",
        .detect = detect,
        .read = read_text,
};
