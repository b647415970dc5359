/* asv run, as it prints. Format: asv/commands/run.py and asv/util.py (human_value, tables).
 *
 *         [ 35.00%] ... benchmarks.TimeSuite.time_keys                  11.2+-0.01us
 *         [ 50.00%] ... benchmarks.Suite.time_x                                   ok
 *         [ 50.00%] ... ======== =========        a table of the parameters
 *                          n
 *                       -------- ---------
 *                          10     112+-3ns
 *                       ======== =========
 *
 * What stands behind +- differs between versions (half the quartiles' distance, or of an
 * interval), so it is not kept. Several environments are told apart: "name (virtualenv-py2.7)".
 */

#include "import/asv_table.h"
#include "import/text_lines.h"
#include "import/text_number.h"

#define LONGEST 200 /* of an environment's name */
#define DOTS "\u00b7\u00b7\u00b7 "

typedef struct Asv {
        Import *in;
        TextLines lines;
        Buf environment; /* empty unless there are several */
        bool several;
        Buf name; /* of the benchmark whose table comes */
        AsvTable table;
} Asv;

/* "[ 35.00%] ??? rest": what follows the dots. */
static bool after_dots(Span line, size_t *ret_dots, Span *ret_rest)
{
        double percent;
        size_t n = 0;

        if (!span_starts(line, "["))
                return false;
        line = span_from(line, 1);
        if (!text_take_number(&line, &percent) || !span_starts(line, "%]"))
                return false;
        line = span_trim(span_from(line, 2));
        while (span_starts(line, "\u00b7")) {
                line = span_from(line, strlen("\u00b7"));
                n++;
        }
        *ret_dots = n;
        *ret_rest = span_trim(line);
        return n > 0;
}

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, "%] " DOTS) ? 92 : 0;
}

static bool has_several(Import *in, Span text)
{
        TextLines lines = text_lines(in, text);
        Span first = { 0 }, line, rest;
        size_t dots;

        while (text_next(&lines, &line)) {
                if (!after_dots(span_trim(line), &dots, &rest) ||
                    !span_starts(rest, "Benchmarking "))
                        continue;
                if (first.len && !span_eq(first, rest))
                        return true;
                if (first.len == 0)
                        first = span_copy(import_arena(in), span_first(rest, LONGEST));
        }
        return false;
}

static const char *const noise[] = {
        "Running (",   "For ",      "Building ", "Installing ", "Uninstalling ", "Setting up ",
        "Discovering", "Creating ", "Running ",  "Setup ",      "Couldn't load",
};

/* "name   value": the value is the last word, or "ok" where a table follows. */
static int read_result(Asv *asv, Span rest, Error *err)
{
        ptrdiff_t gap = span_find(rest, SPAN("  "));
        Span name = span_first(gap < 0 ? rest : span_first(rest, (size_t)gap), KiB(5));
        Span value = gap < 0 ? (Span){ 0 } : span_trim(span_from(rest, (size_t)gap));
        Mark mark;
        int r;

        if (span_is(value, "failed") || span_ends(value, " failed")) {
                import_unknown(asv->in, asv->lines.line, rest, "the benchmark failed");
                if (!span_ends(value, " failed"))
                        return 1;
        }
        if (value.len == 0 || span_is(value, "ok") || span_ends(value, " failed")) {
                buf_clear(&asv->name);
                buf_add(&asv->name, name);
                return span_find_byte(name, ' ') < 0;
        }
        if (span_is(value, "n/a") || span_is(value, "skipped"))
                return 1;
        if (asv->lines.cut)
                return text_fail_early(&asv->lines, "the end of the line", err);
        mark = arena_mark(import_arena(asv->in));
        r = asv_value(asv->in, asv_subject(asv->in, name, buf_span(&asv->environment)), name, value,
                      asv->lines.line, err);
        arena_reset(import_arena(asv->in), mark);
        return r;
}

static int read_dotted(Asv *asv, size_t dots, Span rest, Error *err)
{
        if (span_starts(rest, "Benchmarking ")) {
                rest = span_from(rest, strlen("Benchmarking "));
                buf_clear(&asv->environment);
                if (asv->several)
                        buf_add(&asv->environment, span_first(rest, LONGEST));
                else
                        import_says(asv->in, "environment: %.*s", SPAN_ARG(rest));
                return 1;
        }
        if (span_starts(rest, "For ") && span_contains(rest, " commit "))
                import_says(asv->in, "%.*s", SPAN_ARG(rest));
        if (rest.len == 0 || dots < 3 || text_starts_any(rest, noise, COUNT(noise)))
                return 1;
        if (dots > 3)
                return 0; /* what a benchmark printed */
        if (asv_table_is_rule(rest)) {
                size_t before = (size_t)(rest.ptr - asv->lines.current.ptr);

                asv_table_begin(&asv->table, asv->lines.current, before);
                return 1;
        }
        return read_result(asv, rest, err);
}

static int read_line(Asv *asv, Span line, Error *err)
{
        Span trimmed = span_trim(line), rest;
        size_t dots;

        if (after_dots(trimmed, &dots, &rest))
                return read_dotted(asv, dots, rest, err);
        if (trimmed.len == 0 || span_starts(trimmed, "\u00b7"))
                return 1;
        if (asv->table.open)
                return asv_table_line(&asv->table, &asv->lines, buf_span(&asv->name),
                                      buf_span(&asv->environment), err);
        return 0;
}

static int read_text(Import *in, Span text, Error *err)
{
        Asv asv = { .in = in,
                    .lines = text_lines(in, text),
                    .several = has_several(in, text),
                    .name = buf_in(import_arena(in), KiB(8)),
                    .environment = buf_in(import_arena(in), KiB(1)) };
        Span line;
        int r = 0;

        while (r >= 0 && text_next(&asv.lines, &line)) {
                r = read_line(&asv, line, err);
                if (r == 0)
                        import_unknown(in, asv.lines.line, line, "no line of asv's");
        }
        if (r >= 0 && asv.table.open)
                return text_fail_early(&asv.lines, "the end of a table", err);
        return r < 0 ? r : 0;
}

const ImportFormat asv_text_format = {
        .name = "asv-text",
        .says = "asv run",
        .files = "https://github.com/airspeed-velocity/asv",
        .detect = detect,
        .read = read_text,
};
