#include "present/flame.h"

#include "golden.h"

#include <string.h>

#define HOSTILE "<script>alert('x')</script>]]>\"\x1b[31m"

static uint32_t frame(Profile *p, const char *symbol, const char *module, FrameKind kind)
{
        return profile_frame(
                p,
                &(FrameDesc){ .symbol = span_of(symbol), .module = span_of(module), .kind = kind });
}

/* The example of the founding document: main, two halves, four leaves. */
static Profile *example_profile(Arena *arena)
{
        Profile *p = profile_new(arena, 1000);
        uint32_t thread = frame(p, "shop", "", FRAME_THREAD);
        uint32_t main_ = frame(p, "main", "/usr/bin/shop", FRAME_NATIVE);
        uint32_t handle = frame(p, "handleRequest", "/usr/bin/shop", FRAME_NATIVE);
        uint32_t process = frame(p, "processData", "/usr/bin/shop", FRAME_NATIVE);
        uint32_t parse = frame(p, "parseJSON", "/usr/lib/libjson.so", FRAME_NATIVE);
        uint32_t check = frame(p, "validate", "/usr/bin/shop", FRAME_INLINED);
        uint32_t query = frame(p, "query", "[kernel]", FRAME_KERNEL);
        uint32_t transform = frame(p, "transform", "/usr/bin/shop", FRAME_JIT);

        profile_add(p, (uint32_t[]){ thread, main_, handle, parse }, 4, 250, 250);
        profile_add(p, (uint32_t[]){ thread, main_, handle, check }, 4, 150, 150);
        profile_add(p, (uint32_t[]){ thread, main_, process, query }, 4, 450, 450);
        profile_add(p, (uint32_t[]){ thread, main_, process, transform }, 4, 150, 150);
        p->event = "cpu";
        p->rate_hz = 100;
        p->duration_ns = 10 * NS_PER_S;
        return p;
}

TEST(flame_boxes_have_widths_in_proportion)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Buf out = buf_in(arena, MiB(1));

        flame_text_boxes(example_profile(arena), &(FlamePlan){ .width = 64 }, &out);
        assert_golden(buf_span(&out), "flame_boxes.txt");
}

TEST(flame_bars_are_a_tree_with_shares_and_time)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(16));
        Buf out = buf_in(arena, MiB(1));

        flame_text_bars(example_profile(arena), &(FlamePlan){ 0 }, &out);
        assert_golden(buf_span(&out), "flame_bars.txt");
}
