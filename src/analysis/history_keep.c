#include "analysis/history.h"

#include <string.h>

static Span keep_text(Span text, Arena *arena)
{
        char *bytes = new_try(arena, char, text.len + 1);

        if (!bytes)
                return (Span){ 0 };
        if (text.len)
                memcpy(bytes, text.ptr, text.len);
        return (Span){ bytes, text.len };
}

static bool keep_points(const History *h, Arena *arena, History *ret)
{
        ret->points = new_try(arena, HistoryPoint, h->len);
        if (!ret->points)
                return false;
        for (size_t i = 0; i < h->len; i++) {
                ret->points[i] = h->points[i];
                ret->points[i].revision = keep_text(h->points[i].revision, arena);
                if (!ret->points[i].revision.ptr)
                        return false;
        }
        return true;
}

static bool keep_changes(const History *h, Arena *arena, History *ret)
{
        ret->changes = new_try(arena, HistoryChange, h->n_changes);
        ret->remarks = new_try(arena, Span, h->n_remarks);
        if (!ret->changes || !ret->remarks)
                return false;
        if (h->n_changes)
                memcpy(ret->changes, h->changes, h->n_changes * sizeof(*h->changes));
        for (size_t i = 0; i < h->n_remarks; i++)
                ret->remarks[i] = keep_text(h->remarks[i], arena);
        return true;
}

int history_keep(const History *history, bool with_points, Arena *arena, History *ret, Error *err)
{
        History h = *history;
        Span *const texts[] = { &h.name.name,  &h.name.subject,  &h.instrument, &h.target,
                                &h.machine_id, &h.other_machine, &h.known };

        h.points = NULL;
        for (size_t i = 0; i < COUNT(texts); i++)
                *texts[i] = keep_text(*texts[i], arena);
        if (!keep_changes(history, arena, &h) ||
            ((with_points || h.n_changes) && !keep_points(history, arena, &h)))
                return fail(err, ERR_LIMIT, "%zu values do not fit into memory", history->len);
        *ret = h;
        return 0;
}
