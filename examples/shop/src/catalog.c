#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "shop.h"

/* The featured products do not change while the shop runs: read once, kept in memory. */
typedef struct Item {
        int64_t id, price_cents;
        char *name, *description;
} Item;

enum { FEATURED = 1500 };
static Item items[FEATURED];
static size_t n_items;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sqlite3 *loading;

static void catalog_load(void)
{
        sqlite3_stmt *query = db_query(loading, "SELECT id, price_cents, name, description"
                                                " FROM products ORDER BY id LIMIT 1500");

        while (sqlite3_step(query) == SQLITE_ROW && n_items < FEATURED)
                items[n_items++] = (Item){
                        .id = sqlite3_column_int64(query, 0),
                        .price_cents = sqlite3_column_int64(query, 1),
                        .name = strdup((const char *)sqlite3_column_text(query, 2)),
                        .description = strdup((const char *)sqlite3_column_text(query, 3)),
                };
        sqlite3_finalize(query);
}

static void item_write(const Item *item, Json *out)
{
        json_raw(out, "{\"id\":");
        json_number(out, item->id);
        json_raw(out, ",\"name\":");
        json_text(out, item->name);
        json_raw(out, ",\"price_cents\":");
        json_number(out, item->price_cents);
        json_raw(out, ",\"description\":");
        json_text(out, item->description);
        json_raw(out, "}");
}

static void catalog_serialize(Json *out)
{
        json_raw(out, "[");
        for (size_t i = 0; i < n_items; i++) {
                if (i)
                        json_raw(out, ",");
                item_write(&items[i], out);
        }
        json_raw(out, "]");
}

/* A number that changes when the catalogue does, so that clients can tell. */
static int64_t catalog_version(void)
{
        Json text = { 0 };
        uint32_t sum = 2166136261u;

        catalog_serialize(&text);
        for (size_t i = 0; i < text.len; i++)
                sum = (sum ^ (unsigned char)text.text[i]) * 16777619u;
        free(text.text);
        return sum;
}

bool catalog_show(sqlite3 *db, Json *out)
{
        static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;

        pthread_mutex_lock(&first);
        if (!loading)
                loading = db;
        pthread_once(&once, catalog_load);
        pthread_mutex_unlock(&first);
        json_raw(out, "{\"version\":");
        json_number(out, catalog_version());
        json_raw(out, ",\"items\":");
        catalog_serialize(out);
        json_raw(out, "}");
        return true;
}
