#include "present/profile_export.h"

#include "harness.h"

#include <string.h>

static Profile *add(ProfileSet *set, const char *name, const char *leaf, uint64_t weight,
                    Arena *arena)
{
        Profile *p = profile_set_add(set, span_of(name), 100, arena);
        uint32_t frames[] = {
                profile_frame(p, &(FrameDesc){ .symbol = SPAN("main") }),
                profile_frame(p, &(FrameDesc){ .symbol = span_of(leaf) }),
        };

        profile_add(p, frames, 2, 1, weight);
        return p;
}

static Span written(const ProfileWriter *writer, const ProfileSet *set, Arena *arena)
{
        Buf out = buf_in(arena, MiB(4));
        Error err = { 0 };

        assert_ok(writer->write(set, "a <title> & more", &out, &err), err);
        assert_true(out.len > 0);
        return buf_span(&out);
}

TEST(profile_writers_have_names_and_words_of_their_own)
{
        for (const ProfileWriter *const *w = profile_writers; *w; w++) {
                assert_ptr_equal(profile_writer_find(span_of((*w)->name)), *w);
                assert_true((*w)->says[0] && (*w)->files[0]);
                assert_int_equal((*w)->extension[0], '.');
        }
        assert_null(profile_writer_find(SPAN("nonsense")));
}

TEST(profile_writers_write_a_set_or_say_that_it_is_too_much)
{
        for (const ProfileWriter *const *w = profile_writers; *w; w++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                ProfileSet set = profile_set_new();
                Buf small = buf_in(arena, 8);
                Error err = { 0 };

                add(&set, "cpu", "leaf", 7, arena);
                written(*w, &set, arena);
                assert_fails((*w)->write(&set, "x", &small, &err), err, ERR_LIMIT);
        }
}

TEST(collapsed_writer_counts_weights_and_puts_threads_below_their_names)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        const ProfileWriter *writer = profile_writer_find(SPAN("collapsed"));
        ProfileSet set = profile_set_new();

        add(&set, "one", "leaf", 7, arena);
        add(&set, "two", "leaf", 5, arena);
        assert_span(written(writer, &set, arena), "main;leaf 7\n");
        set.kind = PROFILES_THREADS;
        assert_span(written(writer, &set, arena), "one;main;leaf 7\ntwo;main;leaf 5\n");
}

TEST(collapsed_writer_puts_sides_beside_each_other)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        ProfileSet set = profile_set_new();

        add(&set, "before", "a", 7, arena);
        add(&set, "after", "b", 5, arena);
        set.kind = PROFILES_SIDES;
        assert_span(written(profile_writer_find(SPAN("collapsed")), &set, arena),
                    "main;a 7 0\nmain;b 0 5\n");
}
