#pragma once
/* Histories as people and programs see them: one with its plot, changes and commits, or a table of
 * many. For programs each is the same object, in the array "histories". */

#include "analysis/history.h"
#include "present/doc.h"

/* One history for people. */
void view_history(Doc *doc, const History *history);
/* Many, as a table; `n_short`: how many more have too few points; `left_out`: values by LeftOut,
 * over all of them. */
void view_histories(Doc *doc, const History *items, size_t n, size_t n_short,
                    const uint64_t *left_out);
/* "histories", for programs only; with every point, or only the number of points. */
int view_histories_json(Doc *doc, const History *items, size_t n, bool with_points, Error *err);
/* "time of sort", the whole name of a series. */
Span history_words(const History *history, Arena *arena);
/* What has happened last, in a few words: "worse", "better (accepted)", "no change". */
Span history_verdict_words(const History *history, Arena *arena);
