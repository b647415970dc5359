#include "store/store_int.h"

#define USUAL_LIMIT 50
#define MOST_RUNS ((size_t)1 << 22)

static const char list_sql[] =
        "SELECT id, " RUN_LIST_COLUMNS " FROM runs"
        " WHERE (?1 = '' OR instrument = ?1) AND (?2 = '' OR label = ?2)"
        " AND (?3 = '' OR run_group = ?3) AND (?4 = '' OR target = ?4) AND id < ?5"
        " ORDER BY id DESC LIMIT ?6";

static const char *const noise_names[] = {
#define X(id, name) name,
        NOISE_VERDICTS(X)
#undef X
};

NoiseVerdict noise_from(Span name)
{
        for (size_t i = 0; i < COUNT(noise_names); i++)
                if (span_is(name, noise_names[i]))
                        return (NoiseVerdict)i;
        return NOISE_UNKNOWN;
}

static int read_summary(Store *store, sqlite3_stmt *statement, Arena *arena, RunSummary *ret,
                        Error *err)
{
        Span *texts[] = { &ret->instrument, &ret->target, &ret->label, &ret->group,
                          &ret->git_revision };
        int at = 6, r = 0;

        *ret = (RunSummary){ .id = (uint64_t)sqlite3_column_int64(statement, 0),
                             .wall_ns = (uint64_t)sqlite3_column_int64(statement, 1),
                             .duration_ns = (uint64_t)sqlite3_column_int64(statement, 2),
                             .partial = sqlite3_column_int64(statement, 3),
                             .git_dirty = sqlite3_column_int64(statement, 4),
                             .noise = noise_from(sql_column(statement, 5)) };
        for (size_t i = 0; i < COUNT(texts) && r == 0; i++)
                r = sql_column_copy(store, statement, at++, arena, texts[i], err);
        return r;
}

static void bind_query(sqlite3_stmt *statement, const RunQuery *query)
{
        size_t limit = query->limit ? query->limit : USUAL_LIMIT;

        sql_bind_span(statement, 1, query->instrument);
        sql_bind_span(statement, 2, query->label);
        sql_bind_span(statement, 3, query->group);
        sql_bind_span(statement, 4, query->target);
        sqlite3_bind_int64(statement, 5,
                           query->before_id ? number_column(query->before_id) : INT64_MAX);
        sqlite3_bind_int64(statement, 6, number_column(MIN(limit, MOST_RUNS)));
}

int store_list(Store *store, const RunQuery *query, Arena *arena, RunSummary **ret, size_t *ret_n,
               Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        VEC(RunSummary) list = VEC_INIT(MOST_RUNS);
        int r = sql_prepare(store, list_sql, &statement, err);

        if (r < 0)
                return r;
        bind_query(statement, query);
        while ((r = sql_step(store, statement, "read", err)) > 0) {
                RunSummary *item = vec_add(arena, &list);

                if (!item)
                        return fail(err, ERR_LIMIT, "%zu runs do not fit into memory", list.len);
                r = read_summary(store, statement, arena, item, err);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        *ret = list.items;
        *ret_n = list.len;
        return 0;
}
