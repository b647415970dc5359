#pragma once
/* What people wrote about changes ("compiler updated"): kept in the store as one document, shown
 * wherever the change is, and of no weight in any verdict.
 *
 *         history_notes_read(store, arena, &notes, err);
 *         history_notes_apply(&notes, &history);                 // change->note
 *         history_notes_add(&notes, &history, change, text, now_ns, err);
 *         history_notes_write(store, &notes, arena, err);
 *
 * A note belongs to a metric, a subject and the revision (without one, the run) of a point at
 * which the change may have happened; a second note about the same takes the place of the first.
 */

#include "analysis/history.h"

#define HISTORY_NOTES_DOCUMENT "history-notes"
#define HISTORY_LONGEST_NOTE 1000 /* bytes */

typedef struct HistoryNote {
        Span metric, subject, at, text;
        uint64_t wall_ns;
} HistoryNote;

typedef struct HistoryNotes {
        Arena *arena;
        VEC(HistoryNote) items;
} HistoryNotes;

/* No document is no note. */
int history_notes_read(Store *store, Arena *arena, HistoryNotes *ret, Error *err);
int history_notes_parse(Span text, Arena *arena, HistoryNotes *ret, Error *err);
void history_notes_apply(const HistoryNotes *notes, History *history);
int history_notes_add(HistoryNotes *notes, const History *history, const HistoryChange *change,
                      Span text, uint64_t now_ns, Error *err);
int history_notes_write(Store *store, const HistoryNotes *notes, Arena *arena, Error *err);
