/* Benchmarks that differ in one numeric parameter only: how their cost grows with it. */

#include "analysis/bench_int.h"

#include "base/buf.h"
#include "base/vec.h"

#define MOST_GROWTH 1000
#define MOST_POINTS 1000

/* A row seen along one of its parameters: the rest of its name, and the value. */
typedef struct Along {
        Span rest, key;
        double value;
} Along;

/* The subject along its index-th parameter; false when that is none, or no number. */
static bool along(const BenchRow *row, size_t index, Arena *arena, Along *ret)
{
        BenchName name = bench_name(row->subject);
        Buf rest = buf_in(arena, MiB(1));
        Span parameters = name.parameters, key, value;
        bool found = false;

        buf_add(&rest, name.base);
        for (size_t i = 0; bench_next_parameter(&parameters, &key, &value); i++) {
                if (i != index) {
                        buf_printf(&rest, "/%.*s=%.*s", SPAN_ARG(key), SPAN_ARG(value));
                        continue;
                }
                found = span_to_double(value, &ret->value, NULL) == 0;
                ret->key = key;
        }
        ret->rest = buf_span(&rest);
        return found && !rest.overflowed;
}

static bool is_known(const BenchReport *report, const Along *a, MetricId metric)
{
        for (size_t i = 0; i < report->n_growth; i++)
                if (span_eq(report->growth[i].name, a->rest) &&
                    span_eq(report->growth[i].parameter, a->key) &&
                    report->growth[i].metric == metric)
                        return true;
        return false;
}

/* All rows on the line of one. */
static void fit_line(BenchReport *report, size_t first, size_t index, Arena *arena)
{
        double sizes[MOST_POINTS], costs[MOST_POINTS];
        const BenchRow *row = &report->rows[first];
        BenchGrowth growth = { .metric = row->metric };
        Along line;

        if (!along(row, index, arena, &line) || is_known(report, &line, row->metric))
                return;
        for (size_t i = first; i < report->len && growth.n < MOST_POINTS; i++) {
                Along other;

                if (report->rows[i].metric != row->metric ||
                    !along(&report->rows[i], index, arena, &other) ||
                    !span_eq(other.rest, line.rest) || !span_eq(other.key, line.key))
                        continue;
                sizes[growth.n] = other.value;
                costs[growth.n++] = report->rows[i].median;
        }
        growth.name = line.rest;
        growth.parameter = line.key;
        if (scaling_fit(sizes, costs, growth.n, &growth.fit) && report->n_growth < MOST_GROWTH)
                report->growth[report->n_growth++] = growth;
}

void bench_find_growth(BenchReport *report, Arena *arena)
{
        report->growth = new (arena, BenchGrowth, MOST_GROWTH);
        for (size_t i = 0; i < report->len; i++) {
                Span parameters = bench_name(report->rows[i].subject).parameters, key, value;

                for (size_t k = 0; bench_next_parameter(&parameters, &key, &value); k++)
                        fit_line(report, i, k, arena);
        }
}
