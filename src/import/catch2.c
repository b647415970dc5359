/* Catch2's console reporter: three lines a benchmark, under the name of its test case.
 *
 *         fib 10                       20            69     583.74 us     samples iterations
 * estimate 290.941 ns    290.441 ns    292.885 ns     mean, low, high 2.04891 ns   0.113125
 * ns    4.07551 ns     deviation, low, high
 *
 * Long names wrap within their column. Format: catch_reporter_console.cpp.
 */

#include "import/text_lines.h"
#include "import/text_number.h"

#include <math.h>

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, "benchmark name") && span_contains(head, "low mean") &&
                               span_contains(head, "high mean")
                       ? 92
                       : 0;
}

typedef enum Expect {
        EXPECT_NOTHING, /* outside the table */
        EXPECT_NAME,
        EXPECT_MEAN,
        EXPECT_DEVIATION,
} Expect;

typedef struct Catch2 {
        Import *in;
        TextLines lines;
        Expect expect;
        bool header; /* the rule that comes ends the table's header */
        enum { NO_TITLE, TITLE_NEXT, TITLE_READ } title;
        Buf test_case, subject;
        Buf name;
        uint64_t samples;
} Catch2;

/* The last word of *s, cut off. */
static Span pop_word(Span *s)
{
        Span word;

        *s = span_trim(*s);
        for (size_t i = s->len; i > 0; i--)
                if (s->ptr[i - 1] == ' ' || s->ptr[i - 1] == '\t') {
                        word = span_from(*s, i);
                        s->len = i;
                        return word;
                }
        word = *s;
        s->len = 0;
        return word;
}

/* "name  samples iterations 583.74 us" */
static bool is_first_row(Span line, Span *ret_name, uint64_t *ret_samples)
{
        Span unit = pop_word(&line), estimate = pop_word(&line), iterations = pop_word(&line);
        Span samples = pop_word(&line);
        double value;
        uint64_t n;

        if (import_unit(unit).metric != METRIC_TIME || !text_number(estimate, &value) ||
            span_to_u64(iterations, &n, NULL) < 0 || span_to_u64(samples, ret_samples, NULL) < 0)
                return false;
        *ret_name = span_trim(line);
        return true;
}

static void add_name(Catch2 *c, Span part)
{
        if (c->name.len && part.len)
                buf_byte(&c->name, ' ');
        buf_add(&c->name, part);
}

static int read_name(Catch2 *c, Span line)
{
        Span part;

        if (is_first_row(line, &part, &c->samples)) {
                add_name(c, part);
                c->expect = EXPECT_MEAN;
                return 1;
        }
        if (span_contains(line, "Benchmark failed")) {
                import_unknown(c->in, c->lines.line, line, "the benchmark failed");
                buf_clear(&c->name);
                return 1;
        }
        add_name(c, span_trim(line));
        return 1;
}

static int read_mean(Catch2 *c, Span line, Error *err)
{
        Span rest = line;
        double mean, low, high;

        if (c->lines.cut || !text_take_duration(&rest, &mean) || !text_take_duration(&rest, &low) ||
            !text_take_duration(&rest, &high) || span_trim(rest).len)
                return text_fail(&c->lines, rest, "mean, low mean and high mean", err);
        buf_clear(&c->subject);
        if (c->test_case.len)
                buf_printf(&c->subject, "%s/", c->test_case.ptr);
        buf_add(&c->subject, buf_span(&c->name));
        buf_clear(&c->name);
        c->expect = EXPECT_DEVIATION;
        return import_summary(c->in, buf_span(&c->subject), (ImportUnit){ METRIC_TIME, 1, { 0 } },
                              mean, low, high, c->samples, c->lines.line, err);
}

static int read_deviation(Catch2 *c, Span line, Error *err)
{
        Span rest = line;
        double value;

        for (int i = 0; i < 3; i++)
                if (!text_take_duration(&rest, &value))
                        return text_fail(&c->lines, rest, "three deviations", err);
        c->expect = EXPECT_NAME;
        return 0;
}

/* Rules part test case, place and table from each other. */
static void read_rule(Catch2 *c)
{
        if (c->header) {
                c->expect = EXPECT_NAME;
                c->header = false;
                return;
        }
        c->expect = EXPECT_NOTHING;
        c->title = c->title == TITLE_READ ? NO_TITLE : TITLE_NEXT;
}

static const char *const noise[] = {
        "benchmark name", "mean  ",           "std dev ",          "Run with -?", "test cases:",
        "assertions:",    "All tests passed", "Randomness seeded", "Filters:",
};

static int read_outside(Catch2 *c, Span line)
{
        if (span_starts(line, "benchmark name"))
                c->header = true;
        if (text_starts_any(line, noise, COUNT(noise)) || span_contains(line, " host application"))
                return 1;
        if (c->title == TITLE_NEXT) {
                buf_clear(&c->test_case);
                buf_add(&c->test_case, span_first(line, KiB(1)));
                c->title = TITLE_READ;
                return 1;
        }
        return c->test_case.len > 0 && !c->header; /* sections, and where it stands */
}

static int read_line(Catch2 *c, Span line, Error *err)
{
        int r;

        if (text_is_rule(line, "-=~.")) {
                if (c->expect == EXPECT_MEAN || c->expect == EXPECT_DEVIATION)
                        return text_fail(&c->lines, line, "the rest of a benchmark", err);
                if (line.ptr[0] == '-')
                        read_rule(c);
                else
                        c->expect = EXPECT_NOTHING;
                buf_clear(&c->name);
                return 1;
        }
        if (line.len == 0)
                return 1;
        switch (c->expect) {
        case EXPECT_NAME:
                return read_name(c, line);
        case EXPECT_MEAN:
                r = read_mean(c, line, err);
                return r < 0 ? r : 1;
        case EXPECT_DEVIATION:
                r = read_deviation(c, line, err);
                return r < 0 ? r : 1;
        case EXPECT_NOTHING:
                break;
        }
        return read_outside(c, line);
}

static int read_text(Import *in, Span text, Error *err)
{
        Catch2 c = { .in = in,
                     .lines = text_lines(in, text),
                     .name = buf_in(import_arena(in), KiB(8)),
                     .test_case = buf_in(import_arena(in), KiB(2)),
                     .subject = buf_in(import_arena(in), KiB(16)) };
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&c.lines, &line)) {
                line = span_trim(line);
                r = read_line(&c, line, err);
                if (r == 0)
                        import_unknown(in, c.lines.line, line, "no line of Catch2's");
        }
        if (r >= 0 && (c.expect == EXPECT_MEAN || c.expect == EXPECT_DEVIATION))
                return text_fail_early(&c.lines, "std dev", err);
        if (r >= 0 && c.name.len)
                import_unknown(in, c.lines.line, buf_span(&c.name), "a name without a result");
        return r < 0 ? r : 0;
}

const ImportFormat catch2_format = {
        .name = "catch2",
        .says = "Catch2's console output",
        .files = "https://github.com/catchorg/Catch2",
        .detect = detect,
        .read = read_text,
};
