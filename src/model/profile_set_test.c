#include "model/profile_set.h"

#include "harness.h"

static void fill(Profile *p, const char *leaf, Unit unit, uint64_t weight)
{
        uint32_t chain[] = { profile_frame(p, &(FrameDesc){ .symbol = SPAN("main") }),
                             profile_frame(p, &(FrameDesc){ .symbol = span_of(leaf) }) };

        p->unit = unit;
        profile_add(p, chain, 2, 1, weight);
        profile_add(p, chain, 1, 1, 1);
}

TEST(profile_set_merges_what_has_one_unit_below_its_names)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = profile_set_new();
        Buf text = buf_in(arena, KiB(4));
        Profile *all;
        Error err = { 0 };

        fill(profile_set_add(&set, SPAN("one"), 100, arena), "a", UNIT_NS, 10);
        fill(profile_set_add(&set, SPAN("two"), 100, arena), "b", UNIT_NS, 20);
        fill(profile_set_add(&set, SPAN("bytes"), 100, arena), "c", UNIT_BYTES, 30);
        assert_ok(profile_set_merge(&set, UNIT_NS, arena, &all, &err), err);
        assert_int_equal(all->total_weight, 32);
        assert_int_equal(all->quality.samples, 4);
        profile_write_collapsed(all, &text);
        assert_span(buf_span(&text), "one;main 1\none;main;a 1\ntwo;main 1\ntwo;main;b 1\n");
}

TEST(profile_set_has_a_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = profile_set_new();

        for (size_t i = 0; i < PROFILE_SET_MAX; i++)
                assert_non_null(profile_set_add(&set, SPAN("x"), 1, arena));
        assert_null(profile_set_add(&set, SPAN("x"), 1, arena));
}
