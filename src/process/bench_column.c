/* What was measured, by command and metric, a value a block. */

#include "process/bench_int.h"

#include <math.h>
#include <string.h>

ptrdiff_t bench_column(Bench *b, size_t side, MetricId metric, Span subject, Error *err)
{
        BenchColumn *column;

        for (size_t i = 1; i <= b->columns.len; i++) {
                size_t at = (b->last_column + i) % b->columns.len;
                const BenchColumn *c = &b->columns.items[at];

                if (c->side == side && c->metric == metric && span_eq(c->subject, subject))
                        return (ptrdiff_t)(b->last_column = at);
        }
        column = vec_add(b->arena, &b->columns);
        if (!column)
                return fail(err, ERR_LIMIT, "more than %zu benchmarks and metrics",
                            b->columns.ceiling);
        *column = (BenchColumn){ .side = side,
                                 .metric = metric,
                                 .subject = span_copy(b->arena, subject) };
        return (ptrdiff_t)(b->last_column = b->columns.len - 1);
}

static bool grow(Bench *b, BenchColumn *column, size_t len)
{
        size_t room = MAX(len, MAX(column->room * 2, (size_t)64));
        double *grown = len <= column->room ? column->values : new_try(b->arena, double, room);

        if (!grown)
                return false;
        if (grown != column->values) {
                if (column->len)
                        memcpy(grown, column->values, column->len * sizeof(*grown));
                column->values = grown;
                column->room = room;
        }
        for (; column->len < len; column->len++)
                column->values[column->len] = (double)NAN;
        return true;
}

int bench_put(Bench *b, size_t column, size_t block, double value, Error *err)
{
        BenchColumn *c = &b->columns.items[column];

        if (!grow(b, c, block + 1))
                return fail(err, ERR_LIMIT, "%zu runs are more than fit in memory", block);
        c->values[block] = value;
        return 0;
}

bool bench_column_whole(const BenchColumn *column, size_t n)
{
        if (column->len < n)
                return false;
        for (size_t i = 0; i < n; i++)
                if (!isfinite(column->values[i]))
                        return false;
        return n > 0;
}
