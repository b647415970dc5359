#pragma once
/* What the files of the history share. */

#include "analysis/history.h"

/* history_series.c: which runs count, in their order, one value a revision. */
int history_series(const HistoryPart *part, const HistoryPlan *plan, Arena *arena, History *h,
                   Error *err);
/* history_change.c: what the change points mean. */
int history_judge(const ChangePoints *found, const HistoryPlan *plan, Arena *arena, History *h,
                  Error *err);
/* history_known.c: change points of h's values, with what was known of them before. */
int history_find(Span known, Arena *arena, History *h, ChangePoints *ret, Error *err);
