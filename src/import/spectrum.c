#include "import/spectrum.h"

#include "import/text_number.h"

#include <math.h>

bool spectrum_is_header(Span line)
{
        Span word;

        return span_next_word(&line, &word) && span_starts(word, "Value") &&
               span_next_word(&line, &word) && span_is(word, "Percentile") &&
               span_next_word(&line, &word) && span_is(word, "TotalCount");
}

/* 1, or an error. */
static int put_reached(Spectrum *spectrum, double ns, uint64_t line, Error *err)
{
        static const double percents[] = { 0, 50, 90, 95, 99, 99.9, 100 };
        int r = 0;

        while (r == 0 && spectrum->report && spectrum->n_reached < COUNT(percents) &&
               spectrum->percentile * 100 >= percents[spectrum->n_reached] - 1e-9)
                r = load_percentile(spectrum->report, percents[spectrum->n_reached++], ns, line,
                                    err);
        return r < 0 ? r : 1;
}

static int count_row(Spectrum *spectrum, const TextLines *lines, double value, double percentile,
                     uint64_t total, Error *err)
{
        double ns = value * spectrum->unit_ns;

        if (value < 0 || !(ns < 9e18))
                return text_fail(lines, lines->current, "a latency", err);
        if (total < spectrum->total)
                return text_fail(lines, lines->current, "a TotalCount that does not fall", err);
        if (percentile < spectrum->percentile || percentile > 1)
                return text_fail(lines, lines->current, "rising percentiles up to 1", err);
        hist_record_n(spectrum->hist, (uint64_t)llround(ns), total - spectrum->total);
        spectrum->total = total;
        spectrum->percentile = percentile;
        return put_reached(spectrum, ns, lines->line, err);
}

int spectrum_line(Spectrum *spectrum, const TextLines *lines, Error *err)
{
        Span rest = lines->current, word;
        double value, percentile, inverse;
        uint64_t total;

        if (!text_take_number(&rest, &value) || !text_take_number(&rest, &percentile) ||
            !span_next_word(&rest, &word) || span_to_u64(word, &total, NULL) < 0)
                return 0;
        if (span_trim(rest).len && !text_number(rest, &inverse) && !text_is_not_finite(rest))
                return 0;
        if (lines->cut && span_trim(rest).len == 0)
                return text_fail(lines, rest, "the rest of the row", err);
        return count_row(spectrum, lines, value, percentile, total, err);
}
