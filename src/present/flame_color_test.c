#include "present/flame_color.h"

#include "harness.h"

static Span color_of(FlameColors *colors, const char *name, FrameKind kind, Arena *arena)
{
        Buf out = buf_in(arena, KiB(4));
        FlameNode node = { .symbol = span_of(name), .kind = kind };

        flame_color(colors, &node, &out);
        return buf_span(&out);
}

TEST(flame_palettes_are_found_by_each_name)
{
        for (const char *const *name = flame_palette_names; *name; name++)
                assert_non_null(flame_palette_find(span_of(*name)));
        assert_null(flame_palette_find(SPAN("none")));
}

TEST(flame_colors_of_a_name_are_the_same_in_every_graph)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        FlameColors one = { .palette = flame_palette_find(SPAN("hot")) };
        FlameColors two = { .palette = flame_palette_find(SPAN("hot")) };
        Span main_ = color_of(&one, "main", FRAME_NATIVE, arena);

        assert_true(span_starts(main_, "rgb(2"));
        assert_true(span_eq(main_, color_of(&two, "main", FRAME_NATIVE, arena)));
        assert_false(span_eq(main_, color_of(&two, "other", FRAME_NATIVE, arena)));
}

TEST(flame_colors_by_chance_differ_and_stay_in_the_palette)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        FlameColors colors = { .palette = flame_palette_find(SPAN("blue")), .random = true };
        Span first = color_of(&colors, "main", FRAME_NATIVE, arena);
        bool differs = false;

        for (unsigned i = 0; i < 100; i++) {
                Span next = color_of(&colors, "main", FRAME_NATIVE, arena);
                uint64_t blue;

                differs |= !span_eq(first, next);
                span_cut(&next, ',');
                span_cut(&next, ',');
                assert_int_equal(span_to_u64(span_first(next, next.len - 1), &blue, NULL), 0);
                assert_in_range(blue, 205, 255);
        }
        assert_true(differs);
}

/* Which channels of a colour are large says which range it is of. */
static const char *range_name(Span color)
{
        uint64_t rgb[3] = { 0 };
        Span rest = span_first(span_from(color, 4), color.len - 5);

        for (size_t i = 0; i < 3; i++)
                assert_int_equal(span_to_u64(span_cut(&rest, ','), &rgb[i], NULL), 0);
        if (rgb[2] == 0)
                return "orange";
        if (rgb[0] == rgb[1] && rgb[0] >= 175)
                return "yellow";
        if (rgb[1] == rgb[2] && rgb[0] >= 200)
                return "red";
        if (rgb[0] == rgb[2] && rgb[1] >= 200)
                return "green";
        return rgb[1] == rgb[2] ? "aqua" : "blue";
}

TEST(flame_palettes_of_runtimes_look_at_names_and_kinds)
{
        static const struct {
                const char *palette, *name;
                FrameKind kind;
                const char *range;
        } cases[] = {
                { "java", "org/a/B:.c", FRAME_NATIVE, "green" },
                { "java", "x_[j]", FRAME_NATIVE, "green" },
                { "java", "x_[i]", FRAME_NATIVE, "aqua" },
                { "java", "A::b", FRAME_NATIVE, "yellow" },
                { "java", "read_[k]", FRAME_NATIVE, "orange" },
                { "java", "read", FRAME_KERNEL, "orange" },
                { "java", "malloc", FRAME_NATIVE, "red" },
                { "js", "LazyCompile:f /a/b.js:1", FRAME_JIT, "green" },
                { "js", "Builtin:x", FRAME_JIT, "aqua" },
                { "js", "v8::f", FRAME_NATIVE, "yellow" },
                { "perl", "Perl_hv", FRAME_NATIVE, "green" },
                { "python", "run app.py:3", FRAME_NATIVE, "green" },
                { "chain", "swapper_[w]", FRAME_NATIVE, "aqua" },
                { "chain", "swapper", FRAME_NATIVE, "blue" },
                { "wakeup", "x", FRAME_NATIVE, "aqua" },
        };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));

        for (size_t i = 0; i < COUNT(cases); i++) {
                FlameColors colors = { .palette = flame_palette_find(span_of(cases[i].palette)) };

                assert_string_equal(
                        range_name(color_of(&colors, cases[i].name, cases[i].kind, arena)),
                        cases[i].range);
        }
}

TEST(flame_maps_keep_colours_from_graph_to_graph)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        FlameColors colors = { .palette = flame_palette_find(SPAN("hot")) };
        Buf out = buf_in(arena, KiB(64)), again = buf_in(arena, KiB(64));
        Error err = { 0 };

        assert_ok(flame_map_read(SPAN("T::operator->->rgb(1,2,3)\nmain->#a0b0c0\n\n"), "p.map",
                                 &colors, arena, &err),
                  err);
        assert_span(color_of(&colors, "T::operator->", FRAME_NATIVE, arena), "rgb(1,2,3)");
        assert_span(color_of(&colors, "main", FRAME_NATIVE, arena), "#a0b0c0");
        color_of(&colors, "new", FRAME_NATIVE, arena);
        flame_map_write(&colors, arena, &out);
        assert_true(
                span_starts(buf_span(&out), "T::operator->->rgb(1,2,3)\nmain->#a0b0c0\nnew->rgb("));
        assert_ok(flame_map_read(buf_span(&out), "p.map", &colors, arena, &err), err);
        flame_map_write(&colors, arena, &again);
        assert_true(span_eq(buf_span(&out), buf_span(&again)));
}

TEST(flame_maps_that_are_none_are_an_error_with_the_line)
{
        static const char *const texts[] = { "main\n", "->rgb(1,2,3)\n", "main->\n",
                                             "main->red\" onload=\"x\n" };

        for (size_t i = 0; i < COUNT(texts); i++) {
                AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
                FlameColors colors = { 0 };
                Error err = { 0 };

                assert_fails(flame_map_read(span_of(texts[i]), "p.map", &colors, arena, &err), err,
                             ERR_INPUT);
                assert_span(span_of(err.message), "p.map:1: expected 'name->rgb(1,2,3)'");
        }
}

TEST(flame_colors_of_changes_go_from_white_to_red_and_blue)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(4));

        flame_change_color(10, 10, &out);
        flame_change_color(-5, 10, &out);
        flame_change_color(0, 10, &out);
        flame_change_color(0, 0, &out);
        assert_span(buf_span(&out), "rgb(255,0,0)rgb(105,105,255)rgb(255,255,255)rgb(255,255,255)");
}
