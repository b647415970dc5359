/* multitime: mean, deviation, minimum, median and maximum of a command's executions, in seconds.
 *
 *         ===> multitime results
 *         1: sleep 0.01
 *                     Mean        Std.Dev.    Min         Median      Max
 *         real        0.012       0.001       0.011       0.012       0.014
 *
 * The median stands for a command. Format: multitime's format.c.
 */

#include "import/text_lines.h"
#include "import/text_number.h"

#include <math.h>

#define BEGIN "===> multitime results"
#define S 1e9

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, BEGIN) ? 95 : 0;
}

static const struct {
        const char *label;
        MetricId metric;
} rows[] = {
        { "real", METRIC_TIME },
        { "user", METRIC_TIME_USER },
        { "sys", METRIC_TIME_SYSTEM },
};

typedef struct Multitime {
        Import *in;
        TextLines lines;
        Buf command;
        bool results, began;
        size_t median; /* which number of a row it is */
} Multitime;

static int read_row(Multitime *m, Span label, Span rest, Error *err)
{
        double value = 0;
        int r;

        for (size_t i = 0; i < COUNT(rows); i++) {
                if (!span_is(label, rows[i].label))
                        continue;
                for (size_t column = 0; column <= m->median; column++) {
                        if (!text_take_number(&rest, &value) || (m->lines.cut && rest.len == 0))
                                return text_fail(&m->lines, rest, "seconds", err);
                        if (span_starts(rest, "+/-"))
                                return text_fail(&m->lines, rest, "a table without -c", err);
                }
                m->began = i < COUNT(rows) - 1;
                r = import_summary(m->in, buf_span(&m->command),
                                   (ImportUnit){ rows[i].metric, S, { 0 } }, value, NAN, NAN, 0,
                                   m->lines.line, err);
                return r < 0 ? r : 1;
        }
        return 0;
}

static bool read_header(Multitime *m, Span line)
{
        Span word;

        if (!span_starts(line, "Mean "))
                return false;
        for (m->median = 0; span_next_word(&line, &word); m->median++)
                if (span_is(word, "Median"))
                        return true;
        return false;
}

static int read_line(Multitime *m, Span line, Error *err)
{
        Span rest = line, word;
        uint64_t number;

        if (span_starts(line, BEGIN)) {
                m->results = true;
                return 1;
        }
        if (line.len == 0 || span_starts(line, "===> Executing "))
                return 1;
        if (!m->results)
                return 0;
        if (read_header(m, line))
                return 1;
        if (m->command.len && span_next_word(&rest, &word) && m->median) {
                int r = read_row(m, word, rest, err);

                if (r)
                        return r;
        }
        rest = line;
        word = span_cut(&rest, ':');
        if (!rest.ptr || span_to_u64(word, &number, NULL) < 0)
                return 0;
        buf_clear(&m->command);
        buf_add(&m->command, span_first(span_trim(rest), KiB(2)));
        return 1;
}

static int read_text(Import *in, Span text, Error *err)
{
        Multitime m = { .in = in,
                        .lines = text_lines(in, text),
                        .command = buf_in(import_arena(in), KiB(4)) };
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&m.lines, &line)) {
                line = span_trim(line);
                r = read_line(&m, line, err);
                if (r == 0)
                        import_unknown(in, m.lines.line, line, "no line of multitime's");
        }
        if (r >= 0 && m.began)
                return text_fail_early(&m.lines, "sys", err);
        return r < 0 ? r : 0;
}

const ImportFormat multitime_format = {
        .name = "multitime",
        .says = "multitime",
        .files = "https://tratt.net/laurie/src/multitime/",
        .detect = detect,
        .read = read_text,
};
