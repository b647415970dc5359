#include "model/profile.h"

#include "harness.h"

static Span written(const Profile *p, Arena *arena)
{
        Buf out = buf_in(arena, MiB(16));
        Error err = { 0 };

        profile_write_collapsed(p, &out);
        assert_ok(buf_check(&out, &err), err);
        return buf_span(&out);
}

static Profile *read_text(const char *text, Arena *arena)
{
        Profile *p = NULL;
        Error err = { 0 };

        assert_ok(profile_read_collapsed(span_of(text), "stacks.txt", arena, &p, &err), err);
        return p;
}

TEST(collapsed_lines_come_back_sorted_bytewise_by_stack)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p =
                read_text("b 1\na;b;c 5\r\na 2\n\na!x 3\na;b 7\na;b;c 1\na x;y 4\nab 9", arena);

        assert_int_equal(p->quality.samples, 32);
        assert_int_equal(p->total_weight, 32);
        assert_span(written(p, arena), "a 2\na x;y 4\na!x 3\na;b 7\na;b;c 6\nab 9\nb 1\n");
}

TEST(collapsed_names_with_spaces_and_colons_survive)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        static const char text[] = "java;Foo::bar(int, char) const;[unknown] 12\n"
                                   "java;operator new_[k] 3\n";
        Profile *p = read_text(text, arena);

        assert_span(written(p, arena), text);
        assert_int_equal(p->quality.unknown_frames, 12);
        assert_int_equal(p->frames.items[p->frames.len - 1].kind, FRAME_KERNEL);
}

TEST(collapsed_names_that_would_break_a_line_are_changed)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = profile_new(arena, 100);
        uint32_t frames[] = { profile_frame(p, &(FrameDesc){ .symbol = SPAN("a;b\nc") }),
                              profile_frame(p, &(FrameDesc){ .symbol = SPAN("") }) };

        profile_add(p, frames, 2, 3, 3);
        profile_add(p, NULL, 0, 2, 2);
        assert_span(written(p, arena), "[unknown] 2\na:b?c;[unknown] 3\n");
}

TEST(collapsed_joins_stacks_that_differ_only_in_lines)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = profile_new(arena, 100);

        for (uint32_t line = 1; line <= 3; line++) {
                uint32_t f = profile_frame(p, &(FrameDesc){ .symbol = SPAN("f"), .line = line });

                profile_add(p, &f, 1, line, 1);
        }
        assert_span(written(p, arena), "f 6\n");
}

TEST(collapsed_reader_names_the_bad_line)
{
        static const struct {
                const char *text, *message;
        } rows[] = {
                { "a;b 1\nc\n", "stacks.txt:2: expected 'frame;frame COUNT', found no space" },
                { "a 1\nb 2\na x\n",
                  "stacks.txt:3: the count after the last space is not a whole number" },
                { "a -1\n", "stacks.txt:1: the count after the last space is not a whole number" },
                { "a 1.5\n", "stacks.txt:1: the count after the last space is not a whole number" },
                { "\n\r\n 12\n", "stacks.txt:3: expected 'frame;frame COUNT', found no space" },
                { "a 99999999999999999999\n",
                  "stacks.txt:1: the count after the last space is not a whole number" },
                { "a 18446744073709551615\n", "stacks.txt:1: the counts add up to too much" },
                { "", "stacks.txt: no stacks in it" },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
                Profile *p;
                Error err = { 0 };

                assert_fails(profile_read_collapsed(span_of(rows[i].text), "stacks.txt", arena, &p,
                                                    &err),
                             err, ERR_INPUT);
                assert_string_equal(err.message, rows[i].message);
        }
}

TEST(collapsed_reader_refuses_stacks_without_end)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Buf text = buf_in(arena, MiB(1));
        Profile *p;
        Error err = { 0 };

        for (int i = 0; i < 70000; i++)
                buf_text(&text, "f;");
        buf_text(&text, "f 1\n");
        assert_fails(profile_read_collapsed(buf_span(&text), "s", arena, &p, &err), err, ERR_LIMIT);
}

TEST(collapsed_reader_says_when_memory_ends)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(256));
        AUTO(arena_freep) Arena *text_arena = arena_new(MiB(8));
        Buf text = buf_in(text_arena, MiB(1));
        Profile *p;
        Error err = { 0 };

        for (int i = 0; i < 20000; i++)
                buf_printf(&text, "f%d;g%d 1\n", i, i);
        assert_fails(profile_read_collapsed(buf_span(&text), "s", arena, &p, &err), err, ERR_LIMIT);
}

TEST(collapsed_writer_stops_at_the_ceiling)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Profile *p = profile_new(arena, 20000);
        uint32_t chain[10000];
        Buf out = buf_in(arena, MiB(1));
        Error err = { 0 };

        for (size_t i = 0; i < COUNT(chain); i++)
                chain[i] = profile_frame(p, &(FrameDesc){ .symbol = SPAN("a_function") });
        for (size_t n = 1; n <= COUNT(chain); n += 1)
                profile_add(p, chain, n, 1, 1);
        profile_write_collapsed(p, &out);
        assert_fails(buf_check(&out, &err), err, ERR_LIMIT);
        assert_true(out.len <= MiB(1));
}

TEST(collapsed_frames_that_no_stack_has_do_no_harm)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Profile *p = profile_new(arena, 100);
        uint32_t used = profile_frame(p, &(FrameDesc){ .symbol = SPAN("used") });

        for (unsigned i = 0; i < 10; i++)
                profile_frame(p, &(FrameDesc){ .symbol = span_of(arena_printf(arena, "f%u", i)) });
        profile_add(p, &used, 1, 2, 7);
        assert_span(written(p, arena), "used 2\n");
}
