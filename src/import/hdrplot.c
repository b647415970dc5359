/* HdrHistogram percentile spectra by themselves: vegeta report -type=hdrplot, .hgrm files.
 *
 * vegeta names its unit, "Value(ms)"; a .hgrm says none, and ms is assumed unless --unit says
 * otherwise.
 */

#include "import/load_report.h"
#include "import/spectrum.h"

static int detect(Span head, bool whole UNUSED)
{
        Span line;

        for (Span rest = head; span_next_line(&rest, &line);)
                if (span_trim(line).len)
                        return spectrum_is_header(line) ? 90 : 0;
        return 0;
}

static int read_unit(Import *in, const TextLines *lines, double *ret_ns, Error *err)
{
        ptrdiff_t open = span_find_byte(lines->current, '(');
        Span rest = span_from(lines->current, (size_t)open + 1);
        bool named = span_starts(span_trim(lines->current), "Value(");
        ImportUnit unit = named ? import_unit(text_take_unit(&rest)) : import_bare_unit(in, "ms");

        if (unit.metric != METRIC_TIME)
                return text_fail(lines, span_from(lines->current, (size_t)open + 1),
                                 "a unit of time", err);
        if (!named)
                import_says(in, "the spectrum names no unit: one is taken as %g ns", unit.scale);
        *ret_ns = unit.scale;
        return 0;
}

typedef struct Plot {
        LoadReport report;
        Spectrum spectrum;
} Plot;

static int end_plot(Plot *plot, const TextLines *lines, Error *err)
{
        if (!plot->report.open)
                return 0;
        if (plot->spectrum.total == 0)
                return text_fail_early(lines, "a row of the spectrum", err);
        plot->report.shape = plot->spectrum.hist;
        plot->report.requests = (double)plot->spectrum.total;
        return load_end(&plot->report, err);
}

static int begin_plot(Plot *plot, Import *in, const TextLines *lines, Error *err)
{
        int r = end_plot(plot, lines, err);

        hist_clear(plot->spectrum.hist);
        plot->spectrum = (Spectrum){ .hist = plot->spectrum.hist, .report = &plot->report };
        if (r == 0)
                r = read_unit(in, lines, &plot->spectrum.unit_ns, err);
        if (r == 0)
                load_begin(&plot->report, (Span){ 0 }, lines->line);
        return r < 0 ? r : 1;
}

static int read_text(Import *in, Span text, Error *err)
{
        TextLines lines = text_lines(in, text);
        Plot plot = { .report = load_report(in, text, NULL) };
        Span line;
        int r = 0;

        plot.spectrum.hist = hist_new(import_arena(in), HIST_LATENCY);
        while (r >= 0 && text_next(&lines, &line)) {
                if (spectrum_is_header(line))
                        r = begin_plot(&plot, in, &lines, err);
                else if (plot.report.open && !span_starts(line, "#"))
                        r = spectrum_line(&plot.spectrum, &lines, err);
                else
                        r = span_starts(line, "#[");
                if (r == 0 && span_trim(line).len)
                        import_unknown(in, lines.line, line, "no row of a percentile spectrum");
        }
        if (r >= 0)
                r = end_plot(&plot, &lines, err);
        load_finish(&plot.report);
        return r < 0 ? r : 0;
}

const ImportFormat hdrplot_format = {
        .name = "hdrplot",
        .says = "vegeta report -type=hdrplot, HdrHistogram .hgrm",
        .files = "https://github.com/HdrHistogram/HdrHistogram",
        .detect = detect,
        .read = read_text,
        .instrument = "load",
};
