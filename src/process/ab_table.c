#include "process/ab_table.h"

#include <math.h>

#define MOST_ROWS 10000

AbTable ab_table_new(Arena *arena, size_t max_blocks)
{
        return (AbTable){ .arena = arena, .max_blocks = max_blocks, .rows = VEC_INIT(MOST_ROWS) };
}

static AbRow *find_row(AbTable *table, MetricId metric, Span subject)
{
        vec_each (AbRow, row, &table->rows)
                if (row->metric == metric && span_eq(row->subject, subject))
                        return row;
        return NULL;
}

static AbRow *add_row(AbTable *table, MetricId metric, Span subject)
{
        AbRow *row = vec_add(table->arena, &table->rows);

        if (!row)
                return NULL;
        *row = (AbRow){ .metric = metric, .subject = span_of(span_text(table->arena, subject)) };
        for (size_t side = 0; side < AB_SIDES; side++) {
                row->values[side] = new_try(table->arena, double, table->max_blocks);
                if (!row->values[side])
                        return NULL;
                for (size_t i = 0; i < table->max_blocks; i++)
                        row->values[side][i] = NAN;
        }
        return row;
}

int ab_table_put(AbTable *table, size_t side, size_t block, MetricId metric, Span subject,
                 bool judged, double value, Error *err)
{
        AbRow *row = find_row(table, metric, subject);

        BUG_IF(side >= AB_SIDES || block >= table->max_blocks);
        if (!row)
                row = add_row(table, metric, subject);
        if (!row)
                return fail(err, ERR_LIMIT, "more than %d results to compare, or too little memory",
                            MOST_ROWS);
        row->judged |= judged;
        row->values[side][block] = value;
        return 0;
}

void ab_table_clear(AbTable *table, size_t side, size_t block)
{
        vec_each (AbRow, row, &table->rows)
                row->values[side][block] = NAN;
}

static bool is_complete(const AbRow *row, size_t n_blocks)
{
        for (size_t side = 0; side < AB_SIDES; side++)
                for (size_t i = 0; i < n_blocks; i++)
                        if (!isfinite(row->values[side][i]))
                                return false;
        return n_blocks > 0;
}

size_t ab_table_rows(const AbTable *table, size_t n_blocks, bool judged_only, BlockRow *ret)
{
        size_t n = 0;

        vec_each (const AbRow, row, &table->rows)
                if ((row->judged || !judged_only) && is_complete(row, n_blocks))
                        ret[n++] = (BlockRow){ .metric = row->metric,
                                               .subject = row->subject,
                                               .a = row->values[AB_SIDE_A],
                                               .b = row->values[AB_SIDE_B] };
        return n;
}

size_t ab_table_incomplete(const AbTable *table, size_t n_blocks, const AbRow **ret_first)
{
        size_t n = 0;

        vec_each (const AbRow, row, &table->rows)
                if (!is_complete(row, n_blocks) && n++ == 0)
                        *ret_first = row;
        return n;
}
