/* JMH's text: the iterations of a run, which are samples, and the table at its end.
 *
 *         # Benchmark: org.x.Foo.bar
 *         # Parameters: (n = 10)
 *         Iteration   1: 41.203 ns/op
 *         ...
 *         Benchmark   (n)  Mode  Cnt     Score     Error  Units
 *         Foo.bar      10  avgt    5    45.123 +-  2.456  ns/op
 *
 * The table has the mean and the half width of its 99.9 % interval. Rows whose iterations were
 * printed repeat them. Decimal points may be commas. Format: TextResultFormat.java.
 */

#include "base/map.h"
#include "import/text_lines.h"
#include "import/text_number.h"

#include <math.h>

#define PLUS_MINUS "\u00b1"
#define ABOUT "\u2248"
#define MOST_PARAMS 32
#define MOST_NAMES 50000

static bool is_header(Span line)
{
        Span word;

        return span_next_word(&line, &word) && span_is(word, "Benchmark") &&
               span_contains(line, "Mode ") && span_contains(line, "Score ") &&
               span_ends(span_trim(line), "Units");
}

static int detect(Span head, bool whole UNUSED)
{
        Span line;

        if (span_contains(head, "# JMH version:"))
                return 95;
        while (span_next_line(&head, &line))
                if (is_header(line))
                        return 92;
        return 0;
}

typedef struct Jmh {
        Import *in;
        TextLines lines;
        Buf titles;
        Span params[MOST_PARAMS]; /* titles of the table's columns, in it */
        size_t n_params;
        bool table;
        Buf subject;     /* of the iterations */
        size_t name_len; /* of it, before the parameters */
        Map seen;        /* "Foo.bar/n=10" that has iterations */
} Jmh;

/* --- iterations --- */

/* "Foo.bar" of "org.x.Foo.bar": as the table shortens it. */
static Span short_name(Span name)
{
        size_t dots = 0;

        for (size_t i = name.len; i > 0; i--)
                if (name.ptr[i - 1] == '.' && ++dots == 2)
                        return span_from(name, i);
        return name;
}

/* "(n = 10, mode = x)" becomes "/n=10/mode=x". */
static void set_params(Jmh *jmh, Span list)
{
        Span one, value;

        jmh->subject.len = jmh->name_len;
        list = span_trim(list);
        if (span_starts(list, "(") && span_ends(list, ")") && list.len >= 2)
                list = span_first(span_from(list, 1), list.len - 2);
        while (list.ptr) {
                value = span_cut(&list, ',');
                one = span_cut(&value, '=');
                buf_printf(&jmh->subject, "/%.*s=%.*s", SPAN_ARG(span_trim(one)),
                           SPAN_ARG(span_trim(value)));
        }
}

static void set_name(Jmh *jmh, Span name)
{
        buf_clear(&jmh->subject);
        buf_add(&jmh->subject, span_first(name, KiB(1)));
        jmh->name_len = jmh->subject.len;
}

/* That there are samples of it. */
static void mark_seen(Jmh *jmh, Span name)
{
        if (jmh->seen.len < MOST_NAMES && !map_find(&jmh->seen, name))
                (void)map_add(&jmh->seen, span_copy(import_arena(jmh->in), name));
}

/* "ms" could have become "m": a unit that the text ends with has to be whole by itself. */
static bool may_be_torn(Span unit)
{
        return span_find_byte(unit, '/') < 0 || import_unit(unit).metric == METRIC_CUSTOM;
}

static int read_iteration(Jmh *jmh, Span rest, Error *err)
{
        Span word, unit;
        double value;
        int r;

        (void)span_cut(&rest, ':');
        if (!rest.ptr || !span_next_word(&rest, &word))
                return 1; /* the values follow on lines of their own, or never came */
        if (!text_number_comma(word, &value))
                return text_fail(&jmh->lines, word, "the score of an iteration", err);
        if (!span_next_word(&rest, &unit))
                return text_fail(&jmh->lines, word, "a score and its unit", err);
        if (jmh->lines.cut && may_be_torn(unit))
                return text_fail_early(&jmh->lines, "the end of the line", err);
        mark_seen(jmh, short_name(buf_span(&jmh->subject)));
        r = import_sample(jmh->in, buf_span(&jmh->subject), import_unit(unit), value,
                          jmh->lines.line, err);
        return r < 0 ? r : 1;
}

static void read_comment(Jmh *jmh, Span line)
{
        if (span_starts(line, "# JMH version: "))
                import_tool(jmh->in, "JMH %.*s", SPAN_ARG(span_from(line, 15)));
        else if (span_starts(line, "# Benchmark: "))
                set_name(jmh, span_trim(span_from(line, 13)));
        else if (span_starts(line, "# Parameters: ") && jmh->subject.len)
                set_params(jmh, span_first(span_from(line, 14), KiB(2)));
        else if (span_starts(line, "# VM version: "))
                import_says(jmh->in, "%.*s", SPAN_ARG(span_from(line, 2)));
}

/* --- the table --- */

static void read_header(Jmh *jmh, Span line)
{
        Span rest, word;

        jmh->table = true;
        jmh->n_params = 0;
        buf_clear(&jmh->titles);
        buf_add(&jmh->titles, span_first(line, KiB(8)));
        rest = buf_span(&jmh->titles);
        (void)span_next_word(&rest, &word);
        while (span_next_word(&rest, &word) && span_starts(word, "(") && span_ends(word, ")") &&
               jmh->n_params < MOST_PARAMS)
                jmh->params[jmh->n_params++] = span_first(span_from(word, 1), word.len - 2);
}

