#include "base/map.h"

#include "harness.h"

TEST(map_finds_what_was_added_and_nothing_else)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(8));
        Map map = map_in(arena, 20000);

        assert_null(map_find(&map, SPAN("k0")));
        for (uint64_t i = 0; i < 10000; i++) {
                MapSlot *slot = map_add(&map, span_of(arena_printf(arena, "k%zu", (size_t)i)));

                assert_non_null(slot);
                assert_int_equal(slot->number, 0);
                slot->number = i + 1;
        }
        assert_int_equal(map.len, 10000);
        for (uint64_t i = 0; i < 10000; i++) {
                Span key = span_of(arena_printf(arena, "k%zu", (size_t)i));

                assert_int_equal(map_find(&map, key)->number, i + 1);
                assert_ptr_equal(map_add(&map, key), map_find(&map, key));
        }
        assert_int_equal(map.len, 10000);
        assert_null(map_find(&map, SPAN("k10000")));
}

TEST(map_keeps_integer_keys_apart_from_text)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Map map = map_in(arena, 100);

        map_add_u64(&map, 0)->number = 1;
        map_add(&map, SPAN(""))->number = 2;
        map_add_u64(&map, UINT64_MAX)->number = 3;
        assert_int_equal(map.len, 3);
        assert_int_equal(map_find_u64(&map, 0)->number, 1);
        assert_int_equal(map_find(&map, (Span){ 0 })->number, 2);
        assert_int_equal(map_find_u64(&map, UINT64_MAX)->number, 3);
        assert_null(map_find_u64(&map, 7));
}

TEST(map_spreads_aligned_integer_keys)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Map map = map_in(arena, 100000);

        for (uint64_t i = 0; i < 50000; i++)
                map_add_u64(&map, i << 40)->number = i;
        for (uint64_t i = 0; i < 50000; i++)
                assert_int_equal(map_find_u64(&map, i << 40)->number, i);
}

TEST(map_refuses_past_its_ceiling_but_still_finds)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Map map = map_in(arena, 3);

        for (uint64_t i = 1; i <= 3; i++)
                map_add_u64(&map, i)->number = i;
        assert_null(map_add_u64(&map, 4));
        assert_int_equal(map_add_u64(&map, 2)->number, 2);
        assert_int_equal(map.len, 3);
}

TEST(map_refuses_past_the_ceiling_of_its_arena)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        Map map = map_in(arena, SIZE_MAX);
        uint64_t n = 0;

        while (n < 100000 && map_add_u64(&map, n))
                n++;
        assert_in_range(n, 12, 2000);
        for (uint64_t i = 0; i < n; i++)
                assert_non_null(map_find_u64(&map, i));
}

TEST(map_with_a_seed_finds_the_same_keys)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Map map = map_in(arena, 1000);

        map.seed = 0x9e3779b97f4a7c15;
        for (uint64_t i = 0; i < 500; i++)
                map_add(&map, span_of(arena_printf(arena, "k%d", (int)i)))->number = i;
        for (uint64_t i = 0; i < 500; i++)
                assert_int_equal(
                        map_find(&map, span_of(arena_printf(arena, "k%d", (int)i)))->number, i);
        assert_null(map_find(&map, SPAN("k500")));
}

TEST(map_each_visits_every_key_once)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Map map = map_in(arena, 1000);
        uint64_t sum = 0, n = 0;

        map_each (slot, &map)
                n++;
        assert_int_equal(n, 0);
        for (uint64_t i = 1; i <= 100; i++)
                map_add_u64(&map, i)->number = i;
        map_each (slot, &map) {
                sum += slot->number;
                n++;
        }
        assert_int_equal(n, 100);
        assert_int_equal(sum, 5050);
}
