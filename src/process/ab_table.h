#pragma once
/* Values of two sides by row (metric and subject) and block, growing as rows appear.
 *
 * A row that some block lacks on some side (a benchmark that was not printed once) is not compared;
 * ab_table_incomplete() says which those are.
 */

#include "analysis/compare.h"
#include "process/ab.h"

typedef struct AbRow {
        MetricId metric;
        Span subject;
        bool judged;
        double *values[AB_SIDES]; /* max_blocks long; NaN: none */
} AbRow;

typedef struct AbTable {
        Arena *arena;
        size_t max_blocks;
        VEC(AbRow) rows;
} AbTable;

AbTable ab_table_new(Arena *arena, size_t max_blocks);
/* ERR_LIMIT past 10 000 rows. A second value of a block replaces the first. */
int ab_table_put(AbTable *table, size_t side, size_t block, MetricId metric, Span subject,
                 bool judged, double value, Error *err);
/* Forgets what an earlier attempt at the block left there. */
void ab_table_clear(AbTable *table, size_t side, size_t block);
/* Complete rows, for compare_blocks(); judged ones alone or all. */
size_t ab_table_rows(const AbTable *table, size_t n_blocks, bool judged_only, BlockRow *ret);
size_t ab_table_incomplete(const AbTable *table, size_t n_blocks, const AbRow **ret_first);
