#include "store/store_int.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* What people have to know about a failure, by SQLite's primary code. */
typedef struct Cause {
        int sqlite, code;
        bool show_message; /* SQLite's own words say more than ours */
        const char *hint;
} Cause;

static const Cause causes[] = {
        { SQLITE_FULL, ENOSPC, false, "free some space; nothing of it was stored" },
        { SQLITE_BUSY, ERR_BUSY, true, "another hone writes to it; try again" },
        { SQLITE_LOCKED, ERR_BUSY, true, "another hone writes to it; try again" },
        { SQLITE_CORRUPT, ERR_CORRUPT, true, "restore the file from a copy, or move it away" },
        { SQLITE_NOTADB, ERR_CORRUPT, true, "it is damaged, or was never a store of hone" },
        { SQLITE_SCHEMA, ERR_CORRUPT, true, "restore the file from a copy, or move it away" },
        { SQLITE_READONLY, EROFS, false, "the file or its folder cannot be written" },
        { SQLITE_PERM, EACCES, false, "the file or its folder cannot be written" },
        { SQLITE_NOMEM, ENOMEM, false, NULL },
        { SQLITE_TOOBIG, ERR_LIMIT, true, NULL },
        /* The schema's own checks, which only a damaged or foreign file can break. */
        { SQLITE_CONSTRAINT, ERR_CORRUPT, true, NULL },
        { SQLITE_MISMATCH, ERR_CORRUPT, true, NULL },
        { SQLITE_ERROR, ERR_CORRUPT, true, "its tables are not those of hone" },
};

static const Cause *cause_of(int sqlite)
{
        for (size_t i = 0; i < COUNT(causes); i++)
                if (causes[i].sqlite == (sqlite & 0xff))
                        return &causes[i];
        return NULL;
}

int sql_fail(Store *store, const char *doing, Error *err)
{
        int sqlite = store->db ? sqlite3_extended_errcode(store->db) : SQLITE_NOMEM;
        int saved = store->db ? sqlite3_system_errno(store->db) : 0;
        const Cause *cause = cause_of(sqlite);
        int r;

        if (!cause) /* input/output errors and failures to open */
                return fail(err, saved > 0 ? saved : EIO, "cannot %s '%s': %s", doing, store->path,
                            sqlite3_errmsg(store->db));
        if (cause->show_message)
                r = fail(err, cause->code, "cannot %s '%s': %s", doing, store->path,
                         sqlite3_errmsg(store->db));
        else
                r = fail(err, cause->code, "cannot %s '%s'", doing, store->path);
        if (cause->hint)
                fail_hint(err, "%s", cause->hint);
        return r;
}

int sql_exec(Store *store, const char *sql, const char *doing, Error *err)
{
        return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
                       ? 0
                       : sql_fail(store, doing, err);
}

int sql_number(Store *store, const char *sql, int64_t *ret, Error *err)
{
        AUTO(sql_finalizep) sqlite3_stmt *statement = NULL;
        int r = sql_prepare(store, sql, &statement, err);

        if (r == 0)
                r = sql_step(store, statement, "read", err);
        if (r < 0)
                return r;
        if (r == 0)
                return fail(err, ERR_CORRUPT, "cannot read '%s': no answer to '%s'", store->path,
                            sql);
        *ret = sqlite3_column_int64(statement, 0);
        return 0;
}

int sql_begin(Store *store, Error *err)
{
        if (store->mode != STORE_WRITE)
                return fail(err, EROFS, "'%s' was opened for reading", store->path);
        return sql_exec(store, "BEGIN IMMEDIATE", "write to", err);
}

int sql_end(Store *store, int r, Error *err)
{
        if (r == 0)
                r = sql_exec(store, "COMMIT", "write to", err);
        /* Some failures have rolled back already; then there is nothing left to undo. */
        if (r < 0 && !sqlite3_get_autocommit(store->db))
                sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return r;
}

int sql_prepare(Store *store, const char *sql, sqlite3_stmt **ret, Error *err)
{
        return sqlite3_prepare_v2(store->db, sql, -1, ret, NULL) == SQLITE_OK
                       ? 0
                       : sql_fail(store, "read", err);
}

void sql_finalizep(sqlite3_stmt **statement)
{
        sqlite3_finalize(*statement);
        *statement = NULL;
}

int sql_step(Store *store, sqlite3_stmt *statement, const char *doing, Error *err)
{
        switch (sqlite3_step(statement)) {
        case SQLITE_ROW:
                return 1;
        case SQLITE_DONE:
                return 0;
        default:
                return sql_fail(store, doing, err);
        }
}

void sql_bind_span(sqlite3_stmt *statement, int at, Span text)
{
        sqlite3_bind_text64(statement, at, text.len ? text.ptr : "", text.len, SQLITE_STATIC,
                            SQLITE_UTF8);
}

void sql_bind_finite(sqlite3_stmt *statement, int at, double value)
{
        if (isfinite(value))
                sqlite3_bind_double(statement, at, value);
        else
                sqlite3_bind_null(statement, at);
}

uint64_t sql_size(sqlite3_stmt *statement, int at)
{
        int64_t size = sqlite3_column_int64(statement, at);

        return size < 0 ? UINT64_MAX : (uint64_t)size;
}

Span sql_column(sqlite3_stmt *statement, int at)
{
        const void *bytes = sqlite3_column_blob(statement, at);
        int len = sqlite3_column_bytes(statement, at);

        return bytes && len > 0 ? (Span){ bytes, (size_t)len } : SPAN("");
}

int sql_column_copy(Store *store, sqlite3_stmt *statement, int at, Arena *arena, Span *ret,
                    Error *err)
{
        Span text = sql_column(statement, at);
        char *copy = new_try(arena, char, text.len + 1);

        if (!copy)
                return fail(err, ERR_LIMIT, "cannot read '%s': %zu bytes do not fit into memory",
                            store->path, text.len);
        if (text.len)
                memcpy(copy, text.ptr, text.len);
        *ret = (Span){ copy, text.len };
        return 0;
}
