#pragma once
/* The tables that asv draws for benchmarks with parameters, a line at a time.
 *
 *         ================ ============= ============      the columns are where the rule's are
 *                --              density / pruning          the names of the columns' parameters
 *         ---------------- --------------------------
 *          n_transactions   0.4 / False   0.4 / True        rows' parameters, columns' values
 *         ================ ============= ============
 *                20         329+-0.03ms   619+-3ms
 *         ================ ============= ============
 *
 * With one parameter there is no "--" line and the second rule is of dashes. A result is
 * "NAME(20, 0.4 / False)". Columns are counted in characters, not bytes.
 */

#include "import/text_lines.h"

#define ASV_MOST_COLUMNS 64
#define ASV_LONGEST_TITLE 120

typedef struct AsvTable {
        bool open;
        bool crossed; /* parameters in the columns too */
        size_t n_columns, n_params;
        struct {
                size_t begin; /* in characters */
                char title[ASV_LONGEST_TITLE + 1];
        } columns[ASV_MOST_COLUMNS];
        int rules; /* of '=' seen */
        bool titles_read;
} AsvTable;

bool asv_table_is_rule(Span text);
/* The first rule stands in `line` from byte `at` on. */
void asv_table_begin(AsvTable *table, Span line, size_t at);
/* 1: understood; 0: not. */
int asv_table_line(AsvTable *table, const TextLines *lines, Span name, Span environment,
                   Error *err);
/* What the numbers of a benchmark are: asv prescribes the beginning of its name. */
ImportUnit asv_unit(Span name);
/* "NAME", with the environment behind it when there are several. */
Span asv_subject(Import *in, Span name, Span environment);
/* "11.2+-0.01us", "2.42k", "n/a": 1 when it is one. `name` tells what a number without a unit is.
 */
int asv_value(Import *in, Span subject, Span name, Span value, uint64_t line, Error *err);
