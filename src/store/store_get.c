#include "store/store_int.h"

#include "model/run_json.h"

#include <inttypes.h>

static int read_blob(void *state, Span name, Arena *arena, Span *ret, Error *err)
{
        const RunReader *reader = state;
        int r = reader->saw_blob ? reader->saw_blob(reader->state, name, err) : 0;

        return r < 0 ? r : blob_get(reader->store, name, arena, ret, err);
}

/* The document of a run whose row is what was once written. */
static int read_document(Store *store, uint64_t id, Arena *arena, Span *ret, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store, "SELECT digest, " RUN_COLUMNS " FROM runs WHERE id = ?1",
                            &statement, err);
        char digest[DIGEST_SIZE];
        RunRow row;

        if (r < 0)
                return r;
        sqlite3_bind_int64(statement, 1, number_column(id));
        r = sql_step(store, statement, "read", err);
        if (r < 0)
                return r;
        if (r == 0)
                return fail(err, ERR_NOT_FOUND, "there is no run %" PRIu64 " in '%s'", id,
                            store->path);
        row = row_from(statement, 1);
        r = row_digest(&row, digest, err);
        if (r == 0 && !span_is(sql_column(statement, 0), digest))
                r = fail(err, ERR_CORRUPT,
                         "run %" PRIu64 " in '%s' is damaged: its content has "
                         "another SHA-256",
                         id, store->path);
        return r < 0 ? r : sql_column_copy(store, statement, N_RUN_COLUMNS, arena, ret, err);
}

int run_read(const RunReader *reader, uint64_t id, Arena *arena, Run **ret, Error *err)
{
        BlobSource source = { read_blob, (void *)reader };
        char name[64];
        Document doc;
        Span text;
        Run *run;
        int r = read_document(reader->store, id, arena, &text, err);

        if (r < 0)
                return r;
        snprintf(name, sizeof(name), "run %" PRIu64, id);
        r = json_parse_strict(text, name, arena, &doc, err);
        if (r == 0)
                r = run_read_json(&doc, &source, arena, &run, err);
        if (r < 0)
                return fail_while(err, "reading run %" PRIu64 " from '%s'", id,
                                  reader->store->path);
        run->id = id;
        *ret = run;
        return 0;
}

int store_get(Store *store, uint64_t id, Arena *arena, Run **ret, Error *err)
{
        return run_read(&(RunReader){ .store = store }, id, arena, ret, err);
}
