#include <stdlib.h>
#include <string.h>

#include "shop.h"

typedef struct NameList {
        char **names;
        size_t len;
} NameList;

static NameList names_load(sqlite3 *db, int64_t first_id, int64_t count)
{
        sqlite3_stmt *query = db_query(db, "SELECT name FROM products"
                                           " WHERE id >= ?1 AND id < ?2 ORDER BY id");
        NameList list = { .names = calloc((size_t)count, sizeof(char *)) };

        sqlite3_bind_int64(query, 1, first_id);
        sqlite3_bind_int64(query, 2, first_id + count);
        while (sqlite3_step(query) == SQLITE_ROW && list.len < (size_t)count)
                list.names[list.len++] = strdup((const char *)sqlite3_column_text(query, 0));
        sqlite3_finalize(query);
        return list;
}

/* How many names stand in the list more than once: each later copy counts. */
static int64_t names_count_duplicates(const NameList *list)
{
        int64_t duplicates = 0;

        for (size_t i = 0; i < list->len; i++)
                for (size_t j = 0; j < i; j++)
                        if (strcmp(list->names[i], list->names[j]) == 0) {
                                duplicates++;
                                break;
                        }
        return duplicates;
}

bool duplicates_find(sqlite3 *db, int64_t first_id, int64_t count, Json *out)
{
        NameList list;

        if (count < 1 || count > 5000)
                return false;
        list = names_load(db, first_id, count);
        json_raw(out, "{\"checked\":");
        json_number(out, (int64_t)list.len);
        json_raw(out, ",\"duplicates\":");
        json_number(out, names_count_duplicates(&list));
        json_raw(out, "}");
        for (size_t i = 0; i < list.len; i++)
                free(list.names[i]);
        free(list.names);
        return true;
}
