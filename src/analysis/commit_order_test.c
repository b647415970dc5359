#include "harness.h"

#include "analysis/commit_order.h"

TEST(commits_are_found_by_prefixes_that_are_their_own)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        CommitOrder order;
        Error err = { 0 };
        size_t at = 77;

        assert_ok(commit_order_parse(SPAN("cccccccc01\nbbbbbbbb02\naaaaaaaa03\naaaaaaaa04\n"),
                                     arena, &order, &err),
                  err);
        assert_int_equal(order.len, 4);
        assert_true(commit_order_find(&order, SPAN("aaaaaaaa04"), &at));
        assert_int_equal(at, 0); /* the oldest was printed last */
        assert_true(commit_order_find(&order, SPAN("ccccccc"), &at));
        assert_int_equal(at, 3);
        assert_true(commit_order_find(&order, SPAN("bbbbbbbb02"), &at));
        assert_int_equal(at, 2);
        at = 77;
        assert_false(commit_order_find(&order, SPAN("aaaaaaaa"), &at)); /* two */
        assert_false(commit_order_find(&order, SPAN("bbbbbb"), &at));   /* too short */
        assert_false(commit_order_find(&order, SPAN("bbbbbbbb022"), &at));
        assert_false(commit_order_find(&order, SPAN("ddddddd"), &at));
        assert_false(commit_order_find(&order, (Span){ 0 }, &at));
        assert_int_equal(at, 77);
}

TEST(commit_whose_hash_begins_another_is_found)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        CommitOrder order;
        Error err = { 0 };
        size_t at;

        assert_ok(commit_order_parse(SPAN("aaaaaaa\naaaaaaab\n"), arena, &order, &err), err);
        assert_true(commit_order_find(&order, SPAN("aaaaaaa"), &at));
        assert_int_equal(at, 1);
}

TEST(commits_that_are_none_are_refused)
{
        static const char *const texts[] = { "fatal: bad object\n", "abc\n", "AAAAAAAA\n", "\n" };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (size_t i = 0; i < COUNT(texts); i++) {
                CommitOrder order = { .len = 77 };
                Error err = { 0 };

                assert_fails(commit_order_parse(span_of(texts[i]), arena, &order, &err), err,
                             ERR_INPUT);
                assert_int_equal(order.len, 77);
        }
}

TEST(commits_of_an_empty_history_are_none)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        CommitOrder order;
        Error err = { 0 };
        size_t at;

        assert_ok(commit_order_parse(SPAN(""), arena, &order, &err), err);
        assert_int_equal(order.len, 0);
        assert_false(commit_order_find(&order, SPAN("aaaaaaa"), &at));
}
