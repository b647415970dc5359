#include "store/store_int.h"

#include <inttypes.h>
#include <string.h>
#include <zstd.h>

#define LEVEL 3

int blob_pack(Span plain, Arena *arena, Span *ret, Error *err)
{
        size_t room = ZSTD_compressBound(plain.len), used;
        char *packed;

        if (plain.len > LARGEST_BLOB)
                return fail(err, ERR_LIMIT, "a blob of %zu bytes is more than %zu", plain.len,
                            LARGEST_BLOB);
        packed = new_try(arena, char, room);
        if (!packed)
                return fail(err, ERR_LIMIT, "a blob of %zu bytes does not fit into memory",
                            plain.len);
        used = ZSTD_compress(packed, room, plain.ptr, plain.len, LEVEL);
        if (ZSTD_isError(used))
                return fail(err, ERR_FAILED, "cannot compress a blob: %s", ZSTD_getErrorName(used));
        *ret = (Span){ packed, used };
        return 0;
}

static int damaged(Span digest, const char *how, Error *err)
{
        return fail(err, ERR_CORRUPT, "blob %.*s is damaged: %s", SPAN_ARG(span_first(digest, 64)),
                    how);
}

int blob_unpack(Span packed, uint64_t size_bytes, Span digest, Arena *arena, Span *ret, Error *err)
{
        unsigned long long frame_bytes = ZSTD_getFrameContentSize(packed.ptr, packed.len);
        char actual[DIGEST_SIZE], *plain;
        size_t used;

        if (size_bytes > LARGEST_BLOB || frame_bytes != size_bytes)
                return damaged(digest, "its size is wrong", err);
        plain = new_try(arena, char, size_bytes + 1);
        if (!plain)
                return fail(err, ERR_LIMIT, "a blob of %" PRIu64 " bytes does not fit into memory",
                            size_bytes);
        used = ZSTD_decompress(plain, size_bytes, packed.ptr, packed.len);
        if (ZSTD_isError(used) || used != size_bytes)
                return damaged(digest, ZSTD_isError(used) ? ZSTD_getErrorName(used) : "it is short",
                               err);
        digest_hex((Span){ plain, used }, actual);
        if (!span_is(digest, actual))
                return damaged(digest, "its content has another SHA-256", err);
        *ret = (Span){ plain, used };
        return 0;
}

/* 1: found, 0: there is none. */
static int blob_find(Store *store, Span digest, Arena *arena, Span *ret, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store, "SELECT size_bytes, data FROM blobs WHERE digest = ?1",
                            &statement, err);

        if (r < 0)
                return r;
        sql_bind_span(statement, 1, digest);
        r = sql_step(store, statement, "read", err);
        if (r <= 0)
                return r;
        r = blob_unpack(sql_column(statement, 1), sql_size(statement, 0), digest, arena, ret, err);
        return r < 0 ? fail_while(err, "reading '%s'", store->path) : 1;
}

static int blob_insert(Store *store, Span digest, Span plain, Arena *scratch, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        Span packed;
        int r = blob_pack(plain, scratch, &packed, err);

        if (r == 0)
                r = sql_prepare(store,
                                "INSERT INTO blobs (digest, size_bytes, data) VALUES (?1, ?2, ?3)",
                                &statement, err);
        if (r < 0)
                return r;
        sql_bind_span(statement, 1, digest);
        sqlite3_bind_int64(statement, 2, number_column(plain.len));
        sqlite3_bind_blob64(statement, 3, packed.ptr, packed.len, SQLITE_STATIC);
        return sql_step(store, statement, "write to", err);
}

int blob_put(Store *store, Span plain, char ret_digest[static DIGEST_SIZE], Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(3 * LARGEST_BLOB);
        char digest[DIGEST_SIZE];
        Span stored;
        int r;

        digest_hex(plain, digest);
        r = blob_find(store, span_of(digest), scratch, &stored, err);
        if (r == 0)
                r = blob_insert(store, span_of(digest), plain, scratch, err);
        if (r < 0)
                return r;
        memcpy(ret_digest, digest, sizeof(digest));
        return 0;
}

int blob_get(Store *store, Span digest, Arena *arena, Span *ret, Error *err)
{
        int r = blob_find(store, digest, arena, ret, err);

        if (r == 0)
                return fail(err, ERR_CORRUPT, "blob %.*s is missing in '%s'",
                            SPAN_ARG(span_first(digest, 64)), store->path);
        return r < 0 ? r : 0;
}
