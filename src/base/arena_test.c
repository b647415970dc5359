#include "harness.h"

static void count_up(void *n)
{
        ++*(int *)n;
}

TEST(arena_refuses_past_its_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));

        assert_non_null(new_try(arena, char, KiB(40)));
        assert_null(new_try(arena, char, KiB(40)));
        assert_null(new_try(arena, uint64_t, SIZE_MAX / 4));
        assert_non_null(new_try(arena, char, KiB(20)));
}

TEST(arena_reset_gives_back_zeroed_memory)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Mark mark = arena_mark(arena);
        char *p = new (arena, char, 100);

        memset(p, 'x', 100);
        arena_reset(arena, mark);
        p = new (arena, char, 100);
        for (int i = 0; i < 100; i++)
                assert_int_equal(p[i], 0);
}

TEST(arena_runs_deferred_releases_once_newest_first)
{
        int early = 0, late = 0;
        Arena *arena = arena_new(MiB(1));
        Mark mark;

        arena_defer(arena, count_up, &early);
        mark = arena_mark(arena);
        arena_defer(arena, count_up, &late);
        arena_reset(arena, mark);
        assert_int_equal(late, 1);
        assert_int_equal(early, 0);
        arena_free(arena);
        assert_int_equal(late, 1);
        assert_int_equal(early, 1);
}

TEST(arena_aligns_for_the_type)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        assert_non_null(new (arena, char, 3));
        assert_int_equal((uintptr_t) new (arena, double, 1) % _Alignof(double), 0);
        assert_non_null(new (arena, char, 1));
        assert_int_equal((uintptr_t) new (arena, max_align_t, 1) % _Alignof(max_align_t), 0);
}

TEST(arena_hands_out_almost_all_below_its_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        size_t n = 0;

        while (new_try(arena, char, 100))
                n++;
        assert_in_range(n * 100, KiB(960), MiB(1));
        assert_true(arena_used(arena) <= MiB(1));
}
