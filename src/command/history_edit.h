#pragma once
/* Saying something about a change: that its level is the base line, or a note. */

#include "command/history_series.h"

/* The one history and change that the user means; errors name what there is. */
int history_pick(const HistoryAsk *ask, const HistorySet *set, const History **ret_history,
                 const HistoryChange **ret_change, Error *err);
/* Adds to performance-exceptions.yaml; *ret_told says what was done. */
int history_accept(const HistoryAsk *ask, const HistorySet *set, Span *ret_told, Error *err);
int history_annotate(const HistoryAsk *ask, const HistorySet *set, Span *ret_told, Error *err);
