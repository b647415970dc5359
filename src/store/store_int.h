#pragma once
/* What the files of the store share: the connection, statements, rows and blobs.
 *
 * Every statement goes through sql_*: a result code of SQLite becomes one of our Errors there and
 * nowhere else. Writing happens between sql_begin() and sql_end(), which commits when all went
 * well and rolls back otherwise, so that no path leaves half of something behind.
 */

#include "base/digest.h"
#include "base/embedded.h"
#include "store/store.h"

#include <sqlite3.h>

#define STORE_APPLICATION_ID 0x686f6e65 /* "hone", in the header of the file */
#define LARGEST_BLOB MiB(256)
#define LARGEST_DOCUMENT MiB(64)

struct Store {
        sqlite3 *db;
        const char *path;
        StoreMode mode;
};

/* --- sql.c --- */

/* The last failure on this connection as an Error; `doing` completes "cannot ... 'path'". */
int sql_fail(Store *store, const char *doing, Error *err);
int sql_exec(Store *store, const char *sql, const char *doing, Error *err);
int sql_number(Store *store, const char *sql, int64_t *ret, Error *err); /* one row, one column */

int sql_begin(Store *store, Error *err);      /* BEGIN IMMEDIATE */
int sql_end(Store *store, int r, Error *err); /* COMMIT when r is 0, else ROLLBACK; returns r */

int sql_prepare(Store *store, const char *sql, sqlite3_stmt **ret, Error *err);
void sql_finalizep(sqlite3_stmt **statement);
/* 1: a row, 0: done. */
int sql_step(Store *store, sqlite3_stmt *statement, const char *doing, Error *err);
void sql_bind_span(sqlite3_stmt *statement, int at, Span text);
void sql_bind_finite(sqlite3_stmt *statement, int at, double value); /* else NULL */
Span sql_column(sqlite3_stmt *statement, int at);                    /* until the next step */
uint64_t sql_size(sqlite3_stmt *statement, int at); /* a negative one is UINT64_MAX */
int sql_column_copy(Store *store, sqlite3_stmt *statement, int at, Arena *arena, Span *ret,
                    Error *err);

/* --- migrate.c --- */

extern const EmbeddedFile store_migrations[]; /* in order; NULL closes */
/* Is it a store, and one of a schema that we know? An empty file is a store of schema 0. */
int migrate_check(Store *store, const EmbeddedFile *files, Error *err);
/* A store of ours that migrate_up() would change. */
bool migrate_is_older(Store *store, const EmbeddedFile *files);
/* To the newest schema, in one transaction. */
int migrate_up(Store *store, const EmbeddedFile *files, Error *err);

/* --- blob.c --- */

/* zstd level 3 */
int blob_pack(Span plain, Arena *arena, Span *ret, Error *err);
/* Into exactly `size_bytes` whose SHA-256 is `digest`; anything else is ERR_CORRUPT. */
int blob_unpack(Span packed, uint64_t size_bytes, Span digest, Arena *arena, Span *ret, Error *err);
/* Stores it unless it is there; a stored one that is not equal is ERR_CORRUPT. */
int blob_put(Store *store, Span plain, char ret_digest[static DIGEST_SIZE], Error *err);
int blob_get(Store *store, Span digest, Arena *arena, Span *ret, Error *err);

/* --- store_row.c --- */

typedef struct RunRow {
        int64_t wall_ns, duration_ns, partial, git_dirty;
        Span noise, instrument, target, label, group, git_revision, document;
} RunRow;

/* The columns of RunRow in their order, for SELECT and INSERT. */
#define RUN_LIST_COLUMNS                                                                          \
        "wall_ns, duration_ns, partial, git_dirty, noise, instrument, target, label, run_group, " \
        "git_revision"
#define RUN_COLUMNS RUN_LIST_COLUMNS ", document"
#define N_RUN_COLUMNS 11

/* A row of run_facts from its run, as 002_history.sql makes it. */
#define FACTS_OF_RUNS                                                                \
        "SELECT id, wall_ns, partial, git_dirty, noise, instrument, target, label, " \
        "git_revision, CASE WHEN json_valid(document) THEN "                         \
        "coalesce(json_extract(document, '$.fingerprint.machine_id'), '') ELSE '' END FROM runs"

NoiseVerdict noise_from(Span name); /* NOISE_UNKNOWN when it is none */
RunRow row_of_run(const Run *run, Span document);
void row_bind(const RunRow *row, sqlite3_stmt *statement, int first);
/* Texts are views into the statement, until its next step. */
RunRow row_from(sqlite3_stmt *statement, int first);
int row_digest(const RunRow *row, char ret[static DIGEST_SIZE], Error *err);
int64_t number_column(uint64_t number); /* SQLite has no more than 63 bits */

/* --- store_get.c --- */

/* store_get() that tells about every blob it asks for. */
typedef struct RunReader {
        Store *store;
        int (*saw_blob)(void *state, Span digest, Error *err); /* may be NULL */
        void *state;
} RunReader;
int run_read(const RunReader *reader, uint64_t id, Arena *arena, Run **ret, Error *err);
