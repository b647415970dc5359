#include "store/store_int.h"

static int insert_document(Store *store, Span name, Span bytes, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(3 * LARGEST_BLOB);
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        char digest[DIGEST_SIZE];
        Span packed;
        int r = blob_pack(bytes, scratch, &packed, err);

        if (r == 0)
                r = sql_prepare(store,
                                "INSERT INTO documents (name, digest, size_bytes, data)"
                                " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET"
                                " digest = ?2, size_bytes = ?3, data = ?4",
                                &statement, err);
        if (r < 0)
                return r;
        digest_hex(bytes, digest);
        sql_bind_span(statement, 1, name);
        sql_bind_span(statement, 2, span_of(digest));
        sqlite3_bind_int64(statement, 3, number_column(bytes.len));
        sqlite3_bind_blob64(statement, 4, packed.ptr, packed.len, SQLITE_STATIC);
        return sql_step(store, statement, "write to", err);
}

int store_put_documents(Store *store, const NamedDocument *documents, size_t n, Error *err)
{
        int r = sql_begin(store, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < n && r == 0; i++)
                r = insert_document(store, span_of(documents[i].name), documents[i].bytes, err);
        return sql_end(store, r, err);
}

int store_put_document(Store *store, const char *name, Span bytes, Error *err)
{
        return store_put_documents(store, &(NamedDocument){ name, bytes }, 1, err);
}

int store_get_document(Store *store, const char *name, Arena *arena, Span *ret, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store, "SELECT digest, size_bytes, data FROM documents WHERE name = ?1",
                            &statement, err);

        if (r < 0)
                return r;
        sql_bind_span(statement, 1, span_of(name));
        r = sql_step(store, statement, "read", err);
        if (r < 0)
                return r;
        if (r == 0)
                return fail(err, ERR_NOT_FOUND, "there is no document '%s' in '%s'", name,
                            store->path);
        r = blob_unpack(sql_column(statement, 2), sql_size(statement, 1), sql_column(statement, 0),
                        arena, ret, err);
        return r < 0 ? fail_while(err, "reading document '%s' from '%s'", name, store->path) : 0;
}
