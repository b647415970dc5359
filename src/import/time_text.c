/* What time(1) and the shells' time print: one block an execution, all of one command "" unless
 * the block names it (GNU time -v, zsh).
 *
 *         real    0m0.104s                       bash; `time -p` without m and s
 *         0.00user 0.00system 0:00.10elapsed     GNU time
 *                 Elapsed (wall clock) time ...  GNU time -v
 *         sleep 0.1  0.00s user 0.00s system 1% cpu 0.104 total       zsh
 */

#include "import/text_lines.h"
#include "import/text_number.h"

#define S 1e9
#define BLOCK 512.0 /* GNU time counts file system inputs in these */

typedef struct Time {
        Import *in;
        TextLines lines;
        Buf command;
        bool after_real;
} Time;

static bool is_real(Span line)
{
        return span_starts(line, "real\t") || span_starts(line, "real ");
}

static int detect(Span head, bool whole UNUSED)
{
        bool real = false;
        Span line;

        if (span_contains(head, "===> multitime results"))
                return 0;
        if (span_contains(head, "Elapsed (wall clock) time (h:mm:ss or m:ss): "))
                return 90;
        while (span_next_line(&head, &line)) {
                if (span_contains(line, "elapsed ") && span_contains(line, "maxresident)k"))
                        return 88;
                if (span_contains(line, "s user ") && span_contains(line, "s system ") &&
                    span_ends(span_trim(line), " total"))
                        return 85;
                if (real && (span_starts(line, "user\t") || span_starts(line, "user ")))
                        return 85;
                real = is_real(line) || (real && span_trim(line).len == 0);
        }
        return 0;
}

static int put(Time *t, MetricId metric, double value, Error *err)
{
        return import_sample(t->in, buf_span(&t->command), (ImportUnit){ metric, 1, { 0 } }, value,
                             t->lines.line, err);
}

/* "0:00.10", "1:02:03", "12.5": hours, minutes and seconds; and bash's "0m0.104s". */
static bool clock_time(Span text, double *ret_ns)
{
        double total = 0, part;
        Span rest = span_trim(text);

        if (span_ends(rest, "s") && span_find_byte(rest, 'm') > 0) {
                Span minutes = span_cut(&rest, 'm');

                rest.len--;
                if (!text_number(minutes, &total) || !text_number_comma(rest, &part))
                        return false;
                *ret_ns = (total * 60 + part) * S;
                return true;
        }
        while (rest.ptr) {
                if (!text_number_comma(span_cut(&rest, ':'), &part))
                        return false;
                total = total * 60 + part;
        }
        *ret_ns = total * S;
        return true;
}

/* --- bash, dash, time -p --- */

static const struct {
        const char *label;
        MetricId metric;
} shell_rows[] = {
        { "real", METRIC_TIME },
        { "user", METRIC_TIME_USER },
        { "sys", METRIC_TIME_SYSTEM },
};

static int read_shell(Time *t, Span line, Error *err)
{
        Span rest = line, label;
        double ns;
        int r;

        (void)span_next_word(&rest, &label);
        for (size_t i = 0; i < COUNT(shell_rows); i++) {
                if (!span_is(label, shell_rows[i].label))
                        continue;
                if (t->lines.cut && !span_ends(rest, "s"))
                        return text_fail_early(&t->lines, "the end of the line", err);
                if (text_is_not_finite(rest) || span_starts(span_trim(rest), "-"))
                        return text_fail(&t->lines, rest, "a time", err);
                if (!clock_time(rest, &ns))
                        return 0;
                r = put(t, shell_rows[i].metric, ns, err);
                t->after_real = i < COUNT(shell_rows) - 1;
                return r < 0 ? r : 1;
        }
        return 0;
}

/* --- GNU time --- */

