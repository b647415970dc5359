/* The values of one metric over runs, from the index and the facts alone: no document, no blob. */

#include "store/store_int.h"

#include "base/map.h"

#include <math.h>
#include <string.h>

#define MOST_POINTS ((size_t)1 << 22)
#define MOST_SUBJECTS 1000000
#define MOST_TEXTS ((size_t)1 << 23)

/* Newest first, so that the limit leaves out the oldest. INDEXED BY: an index that is missing is
 * an error and not a walk over all values. */
static const char values_sql[] =
        "SELECT v.run_id, f.wall_ns, v.n, v.value, v.low, v.high, f.instrument, f.target,"
        " f.label, f.git_revision, f.machine_id, f.noise, f.git_dirty, f.partial"
        " FROM metric_values AS v INDEXED BY metric_values_by_subject"
        " CROSS JOIN run_facts AS f ON f.run_id = v.run_id"
        " WHERE v.metric = ?1 AND v.subject = ?2 AND (?3 = '' OR f.label = ?3)"
        " AND (?4 = '' OR f.instrument = ?4) AND (?5 = '' OR f.target = ?5) AND f.wall_ns >= ?6"
        " ORDER BY v.run_id DESC LIMIT ?7";

static const char subjects_sql[] =
        "SELECT metric, subject, count(*) FROM metric_values INDEXED BY metric_values_by_subject"
        " WHERE metric = ?1 GROUP BY metric, subject";
static const char all_subjects_sql[] =
        "SELECT metric, subject, count(*) FROM metric_values INDEXED BY metric_values_by_subject"
        " GROUP BY metric, subject";

/* Texts that many points share. */
typedef struct Texts {
        Map map;
        Arena *arena;
} Texts;

/* The one copy of a text; neighbours mostly share it, so `last` is tried first. */
static const Span *share(Texts *texts, Span text, const Span *last)
{
        MapSlot *slot;
        char *bytes;
        Span *copy;

        if (last && span_eq(*last, text))
                return last;
        slot = map_find(&texts->map, text);
        if (slot)
                return slot->pointer;
        copy = new_try(texts->arena, Span, 1);
        bytes = new_try(texts->arena, char, text.len + 1);
        if (!copy || !bytes)
                return NULL;
        memcpy(bytes, text.ptr, text.len);
        *copy = (Span){ bytes, text.len };
        slot = map_add(&texts->map, *copy);
        if (!slot)
                return NULL;
        slot->pointer = copy;
        return copy;
}

static double number_or_nan(sqlite3_stmt *statement, int at)
{
        if (sqlite3_column_type(statement, at) == SQLITE_NULL)
                return (double)NAN;
        return sqlite3_column_double(statement, at);
}

/* false: the texts do not fit. */
static bool read_point(sqlite3_stmt *statement, Texts *texts, const MetricPoint *last,
                       MetricPoint *ret)
{
        const MetricPoint none = { 0 };
        const MetricPoint *near = last ? last : &none;

        *ret = (MetricPoint){
                .run_id = (uint64_t)sqlite3_column_int64(statement, 0),
                .wall_ns = (uint64_t)sqlite3_column_int64(statement, 1),
                .n = (uint64_t)sqlite3_column_int64(statement, 2),
                .value = number_or_nan(statement, 3),
                .low = number_or_nan(statement, 4),
                .high = number_or_nan(statement, 5),
                .instrument = share(texts, sql_column(statement, 6), near->instrument),
                .target = share(texts, sql_column(statement, 7), near->target),
                .label = share(texts, sql_column(statement, 8), near->label),
                .git_revision = share(texts, sql_column(statement, 9), near->git_revision),
                .machine_id = share(texts, sql_column(statement, 10), near->machine_id),
                .noise = noise_from(sql_column(statement, 11)),
                .git_dirty = sqlite3_column_int64(statement, 12),
                .partial = sqlite3_column_int64(statement, 13),
        };
        return ret->instrument && ret->target && ret->label && ret->git_revision && ret->machine_id;
}

static void bind_values(sqlite3_stmt *statement, const MetricQuery *query)
{
        size_t limit = query->limit ? query->limit : MOST_POINTS;

        sql_bind_span(statement, 1, span_of(metric_def(query->metric)->name));
        sql_bind_span(statement, 2, query->subject);
        sql_bind_span(statement, 3, query->label);
        sql_bind_span(statement, 4, query->instrument);
        sql_bind_span(statement, 5, query->target);
        sqlite3_bind_int64(statement, 6, number_column(query->since_ns));
        sqlite3_bind_int64(statement, 7, number_column(MIN(limit, MOST_POINTS)));
}

static void reverse(MetricPoint *points, size_t n)
{
        for (size_t i = 0; i < n / 2; i++) {
                MetricPoint other = points[n - 1 - i];

                points[n - 1 - i] = points[i];
                points[i] = other;
        }
}

int store_values(Store *store, const MetricQuery *query, Arena *arena, MetricPoint **ret,
                 size_t *ret_n, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        AUTO(arena_freep) Arena *scratch = arena_new(GiB(1));
        VEC(MetricPoint) points = VEC_INIT(MOST_POINTS);
        Texts texts = { .map = map_in(scratch, MOST_TEXTS), .arena = arena };
        int r = sql_prepare(store, values_sql, &statement, err);

        if (r < 0)
                return r;
        bind_values(statement, query);
        while ((r = sql_step(store, statement, "read", err)) > 0) {
                MetricPoint *point = vec_add(arena, &points);
                const MetricPoint *last = points.len > 1 ? &points.items[points.len - 2] : NULL;

                if (!point || !read_point(statement, &texts, last, point))
                        return fail(err, ERR_LIMIT, "%zu values do not fit into memory",
                                    points.len);
        }
        if (r < 0)
                return r;
        reverse(points.items, points.len);
        *ret = points.items;
        *ret_n = points.len;
        return 0;
}

int store_subjects(Store *store, const MetricDef *metric, Arena *arena, MetricSubject **ret,
                   size_t *ret_n, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        VEC(MetricSubject) list = VEC_INIT(MOST_SUBJECTS);
        int r = sql_prepare(store, metric ? subjects_sql : all_subjects_sql, &statement, err);

        if (r < 0)
                return r;
        if (metric)
                sql_bind_span(statement, 1, span_of(metric->name));
        while ((r = sql_step(store, statement, "read", err)) > 0) {
                const MetricDef *def = metric_find(sql_column(statement, 0));
                MetricSubject *item;

                if (!def)
                        continue;
                item = vec_add(arena, &list);
                if (!item)
                        return fail(err, ERR_LIMIT, "more than %d subjects", MOST_SUBJECTS);
                *item = (MetricSubject){ .metric = def,
                                         .values = (uint64_t)sqlite3_column_int64(statement, 2) };
                r = sql_column_copy(store, statement, 1, arena, &item->subject, err);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        *ret = list.items;
        *ret_n = list.len;
        return 0;
}
