#pragma once
/* The shop's parts: each answers one kind of request from its own SQLite connection. */

#include <sqlite3.h>
#include <stdbool.h>

#include "json.h"

/* Opens the database and brings its schema up to date; ends the program when it cannot. */
sqlite3 *db_open(const char *path);
void db_seed(sqlite3 *db); /* 100,000 products, 400 orders; always the same */
sqlite3_stmt *db_query(sqlite3 *db, const char *sql);

/* Each writes a JSON document; false: there is no such thing. */
bool products_by_category(sqlite3 *db, int64_t category, Json *out);
bool order_show(sqlite3 *db, int64_t id, Json *out);
bool duplicates_find(sqlite3 *db, int64_t first_id, int64_t count, Json *out);
bool catalog_show(sqlite3 *db, Json *out);
