#include "analysis/history.h"

#include "base/map.h"
#include "base/vec.h"

#define MOST_PARTS 1000000

/* What was measured the same way; texts of points are shared, so pointers tell them apart. */
typedef struct Part {
        const Span *instrument, *target;
        uint32_t next; /* part of the same target and another instrument, + 1; 0: none */
        size_t len, filled;
        MetricPoint *points;
} Part;

typedef struct Splitter {
        Arena *arena;
        Map by_target;
        VEC(Part) parts;
} Splitter;

/* Index of the point's part, + 1; 0: no room. */
static uint32_t part_of(Splitter *s, const MetricPoint *point)
{
        MapSlot *slot = map_add_u64(&s->by_target, (uintptr_t)point->target);
        Part *part;

        if (!slot)
                return 0;
        for (uint32_t at = (uint32_t)slot->number; at; at = s->parts.items[at - 1].next)
                if (s->parts.items[at - 1].instrument == point->instrument)
                        return at;
        part = vec_add(s->arena, &s->parts);
        if (!part)
                return 0;
        *part = (Part){ .instrument = point->instrument,
                        .target = point->target,
                        .next = (uint32_t)slot->number };
        slot->number = s->parts.len;
        return (uint32_t)s->parts.len;
}

static HistoryPart *fill_parts(Splitter *s, const MetricPoint *points, const uint32_t *of, size_t n)
{
        MetricPoint *copy = new_try(s->arena, MetricPoint, n);
        HistoryPart *parts = new_try(s->arena, HistoryPart, s->parts.len);
        size_t at = 0;

        if (!copy || !parts)
                return NULL;
        for (size_t i = 0; i < s->parts.len; i++) {
                parts[i] = (HistoryPart){ copy + at, s->parts.items[i].len };
                s->parts.items[i].points = copy + at;
                at += s->parts.items[i].len;
        }
        for (size_t i = 0; i < n; i++) {
                Part *part = &s->parts.items[of[i] - 1];

                part->points[part->filled++] = points[i];
        }
        return parts;
}

int history_split(const MetricPoint *points, size_t n, Arena *arena, HistoryPart **ret,
                  size_t *ret_n, Error *err)
{
        Splitter s = { .arena = arena,
                       .by_target = map_in(arena, MOST_PARTS),
                       .parts = VEC_INIT(MOST_PARTS) };
        uint32_t *of = new_try(arena, uint32_t, n);
        HistoryPart *parts = NULL;

        for (size_t i = 0; of && i < n; i++) {
                of[i] = part_of(&s, &points[i]);
                if (!of[i])
                        return fail(err, ERR_LIMIT, "more than %d targets", MOST_PARTS);
                s.parts.items[of[i] - 1].len++;
        }
        if (of)
                parts = fill_parts(&s, points, of, n);
        if (!parts)
                return fail(err, ERR_LIMIT, "%zu values do not fit into memory", n);
        *ret = parts;
        *ret_n = s.parts.len;
        return 0;
}
