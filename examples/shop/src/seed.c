/* The same data on every machine: a small generator with a fixed seed. */

#include <stdio.h>
#include <stdlib.h>

#include "shop.h"

enum { PRODUCTS = 100000, CATEGORIES = 100, ORDERS = 400, LINES = 150 };

static const char *const nouns[] = { "Lamp",  "Chair",  "Desk",  "Kettle", "Clock",  "Mirror",
                                     "Shelf", "Carpet", "Stool", "Basket", "Blanket" };
static const char *const colours[] = { "red", "blue", "green", "black", "white", "amber", "grey" };

static unsigned next(unsigned *state)
{
        *state = *state * 1664525u + 1013904223u;
        return *state >> 8;
}

static void seed_products(sqlite3 *db, unsigned *state)
{
        sqlite3_stmt *insert = db_query(db, "INSERT INTO products VALUES (?1, ?2, ?3, ?4, ?5)");

        for (int id = 1; id <= PRODUCTS; id++) {
                char name[64], text[128];
                unsigned n = next(state);

                /* one name in about 800 is given twice */
                snprintf(name, sizeof(name), "%s %s %d", colours[n % 7], nouns[n % 11],
                         n % 800 == 0 ? id - 7 : id);
                snprintf(text, sizeof(text), "A %s for \"%d\" rooms, made to last", nouns[n % 11],
                         (int)(n % 9));
                sqlite3_bind_int(insert, 1, id);
                sqlite3_bind_text(insert, 2, name, -1, SQLITE_TRANSIENT);
                sqlite3_bind_int(insert, 3, (int)(next(state) % CATEGORIES));
                sqlite3_bind_int(insert, 4, (int)(100 + next(state) % 99900));
                sqlite3_bind_text(insert, 5, text, -1, SQLITE_TRANSIENT);
                sqlite3_step(insert);
                sqlite3_reset(insert);
        }
        sqlite3_finalize(insert);
}

static void seed_orders(sqlite3 *db, unsigned *state)
{
        sqlite3_stmt *order = db_query(db, "INSERT INTO orders VALUES (?1, ?2)");
        sqlite3_stmt *line = db_query(db, "INSERT INTO order_lines VALUES (?1, ?2, ?3, ?4)");

        for (int id = 1; id <= ORDERS; id++) {
                char customer[32];

                snprintf(customer, sizeof(customer), "Customer %d", id);
                sqlite3_bind_int(order, 1, id);
                sqlite3_bind_text(order, 2, customer, -1, SQLITE_TRANSIENT);
                sqlite3_step(order);
                sqlite3_reset(order);
                for (int n = 1; n <= LINES; n++) {
                        sqlite3_bind_int(line, 1, id);
                        sqlite3_bind_int(line, 2, n);
                        sqlite3_bind_int(line, 3, (int)(1 + next(state) % PRODUCTS));
                        sqlite3_bind_int(line, 4, (int)(1 + next(state) % 5));
                        sqlite3_step(line);
                        sqlite3_reset(line);
                }
        }
        sqlite3_finalize(order);
        sqlite3_finalize(line);
}

void db_seed(sqlite3 *db)
{
        unsigned state = 20240229u;

        sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
        seed_products(db, &state);
        seed_orders(db, &state);
        if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
                fprintf(stderr, "shop: seeding: %s\n", sqlite3_errmsg(db));
                exit(1);
        }
}
