#include "instrument/profile/perf_map.h"

#include "base/buf.h"

#include "harness.h"

static PerfMap parsed(const char *text, Arena *arena)
{
        PerfMap map = { 0 };
        Error err = { 0 };

        assert_ok(perf_map_parse(span_of(text), arena, &map, &err), err);
        return map;
}

TEST(names_with_spaces_are_found_by_address)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        PerfMap map = parsed("7f0000001000 40 JS:*fib /tmp/x.js:1:13\n"
                             "0x7f0000000000 100 Builtin:One\r\n\n",
                             arena);

        assert_int_equal(map.len, 2);
        assert_int_equal(map.bad_lines, 0);
        assert_span(perf_map_find(&map, 0x7f0000001000), "JS:*fib /tmp/x.js:1:13");
        assert_span(perf_map_find(&map, 0x7f000000103f), "JS:*fib /tmp/x.js:1:13");
        assert_int_equal(perf_map_find(&map, 0x7f0000001040).len, 0);
        assert_span(perf_map_find(&map, 0x7f00000000ff), "Builtin:One");
        assert_int_equal(perf_map_find(&map, 0x100).len, 0);
        assert_int_equal(perf_map_find(&map, UINT64_MAX).len, 0);
}

TEST(code_that_was_replaced_has_its_new_name)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        PerfMap map = parsed("1000 100 old\n"
                             "1000 80 new\n"
                             "2000 100 whole\n"
                             "2040 20 inside\n"
                             "3000 20 early\n"
                             "2ff0 20 over\n",
                             arena);

        assert_span(perf_map_find(&map, 0x1000), "new");
        assert_span(perf_map_find(&map, 0x1090), "old");
        assert_span(perf_map_find(&map, 0x2000), "whole");
        assert_span(perf_map_find(&map, 0x2050), "inside");
        assert_span(perf_map_find(&map, 0x3000), "over");
        assert_span(perf_map_find(&map, 0x3018), "early");
        for (size_t i = 1; i < map.len; i++)
                assert_true(map.entries[i - 1].end <= map.entries[i].start);
}

TEST(lines_that_do_not_parse_are_counted_and_left_out)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        PerfMap map = parsed("garbage\n1000\n1000 10\n1000 0 empty\nxyz 10 a\n"
                             "ffffffffffffffff ffff wraps\n10000000000000000 1 big\n1000 10 good",
                             arena);

        assert_int_equal(map.bad_lines, 7);
        assert_int_equal(map.len, 1);
        assert_span(perf_map_find(&map, 0x1001), "good");
}

TEST(endless_names_are_cut)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf text = buf_in(arena, KiB(64));
        PerfMap map;

        buf_text(&text, "1000 10 ");
        buf_repeat(&text, 'x', KiB(32));
        map = parsed(text.ptr, arena);
        assert_int_equal(perf_map_find(&map, 0x1000).len, PERF_MAP_MAX_NAME);
}

TEST(no_memory_for_the_map_is_an_error)
{
        AUTO(arena_freep) Arena *arena = arena_new(KiB(64));
        AUTO(arena_freep) Arena *source = arena_new(MiB(8));
        Buf text = buf_in(source, MiB(1));
        PerfMap map;
        Error err = { 0 };

        for (int i = 0; i < 10000; i++)
                buf_printf(&text, "%x 10 f%d\n", 0x1000 + i * 16, i);
        assert_fails(perf_map_parse(buf_span(&text), arena, &map, &err), err, ERR_LIMIT);
        assert_non_null(strstr(err.message, "line"));
}
