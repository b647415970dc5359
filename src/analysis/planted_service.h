#pragma once
/* For tests: what the stacks of a small web service look like, with one of four flaws or none.
 *
 *         Profile *p = planted_mix(WAY_ORDERS, arena);   // all endpoints, orders with its flaw
 *
 * It has the shape of examples/shop: routes below one dispatcher, a database library, helpers for
 * queries and JSON that all routes use. Weights are in proportion to what such a service shows.
 */

#include "analysis/planted_profile.h"

typedef enum PlantedWay {
        WAY_PRODUCTS,   /* a query without an index */
        WAY_ORDERS,     /* a query per row */
        WAY_DUPLICATES, /* every name against every other */
        WAY_CATALOG,    /* one document made twice */
        WAY_NONE,
} PlantedWay;

/* One endpoint alone, with its flaw. */
Profile *planted_way(PlantedWay way, Arena *arena);
/* All endpoints in equal shares; one of them, or none, has its flaw. */
Profile *planted_mix(PlantedWay flawed, Arena *arena);
