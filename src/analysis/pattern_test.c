#include "harness.h"

#include "analysis/pattern.h"
#include "analysis/planted_profile.h"

/* Nothing of it when it was not found. */
static Pattern pattern_of(const Pattern *patterns, size_t n, PatternKind kind, const char *function)
{
        for (size_t i = 0; i < n; i++)
                if (patterns[i].kind == kind && span_is(patterns[i].function, function))
                        return patterns[i];
        return (Pattern){ 0 };
}

TEST(pattern_plateau_is_one_function_with_much_time_of_its_own)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = planted_new(arena);
        Pattern *found;
        size_t n;

        plant(p, 40, "main hash");
        plant(p, 45, "main other sub1");
        plant(p, 15, "main other sub2");
        n = pattern_find(p, arena, &found);
        assert_near(pattern_of(found, n, PATTERN_PLATEAU, "hash").share, 0.4, 1e-9);
        assert_near(pattern_of(found, n, PATTERN_PLATEAU, "sub1").share, 0.45, 1e-9);
        assert_near(pattern_of(found, n, PATTERN_PLATEAU, "sub2").share, 0, 0);
        assert_near(pattern_of(found, n, PATTERN_PLATEAU, "main").share, 0, 0);
        for (size_t i = 1; i < n; i++)
                assert_true(found[i].share <= found[i - 1].share);
}

TEST(pattern_wide_base_is_one_function_with_many_callers)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = planted_new(arena);
        Pattern *found;
        size_t n;

        plant(p, 10, "main a libc:malloc");
        plant(p, 10, "main b libc:malloc");
        plant(p, 10, "main c libc:malloc libc:_int_malloc");
        plant(p, 10, "main d libc:malloc");
        plant(p, 60, "main e libc:read");
        n = pattern_find(p, arena, &found);
        assert_near(pattern_of(found, n, PATTERN_WIDE_BASE, "malloc").share, 0.4, 1e-9);
        assert_int_equal(pattern_of(found, n, PATTERN_WIDE_BASE, "malloc").depth, 4);
        assert_near(pattern_of(found, n, PATTERN_WIDE_BASE, "read").share, 0, 0);
}

TEST(pattern_wide_base_is_not_one_caller_among_many_nor_a_thread_nor_the_kernel)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = planted_new(arena);
        Pattern *found;
        size_t n;

        for (int i = 0; i < 8; i++) {
                plant(p, 10, arena_printf(arena, "thread:w%d libc:start_thread work", i));
                plant(p, 5, arena_printf(arena, "thread:w0 s%d kernel:entry_SYSCALL_64", i));
        }
        plant(p, 300, "main heavy libc:malloc");
        plant(p, 1, "main a libc:malloc");
        plant(p, 1, "main b libc:malloc");
        plant(p, 1, "main c libc:malloc");
        n = pattern_find(p, arena, &found);
        assert_near(pattern_of(found, n, PATTERN_WIDE_BASE, "start_thread").share, 0, 0);
        assert_near(pattern_of(found, n, PATTERN_WIDE_BASE, "entry_SYSCALL_64").share, 0, 0);
        assert_near(pattern_of(found, n, PATTERN_WIDE_BASE, "malloc").share, 0, 0);
}

TEST(pattern_wide_base_counts_a_recursion_once)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = planted_new(arena);
        Pattern *found;
        size_t n;

        plant(p, 10, "main a walk x walk y walk");
        plant(p, 10, "main b walk x walk");
        plant(p, 10, "main c walk");
        plant(p, 10, "main d walk");
        n = pattern_find(p, arena, &found);
        assert_near(pattern_of(found, n, PATTERN_WIDE_BASE, "walk").share, 1, 1e-9);
}

TEST(pattern_tower_is_a_recursion_alone_or_through_one_other)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = planted_new(arena);
        Pattern *found;
        size_t n;

        plant(p, 30, "main fib fib fib fib fib fib fib fib fib fib");
        plant(p, 30, "main v a v a v a v a v a v a v a v a");
        plant(p, 40, "main few few few few few few few");
        n = pattern_find(p, arena, &found);
        assert_int_equal(pattern_of(found, n, PATTERN_TOWER, "fib").depth, 10);
        assert_near(pattern_of(found, n, PATTERN_TOWER, "fib").share, 0.3, 1e-9);
        assert_int_equal(pattern_of(found, n, PATTERN_TOWER, "v").depth, 8);
        assert_near(pattern_of(found, n, PATTERN_TOWER, "few").share, 0, 0);
}

TEST(pattern_of_two_towers_in_one_chain_is_not_more_than_all)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = planted_new(arena);
        Pattern *found;
        size_t n;

        plant(p, 10, "f f f f f f f f f a b c f f f f f f f f f");
        n = pattern_find(p, arena, &found);
        assert_near(pattern_of(found, n, PATTERN_TOWER, "f").share, 1, 0);
}

TEST(pattern_of_an_empty_profile_is_none)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = planted_new(arena);
        Pattern *found;

        assert_int_equal(pattern_find(p, arena, &found), 0);
        profile_add(p, NULL, 0, 3, 3);
        assert_int_equal(pattern_find(p, arena, &found), 0);
        plant(p, 5, "thread:a unknown:[stripped]");
        assert_int_equal(pattern_find(p, arena, &found), 0);
}
