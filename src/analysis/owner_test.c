#include "harness.h"

#include "analysis/owner.h"
#include "analysis/pattern.h"
#include "analysis/planted_service.h"

#include <string.h>

static Arena *arena_of_test(void)
{
        return arena_new(MiB(256));
}

static const OwnerCost *owner_named(const OwnerTable *table, const char *name)
{
        for (size_t i = 0; i < table->len; i++)
                if (span_is(table->items[i].function, name))
                        return &table->items[i];
        return NULL;
}

/* What every table must hold, whatever the profile. */
static void check_table(const OwnerTable *table, const Profile *p, Arena *arena)
{
        uint64_t *weights = new (arena, uint64_t, table->len + 1), owned = 0;

        for (size_t i = 0; i < p->nodes.len; i++)
                if (table->owner_of[i] != UINT32_MAX) {
                        assert_in_range(table->owner_of[i], 0, table->len - 1);
                        weights[table->owner_of[i]] += p->nodes.items[i].self_weight;
                }
        for (size_t i = 0; i < table->len; i++) {
                const OwnerCost *owner = &table->items[i];

                assert_int_equal(weights[i], owner->weight);
                assert_true(owner->share > 0 && owner->share <= 1 + 1e-12);
                assert_true(owner->own_share >= 0 && owner->own_share <= owner->share + 1e-12);
                assert_true(owner->callee_share >= 0 && owner->callee_share <= 1);
                assert_true(i == 0 || owner->weight <= table->items[i - 1].weight);
                owned += owner->weight;
        }
        assert_near(table->unowned, 1 - (double)owned / (double)MAX(p->total_weight, UINT64_C(1)),
                    1e-9);
}

static OwnerTable owners_of(const Profile *p, Arena *arena)
{
        OwnerTable table = owner_costs(p, PLANTED_EXE, arena);

        check_table(&table, p, arena);
        return table;
}

static OwnerTable one_way(PlantedWay way, Arena *arena)
{
        return owners_of(planted_way(way, arena), arena);
}

static OwnerTable mixed(int flawed, Arena *arena)
{
        return owners_of(planted_mix(flawed, arena), arena);
}

TEST(owner_of_a_table_scan_is_the_function_that_runs_the_query)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        OwnerTable alone = one_way(WAY_PRODUCTS, arena), mix = mixed(WAY_PRODUCTS, arena);

        assert_span(alone.items[0].function, "products_by_category");
        assert_span(mix.items[0].function, "products_by_category");
        assert_span(mix.items[0].callee, "sqlite3_step");
        assert_true(mix.items[0].callee_share > 0.9);
        assert_span(mix.items[0].source, "products.c:18");
        assert_span(mix.items[0].callers, "handle_request > route_products");
        assert_span(mix.items[0].module, PLANTED_EXE);
        assert_span(mix.items[0].leaf, "[libsqlite3]");
}

TEST(owner_of_a_query_in_a_loop_is_the_loops_body_not_the_helper_that_prepares)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        OwnerTable alone = one_way(WAY_ORDERS, arena), mix = mixed(WAY_ORDERS, arena);

        assert_span(alone.items[0].function, "line_write");
        assert_span(alone.items[0].through, "db_query");
        assert_span(alone.items[0].callee, "sqlite3_prepare_v2");
        assert_span(alone.items[0].source, "orders.c:6");
        assert_span(mix.items[0].function, "line_write");
        assert_null(owner_named(&mix, "db_query"));
}

/* The body splits between the helper and its own calls: it works, so it does not dispatch. */
TEST(owner_that_splits_is_no_dispatcher_when_it_works_itself)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 60, "main handle line db_query sqlite:sqlite3_prepare_v2");
        plant(p, 28, "main handle line sqlite:sqlite3_step");
        plant(p, 12, "main handle line json");
        table = owners_of(p, arena);
        assert_int_equal(table.len, 1);
        assert_span(table.items[0].function, "line");
        assert_int_equal(table.items[0].weight, 100);
}

TEST(owner_of_a_quadratic_loop_is_the_function_with_the_loop)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        OwnerTable alone = one_way(WAY_DUPLICATES, arena), mix = mixed(WAY_DUPLICATES, arena);

        assert_span(alone.items[0].function, "names_count_duplicates");
        assert_span(mix.items[0].function, "names_count_duplicates");
        assert_near(mix.items[0].own_share, mix.items[0].share, 1e-9);
        assert_span(mix.items[0].source, "duplicates.c:33");
        assert_span(mix.items[0].callee, "strcmp");
}