static bool is_mode(Span word)
{
        static const char *const modes[] = { "thrpt", "avgt", "sample", "ss" };

        for (size_t i = 0; i < COUNT(modes); i++)
                if (span_is(word, modes[i]))
                        return true;
        return false;
}

typedef struct Score {
        uint64_t n;
        double value, error; /* error NaN: there is none */
        Span unit;
} Score;

/* "5  45.123 +- 2.456  ns/op", "  ~= 10^-6  B/op", "5  1.2  ns/op": 1, 0, or an error. */
static int read_score(Jmh *jmh, Span rest, Score *ret, Error *err)
{
        Span word, first;

        *ret = (Score){ .error = NAN };
        if (!span_next_word(&rest, &first))
                return 0;
        if (span_is(first, ABOUT))
                return 0;
        word = first;
        /* one number is the score, two are the count and the score */
        if (span_next_word(&rest, &word) && !span_is(word, PLUS_MINUS)) {
                Span after = rest, next;
                bool more = span_next_word(&after, &next);

                if (span_is(word, ABOUT))
                        return 0;
                if (more && span_to_u64(first, &ret->n, NULL) == 0) {
                        first = word;
                        if (!span_next_word(&rest, &word))
                                return 0;
                }
        }
        if (!text_number_comma(first, &ret->value))
                return text_is_not_finite(first)
                               ? text_fail(&jmh->lines, first, "a finite number", err)
                               : 0;
        if (span_is(word, PLUS_MINUS)) {
                if (!span_next_word(&rest, &word) ||
                    (!text_number_comma(word, &ret->error) && !text_is_not_finite(word)))
                        return text_fail(&jmh->lines, word, "the error", err);
                if (!span_next_word(&rest, &word))
                        return text_fail(&jmh->lines, rest, "a unit", err);
        }
        ret->unit = word;
        return span_trim(rest).len == 0;
}

static Span row_subject(Jmh *jmh, Span name, const Span *values)
{
        Buf out = buf_in(import_arena(jmh->in), KiB(16));

        buf_add(&out, name);
        for (size_t i = 0; i < jmh->n_params; i++)
                if (!span_is(values[i], "N/A"))
                        buf_printf(&out, "/%.*s=%.*s", SPAN_ARG(jmh->params[i]),
                                   SPAN_ARG(values[i]));
        return buf_span(&out);
}

static int read_row(Jmh *jmh, Span line, Error *err)
{
        Span values[MOST_PARAMS], name, word = { 0 }, subject;
        size_t n = 0;
        Score score;
        int r;

        (void)span_next_word(&line, &name);
        while (span_next_word(&line, &word) && !is_mode(word) && n < MOST_PARAMS)
                values[n++] = word;
        if (!is_mode(word) || n != jmh->n_params)
                return 0;
        r = read_score(jmh, line, &score, err);
        if (r <= 0)
                return r;
        if (jmh->lines.cut && may_be_torn(score.unit))
                return text_fail_early(&jmh->lines, "the end of the line", err);
        subject = row_subject(jmh, name, values);
        if (map_find(&jmh->seen, short_name(subject)))
                return 1;
        r = import_summary(jmh->in, subject, import_unit(score.unit), score.value,
                           score.value - score.error, score.value + score.error, score.n,
                           jmh->lines.line, err);
        return r < 0 ? r : 1;
}

static const char *const noise[] = {
        "Result ",          "REMEMBER:",     "why the numbers", "experiments, perform",
        "the benchmarking", "Do not assume", "Histogram, ",     "Percentiles, ",
        "NOTE: ",
};

static int read_line(Jmh *jmh, Span line, Error *err)
{
        Mark mark;
        int r;

        if (is_header(line)) {
                read_header(jmh, line);
                return 1;
        }
        if (line.len == 0)
                return 1;
        if (line.ptr[0] == '#') {
                read_comment(jmh, line);
                return 1;
        }
        if (span_starts(line, "Iteration ") && jmh->subject.len)
                return read_iteration(jmh, line, err);
        if (span_starts(line, "<failure>") || span_starts(line, "ERROR:")) {
                import_warns(jmh->in, "line %zu: %.*s", (size_t)jmh->lines.line,
                             SPAN_ARG(span_first(line, 200)));
                return 1;
        }
        if (!jmh->table)
                return jmh->subject.len > 0 || text_starts_any(line, noise, COUNT(noise));
        mark = arena_mark(import_arena(jmh->in));
        r = read_row(jmh, line, err);
        arena_reset(import_arena(jmh->in), mark);
        return r;
}

static int read_text(Import *in, Span text, Error *err)
{
        Jmh jmh = { .in = in,
                    .lines = text_lines(in, text),
                    .seen = map_in(import_arena(in), MOST_NAMES),
                    .titles = buf_in(import_arena(in), KiB(16)),
                    .subject = buf_in(import_arena(in), KiB(8)) };
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&jmh.lines, &line)) {
                line = span_trim(line);
                r = read_line(&jmh, line, err);
                if (r == 0)
                        import_unknown(in, jmh.lines.line, line, "no line of JMH's");
        }
        return r < 0 ? r : 0;
}

const ImportFormat jmh_text_format = {
        .name = "jmh-text",
        .says = "JMH's text output",
        .files = "https://github.com/openjdk/jmh",
        .detect = detect,
        .read = read_text,
};
