#include "store/store_int.h"

#include <inttypes.h>

static int64_t newest(const EmbeddedFile *files)
{
        int64_t n = 0;

        while (files[n].name)
                n++;
        return n;
}

/* A file that was just made, or whose maker was killed before its first commit. */
static int is_blank(Store *store, bool *ret, Error *err)
{
        int64_t id, version, objects;
        int r = sql_number(store, "PRAGMA application_id", &id, err);

        if (r == 0)
                r = sql_number(store, "PRAGMA user_version", &version, err);
        if (r == 0)
                r = sql_number(store, "SELECT count(*) FROM sqlite_schema", &objects, err);
        if (r == 0)
                *ret = id == 0 && version == 0 && objects == 0;
        return r;
}

static int check_version(Store *store, int64_t known, Error *err)
{
        int64_t version;
        int r = sql_number(store, "PRAGMA user_version", &version, err);

        if (r < 0)
                return r;
        if (version > known) {
                fail(err, ERR_UNAVAILABLE,
                     "'%s' was written by a newer hone (schema %" PRId64 ", this one knows %" PRId64
                     ")",
                     store->path, version, known);
                return fail_hint(err, "update hone, or choose another store with --store");
        }
        if (version < 1)
                return fail(err, ERR_CORRUPT, "'%s' has no schema version", store->path);
        if (version < known && store->mode == STORE_READ) {
                fail(err, ERR_UNAVAILABLE, "'%s' has the older schema %" PRId64, store->path,
                     version);
                return fail_hint(err, "open it once for writing, which updates it");
        }
        return 0;
}

int migrate_check(Store *store, const EmbeddedFile *files, Error *err)
{
        int64_t id;
        bool blank;
        int r = is_blank(store, &blank, err);

        if (r == 0 && !blank)
                r = sql_number(store, "PRAGMA application_id", &id, err);
        if (r < 0)
                return r;
        if (blank && store->mode == STORE_READ)
                return fail(err, ERR_NOT_FOUND, "'%s' holds no runs yet", store->path);
        if (blank)
                return 0;
        if (id != STORE_APPLICATION_ID) {
                fail(err, ERR_INPUT, "'%s' is an SQLite database of another program", store->path);
                return fail_hint(err, "hone does not touch it; choose another path with --store");
        }
        return check_version(store, newest(files), err);
}

bool migrate_is_older(Store *store, const EmbeddedFile *files)
{
        int64_t id, version;

        return sql_number(store, "PRAGMA application_id", &id, NULL) == 0 &&
               sql_number(store, "PRAGMA user_version", &version, NULL) == 0 &&
               id == STORE_APPLICATION_ID && version >= 1 && version < newest(files);
}

static int apply(Store *store, const EmbeddedFile *file, int64_t version, Error *err)
{
        char pragmas[100];
        int r = sql_exec(store, file->bytes.ptr, "update the schema of", err);

        snprintf(pragmas, sizeof(pragmas),
                 "PRAGMA application_id = %d; PRAGMA user_version = %" PRId64, STORE_APPLICATION_ID,
                 version);
        if (r == 0)
                r = sql_exec(store, pragmas, "update the schema of", err);
        if (r < 0)
                fail_while(err, "applying %s", file->name);
        return r;
}

int migrate_up(Store *store, const EmbeddedFile *files, Error *err)
{
        int64_t version, known = newest(files);
        int r = sql_number(store, "PRAGMA user_version", &version, err);

        if (r < 0 || version == known)
                return r;
        r = sql_begin(store, err);
        if (r < 0)
                return r;
        /* Once more under the lock: another hone may have just done it. */
        r = sql_number(store, "PRAGMA user_version", &version, err);
        for (; r == 0 && version < known; version++)
                r = apply(store, &files[version], version + 1, err);
        return sql_end(store, r, err);
}