/* "0.00user 0.00system 0:00.10elapsed 0%CPU (0avgtext+0avgdata 1632maxresident)k" */
static int read_gnu(Time *t, Span line, Error *err)
{
        static const struct {
                const char *suffix;
                MetricId metric;
                double scale;
        } words[] = {
                { "user", METRIC_TIME_USER, 0 },
                { "system", METRIC_TIME_SYSTEM, 0 },
                { "elapsed", METRIC_TIME, 0 },
                { "maxresident)k", METRIC_MEMORY, 1024 },
        };
        Span word;
        double value;
        int r = 0;

        while (r == 0 && span_next_word(&line, &word))
                for (size_t i = 0; r == 0 && i < COUNT(words); i++) {
                        Span number = word;

                        if (!span_ends(word, words[i].suffix))
                                continue;
                        number.len -= strlen(words[i].suffix);
                        if (words[i].scale ? !text_number(number, &value)
                                           : !clock_time(number, &value))
                                return text_fail(&t->lines, word, "a number", err);
                        r = put(t, words[i].metric, words[i].scale ? value * words[i].scale : value,
                                err);
                }
        return r < 0 ? r : 1;
}

/* "0inputs+0outputs (0major+96minor)pagefaults 0swaps" */
static int read_gnu_faults(Time *t, Span line, Error *err)
{
        Span rest = span_from(line, (size_t)span_find_byte(line, '(') + 1);
        double major, minor;
        int r;

        if (!text_take_number(&rest, &major) || !span_starts(rest, "major+") ||
            (rest = span_from(rest, 6), !text_take_number(&rest, &minor)) ||
            !span_starts(rest, "minor)"))
                return text_fail(&t->lines, rest, "(Nmajor+Nminor)pagefaults", err);
        r = put(t, METRIC_EXEC_FAULTS_MAJOR, major, err);
        if (r == 0)
                r = put(t, METRIC_EXEC_FAULTS_MINOR, minor, err);
        return r < 0 ? r : 1;
}

static const struct {
        const char *label;
        MetricId metric; /* METRIC_COUNT_: of no use */
        double scale;
} verbose[] = {
        { "User time (seconds): ", METRIC_TIME_USER, S },
        { "System time (seconds): ", METRIC_TIME_SYSTEM, S },
        { "Maximum resident set size (kbytes): ", METRIC_MEMORY, 1024 },
        { "Major (requiring I/O) page faults: ", METRIC_EXEC_FAULTS_MAJOR, 1 },
        { "Minor (reclaiming a frame) page faults: ", METRIC_EXEC_FAULTS_MINOR, 1 },
        { "Voluntary context switches: ", METRIC_EXEC_SWITCHES_VOLUNTARY, 1 },
        { "Involuntary context switches: ", METRIC_EXEC_SWITCHES_FORCED, 1 },
        { "File system inputs: ", METRIC_EXEC_READ, BLOCK },
        { "File system outputs: ", METRIC_EXEC_WRITE, BLOCK },
        { "Percent of CPU this job got: ", METRIC_COUNT_, 0 },
        { "Average ", METRIC_COUNT_, 0 },
        { "Swaps: ", METRIC_COUNT_, 0 },
        { "Socket messages ", METRIC_COUNT_, 0 },
        { "Signals delivered: ", METRIC_COUNT_, 0 },
        { "Page size (bytes): ", METRIC_COUNT_, 0 },
};

#define ELAPSED "Elapsed (wall clock) time (h:mm:ss or m:ss): "
#define COMMAND "Command being timed: "

static void set_command(Time *t, Span command)
{
        if (span_starts(command, "\"") && span_ends(command, "\"") && command.len >= 2)
                command = span_first(span_from(command, 1), command.len - 2);
        buf_clear(&t->command);
        buf_add(&t->command, span_first(command, KiB(2)));
}