TEST(owner_of_a_document_built_twice_is_where_it_is_asked_for)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        OwnerTable alone = one_way(WAY_CATALOG, arena), mix = mixed(WAY_CATALOG, arena);

        assert_true(span_starts(alone.items[0].function, "catalog_"));
        assert_true(alone.items[0].share > 0.8);
        assert_true(span_starts(mix.items[0].function, "catalog_"));
        assert_true(mix.items[0].share > 0.4);
}

/* One way has so much else to do that nothing of it is two thirds. */
TEST(owner_of_ways_that_meet_is_where_they_meet_also_when_one_does_more)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 17, "main show version");
        plant(p, 35, "main show version serialize item text libc:memcpy");
        plant(p, 3, "main show version other libc:memcpy");
        plant(p, 20, "main show serialize item text libc:memcpy");
        plant(p, 15, "main show serialize item number libc:snprintf");
        table = owners_of(p, arena);
        assert_span(table.items[0].function, "serialize");
        assert_int_equal(table.items[0].weight, 70);
        assert_null(owner_named(&table, "item"));
}

TEST(owner_of_each_endpoint_is_its_own_where_none_dominates)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        OwnerTable mix = mixed(WAY_NONE, arena);

        assert_non_null(owner_named(&mix, "products_by_category"));
        assert_non_null(owner_named(&mix, "order_lines"));
        assert_null(owner_named(&mix, "handle_request"));
        assert_true(mix.unowned > 0.1);
}

TEST(owner_takes_a_program_that_was_replaced_while_it_ran)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_way(WAY_PRODUCTS, arena);
        OwnerTable table = owner_costs(p, PLANTED_EXE " (deleted)", arena);

        assert_span(table.items[0].function, "products_by_category");
}

TEST(owner_guesses_the_program_when_it_is_not_told_or_not_there)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_way(WAY_DUPLICATES, arena);
        OwnerTable told = owner_costs(p, NULL, arena), absent = owner_costs(p, "/bin/sh", arena);

        assert_span(told.items[0].function, "names_count_duplicates");
        assert_span(absent.items[0].function, "names_count_duplicates");
}

TEST(owner_treats_a_program_that_runs_made_code_as_a_library)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 80, "main node_run jit:handleRequest@app.js:3 jit:sortUsers node_compare");
        plant(p, 10, "main node_run jit:handleRequest jit:render");
        plant(p, 10, "main node_run node_gc");
        table = owners_of(p, arena);
        assert_int_equal(table.len, 1);
        assert_span(table.items[0].function, "sortUsers");
        assert_span(table.items[0].callee, "node_compare");
        assert_span(table.items[0].module, "//anon");
        assert_near(table.unowned, 0.2, 1e-9);
}

TEST(owner_keeps_a_little_made_code_as_one_function_of_the_program)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 20, "main search jit:regex");
        plant(p, 80, "main search");
        table = owners_of(p, arena);
        assert_span(table.items[0].function, "search");
        assert_int_equal(table.items[0].weight, 100);
}

TEST(owner_stays_with_a_hot_helper_that_all_callers_pay_for)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 30, "main handle a fetch db:query");
        plant(p, 30, "main handle b fetch db:query");
        plant(p, 30, "main handle c fetch db:query");
        plant(p, 10, "main handle d libc:memcpy");
        table = owners_of(p, arena);
        assert_span(table.items[0].function, "fetch");
        assert_int_equal(table.items[0].weight, 90);
}

TEST(owner_stays_with_a_helper_whose_own_code_is_the_cost)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 80, "main handle a hash");
        plant(p, 5, "main handle b hash");
        plant(p, 15, "main handle b libc:memcpy");
        table = owners_of(p, arena);
        assert_span(table.items[0].function, "hash");
        assert_int_equal(table.items[0].weight, 85);
}

TEST(owner_split_at_the_root_is_of_threads_not_of_requests)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 40, "thread:a start_a handle route_x x_work libc:qsort");
        plant(p, 30, "thread:a start_a handle route_y y_work libc:qsort");
        plant(p, 40, "thread:b start_b flush libc:write");
        table = owners_of(p, arena);
        assert_non_null(owner_named(&table, "x_work"));
        assert_non_null(owner_named(&table, "y_work"));
        assert_non_null(owner_named(&table, "flush"));
        assert_null(owner_named(&table, "handle"));
}

