#pragma once
/* What the files behind analysis/bench.h share. */

#include "analysis/bench.h"

/* bench_compare.c: sets each row's reference and the comparison. */
int bench_compare(BenchReport *report, const BenchQuestion *question, Arena *arena, Error *err);
/* bench_growth.c: rows that differ in one numeric parameter only. */
void bench_find_growth(BenchReport *report, Arena *arena);