static int read_verbose(Time *t, Span line, Error *err)
{
        double value;
        int r;

        if (span_starts(line, COMMAND)) {
                set_command(t, span_from(line, strlen(COMMAND)));
                return 1;
        }
        if (span_starts(line, ELAPSED)) {
                if (t->lines.cut || !clock_time(span_from(line, strlen(ELAPSED)), &value))
                        return text_fail(&t->lines, span_from(line, strlen(ELAPSED)),
                                         "h:mm:ss and a line end", err);
                r = put(t, METRIC_TIME, value, err);
                return r < 0 ? r : 1;
        }
        for (size_t i = 0; i < COUNT(verbose); i++) {
                Span rest = span_from(line, strlen(verbose[i].label));

                if (!span_starts(line, verbose[i].label))
                        continue;
                if (verbose[i].metric == METRIC_COUNT_)
                        return 1;
                if (t->lines.cut || !text_number(rest, &value))
                        return text_fail(&t->lines, rest, "a number and a line end", err);
                r = put(t, verbose[i].metric, value * verbose[i].scale, err);
                return r < 0 ? r : 1;
        }
        return 0;
}

/* "Exit status: 1", "Command exited with non-zero status 1", "... terminated by signal 9" */
static int read_status(Time *t, Span line)
{
        if (span_is(line, "Exit status: 0"))
                return 1;
        if (!span_starts(line, "Exit status: ") && !span_starts(line, "Command exited with ") &&
            !span_starts(line, "Command terminated by "))
                return 0;
        import_warns(t->in, "line %zu: %.*s", (size_t)t->lines.line,
                     SPAN_ARG(span_first(line, 100)));
        return 1;
}

/* --- zsh --- */

/* "sleep 0.1  0.00s user 0.00s system 1% cpu 0.104 total" */
static int read_zsh(Time *t, Span line, Error *err)
{
        ptrdiff_t user = span_find(line, SPAN("s user ")),
                  system = span_find(line, SPAN("s system "));
        ptrdiff_t cpu = span_find(line, SPAN("% cpu "));
        size_t begin = (size_t)user;
        double value[3];
        Span total;
        int r;

        while (begin > 0 && line.ptr[begin - 1] != ' ')
                begin--;
        total = span_from(line, (size_t)cpu + strlen("% cpu "));
        if (cpu < system || system < user || total.len < strlen(" total"))
                return 0;
        total.len -= strlen(" total");
        if (!text_number(span_first(span_from(line, begin), (size_t)user - begin), &value[0]) ||
            !text_number(span_first(span_from(line, (size_t)user + strlen("s user ")),
                                    (size_t)(system - user) - strlen("s user ")),
                         &value[1]) ||
            !clock_time(total, &value[2]))
                return text_fail(&t->lines, line, "zsh's times", err);
        set_command(t, span_trim(span_first(line, begin)));
        r = put(t, METRIC_TIME_USER, value[0] * S, err);
        if (r == 0)
                r = put(t, METRIC_TIME_SYSTEM, value[1] * S, err);
        if (r == 0)
                r = put(t, METRIC_TIME, value[2], err);
        buf_clear(&t->command);
        return r < 0 ? r : 1;
}

static int read_line(Time *t, Span line, Error *err)
{
        int r;

        if (line.len == 0)
                return 1;
        if (span_contains(line, "s user ") && span_contains(line, "s system ") &&
            span_contains(line, "% cpu ") && span_ends(line, " total"))
                return read_zsh(t, line, err);
        if (span_contains(line, "elapsed ") && span_contains(line, "system "))
                return read_gnu(t, line, err);
        if (span_contains(line, "pagefaults") && span_find_byte(line, '(') >= 0)
                return read_gnu_faults(t, line, err);
        r = read_shell(t, line, err);
        if (r == 0)
                r = read_verbose(t, line, err);
        return r ? r : read_status(t, line);
}

static int read_text(Import *in, Span text, Error *err)
{
        Time t = { .in = in,
                   .lines = text_lines(in, text),
                   .command = buf_in(import_arena(in), KiB(4)) };
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&t.lines, &line)) {
                line = span_trim(line);
                r = read_line(&t, line, err);
                if (r == 0)
                        import_unknown(in, t.lines.line, line, "it is none of time's");
        }
        if (r >= 0 && t.after_real)
                return text_fail_early(&t.lines, "sys", err);
        return r < 0 ? r : 0;
}

const ImportFormat time_text_format = {
        .name = "time",
        .says = "time(1) and the shells' time",
        .files = "https://www.gnu.org/software/time/",
        .detect = detect,
        .read = read_text,
};
