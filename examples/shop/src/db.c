#include <stdio.h>
#include <stdlib.h>

#include "shop.h"

static const char schema[] =
        "CREATE TABLE IF NOT EXISTS products ("
        "  id INTEGER PRIMARY KEY, name TEXT NOT NULL, category INTEGER NOT NULL,"
        "  price_cents INTEGER NOT NULL, description TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS order_lines ("
        "  order_id INTEGER NOT NULL, line INTEGER NOT NULL, product_id INTEGER NOT NULL,"
        "  quantity INTEGER NOT NULL, PRIMARY KEY (order_id, line)) WITHOUT ROWID;";

static void die(sqlite3 *db, const char *what)
{
        fprintf(stderr, "shop: %s: %s\n", what, sqlite3_errmsg(db));
        exit(1);
}

sqlite3 *db_open(const char *path)
{
        sqlite3 *db;

        if (sqlite3_open(path, &db) != SQLITE_OK)
                die(db, path);
        sqlite3_busy_timeout(db, 5000);
        if (sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK)
                die(db, "schema");
        return db;
}

sqlite3_stmt *db_query(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *query;

        if (sqlite3_prepare_v2(db, sql, -1, &query, NULL) != SQLITE_OK)
                die(db, sql);
        return query;
}
