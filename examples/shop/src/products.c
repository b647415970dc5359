#include "shop.h"

/* The twenty cheapest products of a category. */
bool products_by_category(sqlite3 *db, int64_t category, Json *out)
{
        sqlite3_stmt *query = db_query(db, "SELECT id, name, price_cents FROM products"
                                           " WHERE category = ?1 ORDER BY price_cents, id"
                                           " LIMIT 20");
        int n = 0;

        sqlite3_bind_int64(query, 1, category);
        json_raw(out, "[");
        while (sqlite3_step(query) == SQLITE_ROW) {
                json_raw(out, n++ ? ",{\"id\":" : "{\"id\":");
                json_number(out, sqlite3_column_int64(query, 0));
                json_raw(out, ",\"name\":");
                json_text(out, (const char *)sqlite3_column_text(query, 1));
                json_raw(out, ",\"price_cents\":");
                json_number(out, sqlite3_column_int64(query, 2));
                json_raw(out, "}");
        }
        json_raw(out, "]");
        sqlite3_finalize(query);
        return true;
}
