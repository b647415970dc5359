/* Criterion.rs on a terminal. Format: src/report.rs, CliReport.
 *
 *         group/encode/1024       time:   [18.195 us 20.930 us 24.240 us]
 *                                 thrpt:  [42.2 MiB/s 48.9 MiB/s 56.2 MiB/s]
 *                                 change: [+21.885% +31.300% +41.180%] (p = 0.00 < 0.05)
 *
 * Low, estimate and high of the 95 % interval. A name of more than 23 bytes has a line of its own.
 */

#include "import/text_lines.h"
#include "import/text_number.h"

#include <math.h>

static int detect(Span head, bool whole UNUSED)
{
        Span rest = head, line;

        while (span_next_line(&rest, &line)) {
                ptrdiff_t at = span_find(line, SPAN("time: "));

                if (at >= 0 && span_contains(span_from(line, (size_t)at), "["))
                        return span_contains(head, "Benchmarking ") ? 95 : 85;
        }
        return 0;
}

typedef struct Criterion {
        Import *in;
        TextLines lines;
        Span name; /* of the results in hand; in name_text */
        Buf name_text;
        bool named_by_line; /* the line before was a name, or is not understood */
        uint64_t name_line;
        double samples;
} Criterion;

/* A line that might have been a name, and was none. */
static void drop_name(Criterion *c)
{
        if (c->named_by_line)
                import_unknown(c->in, c->name_line, c->name, "no line of Criterion's");
        c->named_by_line = false;
}

static void set_name(Criterion *c, Span name, bool by_line)
{
        drop_name(c);
        buf_clear(&c->name_text);
        buf_add(&c->name_text, span_first(name, KiB(4)));
        c->name = buf_span(&c->name_text);
        c->named_by_line = by_line;
        c->name_line = c->lines.line;
}

static int read_part(Criterion *c, Span *rest, double *ret, Span *ret_unit, Error *err)
{
        Span at = *rest;

        if (!text_take_number(rest, ret))
                return text_fail(&c->lines, at, "a number", err);
        *ret_unit = text_take_unit(rest);
        if (ret_unit->len == 0)
                return text_fail(&c->lines, *rest, "a unit", err);
        return 0;
}

/* "18.195 us 20.930 us 24.240 us]": the units may differ. */
static int read_interval(Criterion *c, Span rest, Error *err)
{
        double value[3];
        ImportUnit unit[3];
        Span text;
        int r;

        for (size_t i = 0; i < 3; i++) {
                r = read_part(c, &rest, &value[i], &text, err);
                if (r < 0)
                        return r;
                unit[i] = import_unit(text);
                if (unit[i].metric != unit[0].metric)
                        return text_fail(&c->lines, text, "units of one kind", err);
        }
        if (!span_starts(span_trim(rest), "]"))
                return text_fail(&c->lines, rest, "']'", err);
        if (c->name.len == 0)
                return text_fail(&c->lines, c->lines.current, "the name of a benchmark before",
                                 err);
        c->named_by_line = false;
        return import_summary(
                c->in, c->name, unit[1], value[1], value[0] * unit[0].scale / unit[1].scale,
                value[2] * unit[2].scale / unit[1].scale,
                c->samples > 0 && c->samples < 1e15 ? (uint64_t)c->samples : 0, c->lines.line, err);
}

/* "Benchmarking NAME: Collecting 100 samples in estimated 5.0000 s (15B iterations)" */
static void read_status(Criterion *c, Span line)
{
        static const char *const states[] = { ": Warming up for ", ": Collecting ", ": Analyzing" };
        Span rest = span_from(line, strlen("Benchmarking "));
        ptrdiff_t at = -1;

        drop_name(c);
        c->name = (Span){ 0 };
        for (size_t i = 0; at < 0 && i < COUNT(states); i++)
                at = span_find(rest, span_of(states[i]));
        if (at < 0) {
                c->samples = 0;
                if (span_ends(rest, ":"))
                        rest.len--; /* a terminal's leftover, when the result overwrote it */
                set_name(c, rest, false);
                return;
        }
        rest = span_from(rest, (size_t)at);
        if (span_starts(rest, ": Collecting ")) {
                rest = span_from(rest, strlen(": Collecting "));
                (void)text_take_number(&rest, &c->samples);
        }
}

static const char *const noise[] = {
        "running ",         "test result:",
        "Running ",         "Compiling ",
        "Finished ",        "Doc-tests ",
        "warning:",         "Gnuplot not",
        "Performance has ", "No change in performance",
        "Change within",    "change:",
        "Found ",           "mean  ",
        "median ",          "slope  ",
        "Downloading ",     "Downloaded ",
        "Updating ",        "Locking ",
        "Adding ",          "Blocking ",
};

static bool is_noise(Span line)
{
        return line.len == 0 || text_starts_any(line, noise, COUNT(noise)) ||
               (span_starts(line, "test ") && span_contains(line, " ... ")) ||
               span_ends(line, " mild") || span_ends(line, " severe");
}

/* The bracket that follows "time:" or "thrpt:"; false: this line has none. */
static bool find_interval(Span line, const char *label, Span *ret_name, Span *ret_rest)
{
        ptrdiff_t at = -1;
        Span rest = line, tail;

        /* the last one: names may hold such a text too */
        for (ptrdiff_t next; (next = span_find(rest, span_of(label))) >= 0;) {
                tail = span_trim(span_from(rest, (size_t)next + strlen(label)));
                if (span_starts(tail, "["))
                        at = rest.ptr - line.ptr + next;
                rest = span_from(rest, (size_t)next + 1);
        }
        if (at < 0)
                return false;
        *ret_name = span_trim(span_first(line, (size_t)at));
        *ret_rest = span_from(span_trim(span_from(line, (size_t)at + strlen(label))), 1);
        return true;
}

static int read_line(Criterion *c, Span line, Error *err)
{
        Span name, rest;
        int r;

        if (find_interval(line, "time:", &name, &rest) ||
            find_interval(line, "thrpt:", &name, &rest)) {
                Span probe = rest;
                double value;

                if (text_take_number(&probe, &value) && span_starts(probe, "%"))
                        return 1; /* below "change:" */
                if (name.len)
                        set_name(c, name, false);
                r = read_interval(c, rest, err);
                return r < 0 ? r : 1;
        }
        if (span_starts(line, "Benchmarking ")) {
                read_status(c, line);
                return 1;
        }
        if (is_noise(span_trim(line)))
                return 1;
        if (span_starts(span_trim(line), "Warning:")) {
                import_warns(c->in, "Criterion: %.*s", SPAN_ARG(span_first(line, 200)));
                return 1;
        }
        if (line.ptr[0] == ' ')
                return 0;
        set_name(c, line, true);
        return 1;
}

static int read_text(Import *in, Span text, Error *err)
{
        Criterion c = { .in = in,
                        .lines = text_lines(in, text),
                        .name_text = buf_in(import_arena(in), KiB(8)) };
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&c.lines, &line)) {
                r = read_line(&c, line, err);
                if (r == 0)
                        import_unknown(in, c.lines.line, line, "no line of Criterion's");
        }
        drop_name(&c);
        return r < 0 ? r : 0;
}

const ImportFormat criterion_text_format = {
        .name = "criterion-text",
        .says = "cargo bench (Criterion.rs)",
        .files = "https://github.com/bheisler/criterion.rs",
        .detect = detect,
        .read = read_text,
};
