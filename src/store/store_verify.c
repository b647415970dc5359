#include "store/store_int.h"

#include <inttypes.h>
#include <math.h>

#define RUN_MEMORY GiB(2)

/* The pages and indexes, as SQLite sees them. */
static int verify_file(Store *store, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *pages = NULL;
        AUTO(sql_finalizep) sqlite3_stmt *keys = NULL;
        int r = sql_prepare(store, "PRAGMA integrity_check(1)", &pages, err);

        if (r == 0)
                r = sql_step(store, pages, "check", err);
        if (r < 0)
                return r;
        if (!span_is(sql_column(pages, 0), "ok"))
                return fail(err, ERR_CORRUPT, "'%s' is damaged: %.*s", store->path,
                            SPAN_ARG(sql_column(pages, 0)));
        r = sql_prepare(store, "PRAGMA foreign_key_check", &keys, err);
        if (r == 0)
                r = sql_step(store, keys, "check", err);
        if (r > 0)
                return fail(err, ERR_CORRUPT,
                            "'%s' is damaged: table %.*s refers to what is not there", store->path,
                            SPAN_ARG(sql_column(keys, 0)));
        return r;
}

/* Each row: digest, size, packed content. */
static int verify_contents(Store *store, const char *sql, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store, sql, &statement, err);

        if (r < 0)
                return r;
        while ((r = sql_step(store, statement, "check", err)) > 0) {
                AUTO(arena_freep) Arena *scratch = arena_new(2 * LARGEST_BLOB);
                Span plain;

                r = blob_unpack(sql_column(statement, 2), sql_size(statement, 1),
                                sql_column(statement, 0), scratch, &plain, err);
                if (r < 0)
                        return fail_while(err, "checking '%s'", store->path);
        }
        return r;
}

typedef struct RunCheck {
        Store *store;
        uint64_t id;
} RunCheck;

/* A blob that a document names must be among the run's references. */
static int verify_reference(void *state, Span digest, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        const RunCheck *check = state;
        int r = sql_prepare(check->store,
                            "SELECT 1 FROM run_blobs WHERE run_id = ?1 AND digest = ?2", &statement,
                            err);

        if (r < 0)
                return r;
        sqlite3_bind_int64(statement, 1, number_column(check->id));
        sql_bind_span(statement, 2, digest);
        r = sql_step(check->store, statement, "check", err);
        if (r == 0)
                return fail(err, ERR_CORRUPT,
                            "run %" PRIu64
                            " in '%s' is damaged: its reference to blob %.*s is gone",
                            check->id, check->store->path, SPAN_ARG(digest));
        return r < 0 ? r : 0;
}

static bool same_value(sqlite3_stmt *statement, int at, double expected)
{
        if (sqlite3_column_type(statement, at) == SQLITE_NULL)
                return !isfinite(expected);
        return sqlite3_column_double(statement, at) == expected;
}

static bool same_row(sqlite3_stmt *statement, const MetricValue *item)
{
        return span_is(sql_column(statement, 0), metric_def(item->metric)->name) &&
               same_value(statement, 1, item->value) && same_value(statement, 2, item->low) &&
               same_value(statement, 3, item->high) &&
               sqlite3_column_int64(statement, 4) == number_column(item->n);
}

/* The table of values against the document, which may hold metrics of another version. */
static int verify_values(Store *store, const Run *run, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        const Recording *rec = run->recording;
        int r = sql_prepare(store,
                            "SELECT metric, value, low, high, n FROM metric_values"
                            " WHERE run_id = ?1 ORDER BY ordinal",
                            &statement, err);
        size_t n = 0;

        if (r < 0)
                return r;
        sqlite3_bind_int64(statement, 1, number_column(run->id));
        while ((r = sql_step(store, statement, "check", err)) > 0) {
                if (!metric_find(sql_column(statement, 0)))
                        continue;
                if (n >= rec->values.len || !same_row(statement, &rec->values.items[n]))
                        break;
                n++;
        }
        if (r < 0)
                return r;
        if (r > 0 || n != rec->values.len)
                return fail(err, ERR_CORRUPT,
                            "run %" PRIu64
                            " in '%s' is damaged: value %zu differs from its document",
                            run->id, store->path, n + 1);
        return 0;
}

/* What histories read against the run itself. */
static int verify_facts(Store *store, uint64_t id, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store,
                            FACTS_OF_RUNS " WHERE id = ?1 INTERSECT SELECT * FROM run_facts"
                                          " WHERE run_id = ?1",
                            &statement, err);

        if (r < 0)
                return r;
        sqlite3_bind_int64(statement, 1, number_column(id));
        r = sql_step(store, statement, "check", err);
        if (r == 0)
                return fail(err, ERR_CORRUPT,
                            "run %" PRIu64
                            " in '%s' is damaged: its facts differ from its document",
                            id, store->path);
        return MIN(r, 0);
}

static int verify_run(Store *store, uint64_t id, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(RUN_MEMORY);
        RunCheck check = { store, id };
        RunReader reader = { .store = store, .saw_blob = verify_reference, .state = &check };
        Run *run;
        int r = run_read(&reader, id, scratch, &run, err);

        if (r == 0)
                r = verify_facts(store, id, err);
        return r < 0 ? r : verify_values(store, run, err);
}

static int verify_runs(Store *store, uint64_t *ret_runs, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store, "SELECT id FROM runs ORDER BY id", &statement, err);
        uint64_t n = 0;

        if (r < 0)
                return r;
        while ((r = sql_step(store, statement, "check", err)) > 0) {
                r = verify_run(store, (uint64_t)sqlite3_column_int64(statement, 0), err);
                if (r < 0)
                        return r;
                n++;
        }
        if (r == 0)
                *ret_runs = n;
        return r;
}

int store_verify(Store *store, uint64_t *ret_runs, Error *err)
{
        int r = verify_file(store, err);

        if (r == 0)
                r = verify_contents(store, "SELECT digest, size_bytes, data FROM blobs", err);
        if (r == 0)
                r = verify_contents(store, "SELECT digest, size_bytes, data FROM documents", err);
        return r < 0 ? r : verify_runs(store, ret_runs, err);
}