TEST(owner_of_a_recursion_through_two_functions_is_found_whole)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 10, "main parse term parse term parse term libc:strtod");
        plant(p, 50, "main parse term parse term libc:strtod");
        plant(p, 30, "main parse term libc:strtod");
        plant(p, 10, "main libc:read");
        table = owners_of(p, arena);
        assert_span(table.items[0].function, "term");
        assert_int_equal(table.items[0].weight, 90);
        assert_near(table.items[0].own_share, 0.9, 1e-9);
}

TEST(owner_of_nothing_is_nobody)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable empty = owners_of(p, arena), strange;

        assert_int_equal(empty.len, 0);
        assert_near(empty.unowned, 1, 0);
        assert_int_equal(empty.owner_of[0], UINT32_MAX);
        profile_add(p, NULL, 0, 5, 5); /* samples without any frame */
        plant(p, 5, "thread:a unknown:[stripped]");
        strange = owners_of(p, arena);
        assert_int_equal(strange.len, 0);
        assert_near(strange.unowned, 1, 0);
}

TEST(owner_has_the_chains_that_end_early_as_well)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 70, "main handle route work@w.c:4 libc:qsort");
        plant(p, 20, "thread:a unknown:[truncated] work@w.c:4 libc:qsort");
        plant(p, 10, "thread:a unknown:[truncated] libc:qsort");
        table = owners_of(p, arena);
        assert_int_equal(table.len, 1);
        assert_int_equal(table.items[0].weight, 90);
        assert_span(table.items[0].callers, "main > handle > route");
}

TEST(owner_of_samples_without_weight_divides_by_nothing)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table;

        plant(p, 0, "main work libc:memcpy");
        plant(p, 1, "main other libc:memcpy");
        table = owners_of(p, arena);
        assert_int_equal(table.len, 1);
        assert_span(table.items[0].function, "other");
}

/* Deeper than any stack of ours may be, and never one function twice. */
TEST(owner_walks_a_chain_of_half_a_million_functions)
{
        enum { DEPTH = 500000 };
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Profile *p = profile_new(arena, DEPTH + 10);
        uint32_t *chain = new (arena, uint32_t, DEPTH);
        OwnerTable table;
        Pattern *patterns;

        for (uint32_t i = 0; i < DEPTH; i++)
                chain[i] = profile_frame(
                        p, &(FrameDesc){ .symbol = span_of(arena_printf(arena, "f%u", i)),
                                         .module = SPAN(PLANTED_EXE) });
        profile_add(p, chain, DEPTH, 1, 1);
        table = owners_of(p, arena);
        assert_int_equal(table.len, 1);
        assert_span(table.items[0].function, "f499999");
        assert_int_equal(pattern_find(p, arena, &patterns), 1); /* the leaf is a plateau */
}

/* Every node has as many children as fit: no step may look at all nodes for each node. */
TEST(owner_of_a_wide_tree_takes_no_quadratic_time)
{
        enum { WIDTH = 300000 };
        AUTO(arena_freep) Arena *arena = arena_new(GiB(2));
        Profile *p = profile_new(arena, WIDTH + 100);
        uint32_t chain[2] = { profile_frame(
                p, &(FrameDesc){ .symbol = SPAN("main"), .module = SPAN(PLANTED_EXE) }) };
        OwnerTable table;

        for (uint32_t i = 0; i < WIDTH; i++) {
                chain[1] = profile_frame(
                        p, &(FrameDesc){ .symbol = span_of(arena_printf(arena, "f%u", i)),
                                         .module = SPAN(PLANTED_EXE) });
                profile_add(p, chain, 2, 1, 1);
        }
        table = owners_of(p, arena);
        assert_int_equal(table.len, 0); /* a dispatcher to ways that are all too small */
        assert_near(table.unowned, 1, 0);
}

TEST(owner_share_below_counts_what_matching_functions_take_at_and_below_them)
{
        AUTO(arena_freep) Arena *arena = arena_of_test();
        Profile *p = planted_new(arena);
        OwnerTable table = { 0 };
        bool *matches;
        double *shares;

        plant(p, 60, "main work db:step unknown:[db]");
        plant(p, 10, "main work db:step db:malloc");
        plant(p, 30, "main work");
        table = owners_of(p, arena);
        matches = new (arena, bool, p->strings.len);
        for (size_t i = 0; i < p->strings.len; i++)
                matches[i] = span_is(p->strings.items[i], "step");
        shares = owner_shares_below(&table, p, matches, arena);
        assert_near(shares[0], 0.7, 1e-9);
        memset(matches, 0, p->strings.len);
        assert_near(owner_shares_below(&table, p, matches, arena)[0], 0, 0);
}
