#include "store/store_int.h"

#include "base/fs.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 10000
#define LONGEST_VALUE ((int)MiB(512))

static const char write_pragmas[] = "PRAGMA journal_mode = WAL;"
                                    "PRAGMA synchronous = FULL;"
                                    "PRAGMA foreign_keys = ON;";

static int make_folder(const char *path, Arena *arena, Error *err)
{
        const char *slash = strrchr(path, '/');

        if (!slash || slash == path)
                return 0;
        return dir_make(arena_text(arena, path, (size_t)(slash - path)), err);
}

/* Opens the connection; on failure nothing is left open. Schemas of files are not to be trusted:
 * no functions in them, no writable schema, damaged cells are looked for. */
static int connect_to(Store *store, const char *name, int flags, Error *err)
{
        int r = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_EXRESCODE, NULL);

        if (r == SQLITE_OK) {
                sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
                sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, LONGEST_VALUE);
                sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
                sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
                return 0;
        }
        r = sql_fail(store, "open", err);
        sqlite3_close(store->db);
        store->db = NULL;
        return r;
}

/* "file:PATH?immutable=1", with what URIs reserve written as %XX. */
static char *immutable_uri(const char *path, Arena *arena)
{
        Buf uri = buf_in(arena, 3 * strlen(path) + 100);

        buf_text(&uri, "file:");
        for (const char *c = path; *c; c++) {
                if (strchr("%?#", *c))
                        buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*c);
                else
                        buf_byte(&uri, *c);
        }
        buf_text(&uri, "?immutable=1");
        BUG_IF(uri.overflowed);
        return uri.ptr;
}

/* Reading a WAL store needs its -shm file, which cannot be made where nothing can be written.
 * When the last writer has left no work behind, the file alone says everything. */
static int reopen_immutable(Store *store, Arena *arena, Error *err)
{
        struct stat wal;
        int r;

        if (stat(arena_printf(arena, "%s-wal", store->path), &wal) == 0 && wal.st_size > 0) {
                fail(err, EROFS, "cannot read '%s': its last writer did not finish", store->path);
                return fail_hint(err, "copy it and '%s-wal' to a folder that can be written",
                                 store->path);
        }
        sqlite3_close(store->db);
        store->db = NULL;
        r = connect_to(store, immutable_uri(store->path, arena),
                       SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
        return r < 0 ? r : migrate_check(store, store_migrations, err);
}

static bool needs_immutable(Store *store)
{
        int sqlite = sqlite3_errcode(store->db) & 0xff; /* the primary code */

        return sqlite == SQLITE_CANTOPEN || sqlite == SQLITE_READONLY;
}

/* Two that open a new store at once may both want to make it a WAL store; SQLite does not wait
 * for that lock by itself. */
static int set_write_pragmas(Store *store, Error *err)
{
        int r = sql_exec(store, write_pragmas, "open", err);

        for (int waited_ms = 0; r < 0 && err->code == ERR_BUSY && waited_ms < BUSY_TIMEOUT_MS;) {
                waited_ms += sqlite3_sleep(20);
                r = sql_exec(store, write_pragmas, "open", err);
        }
        return r;
}

static int open_for_writing(Store *store, Arena *arena, Error *err)
{
        int r = make_folder(store->path, arena, err);

        if (r == 0)
                r = connect_to(store, store->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
        if (r < 0)
                return r;
        if (sqlite3_db_readonly(store->db, "main") == 1) {
                fail(err, EROFS, "cannot write to '%s'", store->path);
                return fail_hint(err, "the file or its folder cannot be written");
        }
        r = migrate_check(store, store_migrations, err);
        if (r == 0)
                r = set_write_pragmas(store, err);
        if (r == 0)
                r = migrate_up(store, store_migrations, err);
        return r;
}

/* A store of an older hone is brought up to date when it can be; else the reader is told. */
static int update_older(Store *store, Arena *arena, Error *err)
{
        Store writer = { .path = store->path, .mode = STORE_WRITE };
        Error unused = { 0 };
        int r = open_for_writing(&writer, arena, &unused);

        store_close(&writer);
        if (r < 0)
                return -err->code;
        error_clear(err);
        return migrate_check(store, store_migrations, err);
}

static int open_for_reading(Store *store, Arena *arena, Error *err)
{
        int r;

        if (access(store->path, F_OK) < 0) {
                fail(err, ERR_NOT_FOUND, "there is no store at '%s'", store->path);
                return fail_hint(err, "it is made by the first measurement");
        }
        r = connect_to(store, store->path, SQLITE_OPEN_READONLY, err);
        if (r < 0)
                return r;
        r = migrate_check(store, store_migrations, err);
        if (r < 0 && needs_immutable(store))
                r = reopen_immutable(store, arena, err);
        if (r < 0 && migrate_is_older(store, store_migrations))
                r = update_older(store, arena, err);
        return r;
}

int store_open(const char *path, StoreMode mode, Arena *arena, Store **ret, Error *err)
{
        AUTO(store_closep) Store *store = new (arena, Store, 1);
        Error spare = { 0 };
        int r;

        store->path = arena_printf(arena, "%s", path);
        store->mode = mode;
        err = err ? err : &spare;
        r = mode == STORE_WRITE ? open_for_writing(store, arena, err)
                                : open_for_reading(store, arena, err);
        if (r == 0)
                *ret = TAKE(store);
        return r;
}

Store *store_close(Store *store)
{
        if (store && store->db) {
                sqlite3_close(store->db);
                store->db = NULL;
        }
        return NULL;
}

void store_closep(Store **store)
{
        *store = store_close(*store);
}
