#include "store/store_int.h"

#include "model/run_json.h"

#include <string.h>

#define MOST_BLOBS 120001 /* all distributions, series and samples, the profile */

typedef struct Digest {
        char text[DIGEST_SIZE];
} Digest;

/* One run on its way into the store: its blobs go first, then the row that refers to them. */
typedef struct Putting {
        Store *store;
        Arena *scratch;
        VEC(Digest) blobs;
} Putting;

static int put_blob(void *state, Span bytes, char ret_name[static DIGEST_SIZE], Error *err)
{
        Putting *put = state;
        int r = blob_put(put->store, bytes, ret_name, err);
        Digest *item;

        if (r < 0)
                return r;
        item = vec_add(put->scratch, &put->blobs);
        if (!item)
                return fail(err, ERR_LIMIT, "a run has more than %d blobs", MOST_BLOBS);
        memcpy(item->text, ret_name, DIGEST_SIZE);
        return 0;
}

static int insert_row(Putting *put, const RunRow *row, uint64_t *ret_id, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        char digest[DIGEST_SIZE];
        int r = row_digest(row, digest, err);

        if (r == 0)
                r = sql_prepare(put->store,
                                "INSERT INTO runs (digest, " RUN_COLUMNS
                                ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                                &statement, err);
        if (r < 0)
                return r;
        sql_bind_span(statement, 1, span_of(digest));
        row_bind(row, statement, 2);
        r = sql_step(put->store, statement, "write to", err);
        if (r == 0)
                *ret_id = (uint64_t)sqlite3_last_insert_rowid(put->store->db);
        return r;
}

static int insert_values(Putting *put, uint64_t id, const Recording *rec, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(put->store,
                            "INSERT INTO metric_values (run_id, ordinal, metric, subject, value, "
                            "low, high, n) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                            &statement, err);

        for (size_t i = 0; i < rec->values.len && r == 0; i++) {
                const MetricValue *item = &rec->values.items[i];

                sqlite3_reset(statement);
                sqlite3_bind_int64(statement, 1, number_column(id));
                sqlite3_bind_int64(statement, 2, number_column(i));
                sql_bind_span(statement, 3, span_of(metric_def(item->metric)->name));
                sql_bind_span(statement, 4, item->subject);
                sql_bind_finite(statement, 5, item->value);
                sql_bind_finite(statement, 6, item->low);
                sql_bind_finite(statement, 7, item->high);
                sqlite3_bind_int64(statement, 8, number_column(item->n));
                r = sql_step(put->store, statement, "write to", err);
        }
        return r;
}

/* What histories ask for, so that they need not read the document. */
static int insert_facts(Putting *put, uint64_t id, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(put->store, "INSERT INTO run_facts " FACTS_OF_RUNS " WHERE id = ?1",
                            &statement, err);

        if (r < 0)
                return r;
        sqlite3_bind_int64(statement, 1, number_column(id));
        return sql_step(put->store, statement, "write to", err);
}

static int insert_references(Putting *put, uint64_t id, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(put->store,
                            "INSERT INTO run_blobs (run_id, digest) VALUES (?1, ?2) "
                            "ON CONFLICT DO NOTHING",
                            &statement, err);

        for (size_t i = 0; i < put->blobs.len && r == 0; i++) {
                sqlite3_reset(statement);
                sqlite3_bind_int64(statement, 1, number_column(id));
                sql_bind_span(statement, 2, span_of(put->blobs.items[i].text));
                r = sql_step(put->store, statement, "write to", err);
        }
        return r;
}

static int put_run(Store *store, const Run *run, uint64_t *ret_id, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(4 * LARGEST_DOCUMENT);
        Putting put = { .store = store, .scratch = scratch, .blobs = VEC_INIT(MOST_BLOBS) };
        Buf document = buf_in(scratch, LARGEST_DOCUMENT);
        JsonWriter w = json_to(&document, false);
        RunRow row;
        uint64_t id;
        int r = run_write_json(run, &(BlobSink){ put_blob, &put }, &w, err);

        if (r < 0)
                return r;
        row = row_of_run(run, buf_span(&document));
        r = insert_row(&put, &row, &id, err);
        if (r == 0)
                r = insert_facts(&put, id, err);
        if (r == 0)
                r = insert_values(&put, id, run->recording, err);
        if (r == 0)
                r = insert_references(&put, id, err);
        if (r == 0)
                *ret_id = id;
        return r;
}

int store_put_all(Store *store, Run *const *runs, size_t n, uint64_t *ret_ids, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(64));
        uint64_t *ids = new_try(scratch, uint64_t, n);
        int r = ids ? sql_begin(store, err)
                    : fail(err, ERR_LIMIT, "%zu runs are too many to store at once", n);

        if (r < 0)
                return r;
        for (size_t i = 0; i < n && r == 0; i++)
                r = put_run(store, runs[i], &ids[i], err);
        r = sql_end(store, r, err);
        if (r == 0 && n)
                memcpy(ret_ids, ids, n * sizeof(*ids));
        return r;
}

int store_put(Store *store, const Run *run, uint64_t *ret_id, Error *err)
{
        return store_put_all(store, &(Run *){ (Run *)run }, 1, ret_id, err);
}
