#include "process/ab_table.h"

#include <math.h>

#include "harness.h"

static void put(AbTable *table, size_t side, size_t block, const char *subject, double value)
{
        Error err = { 0 };

        assert_ok(
                ab_table_put(table, side, block, METRIC_TIME, span_of(subject), true, value, &err),
                err);
}

TEST(ab_table_gives_rows_that_every_block_has_on_both_sides)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        AbTable table = ab_table_new(arena, 4);
        const AbRow *missing = NULL;
        BlockRow rows[4];

        for (size_t block = 0; block < 2; block++)
                for (size_t side = 0; side < AB_SIDES; side++)
                        put(&table, side, block, "whole", 1 + (double)(side * 10 + block));
        put(&table, AB_SIDE_A, 0, "once", 1);
        assert_int_equal(ab_table_rows(&table, 2, true, rows), 1);
        assert_span(rows[0].subject, "whole");
        assert_near(rows[0].b[1], 12, 0);
        assert_int_equal(ab_table_incomplete(&table, 2, &missing), 1);
        assert_span(missing->subject, "once");
        assert_int_equal(ab_table_rows(&table, 3, true, rows), 0);
}

TEST(ab_table_forgets_an_attempt_and_keeps_what_is_not_judged_apart)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        AbTable table = ab_table_new(arena, 1);
        BlockRow rows[4];
        Error err = { 0 };

        for (size_t side = 0; side < AB_SIDES; side++) {
                put(&table, side, 0, "judged", 1);
                assert_ok(ab_table_put(&table, side, 0, METRIC_MEMORY, SPAN(""), false, 5, &err),
                          err);
        }
        assert_int_equal(ab_table_rows(&table, 1, true, rows), 1);
        assert_int_equal(ab_table_rows(&table, 1, false, rows), 2);
        ab_table_clear(&table, AB_SIDE_B, 0);
        assert_int_equal(ab_table_rows(&table, 1, false, rows), 0);
}

TEST(ab_table_has_a_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        AbTable table = ab_table_new(arena, 1);
        Error err = { 0 };
        char name[32];
        int r = 0;

        for (size_t i = 0; r == 0 && i < 20000; i++) {
                snprintf(name, sizeof(name), "%zu", i);
                r = ab_table_put(&table, 0, 0, METRIC_TIME, span_of(name), true, 1, &err);
        }
        assert_fails(r, err, ERR_LIMIT);
        assert_int_equal(table.rows.len, 10000);
}
