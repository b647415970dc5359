#include "present/flame_tree.h"

#include "harness.h"

static uint32_t named(Profile *p, const char *name)
{
        return profile_frame(p, &(FrameDesc){ .symbol = span_of(name) });
}

/* Thread 1: m>f, m>g, m>f; thread 2 in between: m>f. */
static Profile *in_time(Arena *arena)
{
        Profile *p = profile_new(arena, 100);
        uint32_t m = named(p, "m"), f = named(p, "f"), g = named(p, "g");
        uint32_t one, two;

        profile_keep_samples(p, 10);
        one = profile_thread(p, SPAN("one"), 1, 1);
        two = profile_thread(p, SPAN("two"), 1, 2);
        profile_add_at(p, (uint32_t[]){ m, f }, 2, one, 30, 1); /* out of order */
        profile_add_at(p, (uint32_t[]){ m, f }, 2, one, 10, 2);
        profile_add_at(p, (uint32_t[]){ m, g }, 2, one, 20, 4);
        profile_add_at(p, (uint32_t[]){ m, f }, 2, two, 15, 8);
        return p;
}

static Span shape(const FlameTree *t, uint32_t node, Arena *arena)
{
        Buf out = buf_in(arena, KiB(64));

        buf_printf(&out, "%.*s%lu@%lu", SPAN_ARG(t->nodes[node].symbol),
                   (unsigned long)t->nodes[node].total, (unsigned long)t->nodes[node].before);
        for (uint32_t c = t->nodes[node].first; c; c = t->nodes[c].next) {
                buf_byte(&out, c == t->nodes[node].first ? '(' : ' ');
                buf_add(&out, shape(t, c, arena));
        }
        if (t->nodes[node].first)
                buf_byte(&out, ')');
        return buf_span(&out);
}

static void draws(FlameOrder order, double min_share, const char *want)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FlameTree t;
        Error err = { 0 };

        assert_ok(flame_tree_shaped(in_time(arena), &(FlameShape){ min_share, order, 0, NULL },
                                    arena, &t, &err),
                  err);
        assert_span(shape(&t, 0, arena), want);
}

TEST(flame_trees_merge_by_size_or_name_and_keep_time_apart)
{
        draws(FLAME_BY_SIZE, 0, "all15@0(m15@0(f11@0 g4@11))");
        draws(FLAME_BY_NAME, 0, "all15@0(m15@0(f11@0 g4@11))");
        draws(FLAME_BY_TIME, 0, "all15@0(m7@0(f2@0 g4@2 f1@6) m8@7(f8@7))");
}

TEST(flame_trees_leave_out_small_boxes_and_keep_the_place_of_the_others)
{
        draws(FLAME_BY_TIME, 0.2, "all15@0(m7@0(g4@2) m8@7(f8@7))");
}

TEST(flame_trees_may_stand_for_more_than_they_hold)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        FlameTree t;
        Error err = { 0 };

        assert_ok(flame_tree_shaped(in_time(arena), &(FlameShape){ .total = 150 }, arena, &t, &err),
                  err);
        assert_near(flame_share(&t, 1), 0.1, 1e-12);
}

TEST(flame_trees_in_time_need_times)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Profile *p = profile_new(arena, 10);
        uint32_t m = named(p, "m");
        FlameTree t;
        Error err = { 0 };

        profile_add(p, &m, 1, 1, 1);
        assert_fails(flame_tree_shaped(p, &(FlameShape){ .order = FLAME_BY_TIME }, arena, &t, &err),
                     err, ERR_UNAVAILABLE);
}
