#include "import/google_rows.h"

#include "base/os.h"

#include <inttypes.h>
#include <math.h>

#define MOST_NAMES 200000
#define LONGEST_NAME KiB(4) /* a benchmark's name has no more */

static const char *const repeats[] = { "_mean", "_stddev", "_cv" };

static const struct {
        const char *name;
        MetricId metric;
} counters[] = {
        { "items_per_second", METRIC_OPS },
        { "bytes_per_second", METRIC_BANDWIDTH },
        { "allocs_per_iter", METRIC_ALLOCATIONS },
        { "INSTRUCTIONS", METRIC_INSTRUCTIONS },
        { "CYCLES", METRIC_CYCLES },
};

GoogleRows google_rows(Import *in)
{
        GoogleRows rows = { .in = in, .seen = map_in(import_arena(in), MOST_NAMES) };

        os_real()->entropy(os_real(), &rows.seen.seed, sizeof(rows.seen.seed));
        return rows;
}

static Span without(Span name, const char *end)
{
        return span_first(name, name.len - strlen(end));
}

/* More repetitions than this are iterations: then "x_mean" is a benchmark's own name. */
#define MOST_REPETITIONS 10000

bool google_begin(GoogleRows *rows, Span name, uint64_t iterations, uint64_t line, GoogleRow *ret)
{
        bool few = iterations >= 2 && iterations <= MOST_REPETITIONS;

        for (size_t i = 0; few && i < COUNT(repeats); i++)
                if (span_ends(name, repeats[i])) {
                        rows->n_repeats++;
                        return false;
                }
        if (few && span_ends(name, "_median")) {
                name = without(name, "_median");
                rows->n_repeats++;
                if (map_find(&rows->seen, name))
                        return false;
                *ret = (GoogleRow){ name, iterations, line };
                return true;
        }
        if (name.len <= LONGEST_NAME && rows->seen.len < MOST_NAMES && !map_find(&rows->seen, name))
                (void)map_add(&rows->seen, span_copy(import_arena(rows->in), name));
        *ret = (GoogleRow){ name, 0, line };
        return true;
}

int google_put(GoogleRows *rows, const GoogleRow *row, ImportUnit unit, double value, Error *err)
{
        if (row->n == 0)
                return import_sample(rows->in, row->subject, unit, value, row->line, err);
        return import_summary(rows->in, row->subject, unit, value, NAN, NAN, row->n, row->line,
                              err);
}

int google_counter(GoogleRows *rows, const GoogleRow *row, Span name, double value, Error *err)
{
        ImportUnit unit = { METRIC_CUSTOM, 1, name };

        for (size_t i = 0; i < COUNT(counters); i++)
                if (span_is(name, counters[i].name))
                        unit = (ImportUnit){ counters[i].metric, 1, { 0 } };
        return google_put(rows, row, unit, value, err);
}

void google_end(const GoogleRows *rows)
{
        if (rows->n_repeats)
                import_says(rows->in,
                            "%" PRIu64 " rows are worked out from repetitions (mean, "
                            "median, stddev, cv)",
                            rows->n_repeats);
}
