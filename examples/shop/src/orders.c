#include "shop.h"

/* One line of an order with its product's name and price; returns what the line costs. */
static int64_t line_write(sqlite3 *db, int64_t product, int64_t quantity, Json *out)
{
        sqlite3_stmt *query = db_query(db, "SELECT name, price_cents FROM products WHERE id = ?1");
        int64_t cost = 0;

        sqlite3_bind_int64(query, 1, product);
        if (sqlite3_step(query) == SQLITE_ROW) {
                cost = sqlite3_column_int64(query, 1) * quantity;
                json_raw(out, "{\"product\":");
                json_text(out, (const char *)sqlite3_column_text(query, 0));
                json_raw(out, ",\"quantity\":");
                json_number(out, quantity);
                json_raw(out, ",\"cost_cents\":");
                json_number(out, cost);
                json_raw(out, "}");
        }
        sqlite3_finalize(query);
        return cost;
}

/* All lines of an order; returns what they cost together. */
static int64_t order_lines(sqlite3 *db, int64_t order, Json *out)
{
        sqlite3_stmt *lines = db_query(db, "SELECT product_id, quantity FROM order_lines"
                                           " WHERE order_id = ?1 ORDER BY line");
        int64_t total = 0;

        sqlite3_bind_int64(lines, 1, order);
        for (int n = 0; sqlite3_step(lines) == SQLITE_ROW; n++) {
                if (n)
                        json_raw(out, ",");
                total += line_write(db, sqlite3_column_int64(lines, 0),
                                    sqlite3_column_int64(lines, 1), out);
        }
        sqlite3_finalize(lines);
        return total;
}

bool order_show(sqlite3 *db, int64_t id, Json *out)
{
        sqlite3_stmt *order = db_query(db, "SELECT customer FROM orders WHERE id = ?1");
        bool found;

        sqlite3_bind_int64(order, 1, id);
        found = sqlite3_step(order) == SQLITE_ROW;
        if (found) {
                json_raw(out, "{\"customer\":");
                json_text(out, (const char *)sqlite3_column_text(order, 0));
                json_raw(out, ",\"lines\":[");
                int64_t total = order_lines(db, id, out);
                json_raw(out, "],\"total_cents\":");
                json_number(out, total);
                json_raw(out, "}");
        }
        sqlite3_finalize(order);
        return found;
}
