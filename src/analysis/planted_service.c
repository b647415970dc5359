#include "analysis/planted_service.h"

#define SERVER "thread:http libc:start_thread mhd:MHD_polling_thread mhd:MHD_call "

static void plant_products(Profile *p, bool flawed)
{
        uint64_t step = flawed ? 9500 : 60;

        plant(p, step,
              SERVER "handle_request@main.c:100 route_products products_by_category@products.c:18 "
                     "sqlite:sqlite3_step unknown:[libsqlite3]");
        plant(p, 20,
              SERVER "handle_request route_products products_by_category@products.c:12 "
                     "db_query sqlite:sqlite3_prepare_v2 unknown:[libsqlite3]");
        plant(p, 10,
              SERVER "handle_request route_products products_by_category@products.c:20 "
                     "json_text inline:append libc:memcpy");
}

static void plant_orders(Profile *p, bool flawed)
{
        if (!flawed) {
                plant(p, 90,
                      SERVER "handle_request route_order order_show order_lines "
                             "sqlite:sqlite3_step unknown:[libsqlite3]");
                plant(p, 15,
                      SERVER "handle_request route_order order_show order_lines db_query "
                             "sqlite:sqlite3_prepare_v2");
                plant(p, 40, SERVER "handle_request route_order order_show order_lines json_text");
                return;
        }
        plant(p, 570,
              SERVER "handle_request route_order order_show order_lines@orders.c:36 "
                     "line_write@orders.c:6 db_query sqlite:sqlite3_prepare_v2 "
                     "sqlite:sqlite3RunParser");
        plant(p, 125,
              SERVER "handle_request route_order order_show order_lines@orders.c:36 "
                     "line_write@orders.c:10 sqlite:sqlite3_step unknown:[libsqlite3]");
        plant(p, 120,
              SERVER "handle_request route_order order_show order_lines@orders.c:36 "
                     "line_write@orders.c:19 sqlite:sqlite3_finalize libc:free");
        plant(p, 40,
              SERVER "handle_request route_order order_show order_lines@orders.c:36 "
                     "line_write@orders.c:13 json_text inline:append libc:memcpy");
        plant(p, 30,
              SERVER "handle_request route_order order_show order_lines "
                     "sqlite:sqlite3_step");
        plant(p, 3,
              SERVER "handle_request route_order order_show order_lines db_query "
                     "sqlite:sqlite3_prepare_v2");
        plant(p, 5,
              SERVER "handle_request route_order order_show db_query "
                     "sqlite:sqlite3_prepare_v2");
}

static void plant_duplicates(Profile *p, bool flawed)
{
        const char *count = SERVER "handle_request route_duplicates duplicates_find "
                                   "inline:names_count_duplicates@duplicates.c:32";

        plant(p, 150,
              SERVER "handle_request route_duplicates duplicates_find inline:names_load "
                     "sqlite:sqlite3_step unknown:[libsqlite3]");
        plant(p, 60,
              SERVER "handle_request route_duplicates duplicates_find inline:names_load "
                     "libc:strdup libc:malloc");
        plant(p, 30, SERVER "handle_request route_duplicates duplicates_find libc:free");
        plant(p, flawed ? 900 : 40, count);
        plant(p, flawed ? 1900 : 20,
              SERVER "handle_request route_duplicates duplicates_find "
                     "inline:names_count_duplicates@duplicates.c:33 libc:strcmp");
}

#define SERIALIZE "catalog_serialize inline:item_write "
static void plant_serializing(Profile *p, const char *above, uint64_t weight)
{
        Arena *arena = p->arena;

        plant(p, weight * 30 / 100,
              arena_printf(arena, "%s" SERIALIZE "json_text@json.c:48", above));
        plant(p, weight * 20 / 100,
              arena_printf(arena, "%s" SERIALIZE "json_text inline:append libc:memcpy", above));
        plant(p, weight * 25 / 100,
              arena_printf(arena, "%s" SERIALIZE "json_raw inline:append libc:memcpy", above));
        plant(p, weight * 25 / 100,
              arena_printf(arena,
                           "%s" SERIALIZE "json_number libc:snprintf "
                           "libc:__vsnprintf_internal libc:__vfprintf_internal",
                           above));
}

static void plant_catalog(Profile *p, bool flawed)
{
        const char *show = SERVER "handle_request route_catalog catalog_show@catalog.c:73 ";
        const char *version = SERVER "handle_request route_catalog catalog_show@catalog.c:72 "
                                     "inline:catalog_version ";

        if (!flawed) {
                plant(p, 12, arena_printf(p->arena, "%sjson_raw inline:append libc:memcpy", show));
                return;
        }
        plant_serializing(p, show, 400);
        plant_serializing(p, version, 400);
        plant(p, 130, version);
}

/* The server library's own work: reading requests, sending answers. */
static void plant_library(Profile *p, uint64_t weight)
{
        plant(p, weight,
              "thread:http libc:start_thread mhd:MHD_polling_thread libc:send "
              "kernel:entry_SYSCALL_64 kernel:tcp_sendmsg");
}

static void (*const ways[])(Profile *, bool) = { plant_products, plant_orders, plant_duplicates,
                                                 plant_catalog };

Profile *planted_way(PlantedWay way, Arena *arena)
{
        Profile *p = planted_new(arena);

        ways[way](p, true);
        plant_library(p, 30);
        return p;
}

Profile *planted_mix(PlantedWay flawed, Arena *arena)
{
        Profile *p = planted_new(arena);

        for (PlantedWay way = 0; way < WAY_NONE; way++)
                ways[way](p, way == flawed);
        plant_library(p, 120);
        return p;
}
