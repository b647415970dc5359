/* What change points mean: better or worse, accepted, suppressed, and what people must be told. */

#include "analysis/history_int.h"

#include "base/vec.h"

#include <math.h>
#include <string.h>

#define MOST_REMARKS 1000

typedef struct Judge {
        const HistoryPlan *plan;
        Arena *arena;
        History *h;
        VEC(Span) remarks;
} Judge;

PRINTF(2, 3)
static void remark(Judge *j, const char *format, ...)
{
        Span *slot = vec_add(j->arena, &j->remarks);
        Buf text = buf_in(j->arena, KiB(64));
        va_list args;

        if (!slot)
                return;
        va_start(args, format);
        buf_vprintf(&text, format, args);
        va_end(args);
        *slot = buf_span(&text);
}

/* An index of the series from the interval of a change, not beyond it. */
static size_t index_near(double at, size_t low, size_t high)
{
        double clamped = MIN(MAX(at, (double)low), (double)high);

        return (size_t)clamped;
}

static ChangeQuality quality_of(Direction direction, double change)
{
        if (direction == DIRECTION_NEITHER || !(fabs(change) > 0))
                return QUALITY_DIFFERENT;
        return (change < 0) == (direction == DIRECTION_LOWER) ? QUALITY_BETTER : QUALITY_WORSE;
}

static HistoryChange locate(const History *h, const ChangePoint *point)
{
        HistoryChange change = { .point = *point,
                                 .good = point->at ? point->at - 1 : 0,
                                 .bad = point->at,
                                 .quality = quality_of(h->name.direction,
                                                       point->after - point->before) };

        change.bounded = isfinite(point->where.low) && isfinite(point->where.high);
        if (change.bounded && point->at) {
                change.good = index_near(floor(point->where.low), 1, point->at) - 1;
                change.bad = index_near(ceil(point->where.high), point->at, h->len - 1);
        }
        return change;
}

/* Where in the series an accepted level begins: a position in the order; false: not in it. */
static bool position_of(const Judge *j, Span revision, size_t *ret)
{
        if (j->h->by_commit)
                return commit_order_find(j->plan->order, revision, ret);
        for (size_t i = 0; i < j->h->len; i++) {
                Span known = j->h->points[i].revision;

                if (known.len && span_eq(span_first(known, revision.len), revision)) {
                        *ret = j->h->points[i].position;
                        return true;
                }
        }
        return false;
}

/* Changes up to which the level at `position` holds: those before it, or, where none of these may
 * lie at it, also the first one after that may. A place moves a little as values are added. */
static size_t changes_before(const Judge *j, size_t position)
{
        const HistoryPoint *points = j->h->points;
        const HistoryChange *changes = j->h->changes;
        size_t n = 0;

        while (n < j->h->n_changes && points[changes[n].point.at].position <= position)
                n++;
        if (n && points[changes[n - 1].bad].position >= position)
                return n;
        return n + (n < j->h->n_changes && points[changes[n].good].position < position);
}

/* What follows the level that was accepted is not excused. */
static void accept_before(Judge *j, const Exception *exception, size_t position)
{
        size_t n = changes_before(j, position);

        for (size_t i = 0; i < n; i++) {
                HistoryChange *change = &j->h->changes[i];

                if (change->state != STATE_OPEN)
                        continue;
                change->state = STATE_ACCEPTED;
                change->exception = exception;
        }
}

static void suppress_all(Judge *j, const Exception *exception)
{
        for (size_t i = 0; i < j->h->n_changes; i++) {
                j->h->changes[i].state = STATE_SUPPRESSED;
                j->h->changes[i].exception = exception;
        }
}

/* The file without its folders. */
static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static void apply(Judge *j, const ExceptionList *list, const Exception *item)
{
        size_t position;

        if (exception_expired(item, j->plan->now_ns))
                remark(j, "%s:%u: the exception of %.*s has expired and does nothing",
                       base_name(list->file), item->line, SPAN_ARG(item->owner));
        else if (item->action == EXCEPTION_SUPPRESS)
                suppress_all(j, item);
        else if (position_of(j, item->revision, &position))
                accept_before(j, item, position);
        else
                remark(j, "%s:%u: revision %.*s is not in this history, so nothing is accepted",
                       base_name(list->file), item->line, SPAN_ARG(item->revision));
}

static void apply_exceptions(Judge *j)
{
        const ExceptionList *list = j->plan->exceptions;

        if (!list || !j->h->name.metric)
                return;
        for (size_t i = 0; i < list->len; i++)
                if (exception_covers(&list->items[i], j->h->name.metric->id, j->h->name.subject))
                        apply(j, list, &list->items[i]);
}

int history_judge(const ChangePoints *found, const HistoryPlan *plan, Arena *arena, History *h,
                  Error *err)
{
        Judge j = { .plan = plan, .arena = arena, .h = h, .remarks = VEC_INIT(MOST_REMARKS) };

        h->changes = new_try(arena, HistoryChange, found->len);
        if (!h->changes)
                return fail(err, ERR_LIMIT, "%zu changes do not fit into memory", found->len);
        for (size_t i = 0; i < found->len; i++)
                h->changes[i] = locate(h, &found->items[i]);
        h->n_changes = found->len;
        h->autocorrelation = found->autocorrelation;
        apply_exceptions(&j);
        h->remarks = j.remarks.items;
        h->n_remarks = j.remarks.len;
        return 0;
}
