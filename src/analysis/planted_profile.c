#include "analysis/planted_profile.h"

#include "base/error.h"

#define MOST_FRAMES 512

Profile *planted_new(Arena *arena)
{
        return profile_new(arena, 1 << 16);
}

static FrameDesc in_module(Arena *arena, Span module)
{
        static const struct {
                const char *word, *path;
                FrameKind kind;
        } special[] = {
                { "inline", PLANTED_EXE, FRAME_INLINED }, { "jit", "//anon", FRAME_JIT },
                { "kernel", "[kernel]", FRAME_KERNEL },   { "thread", "", FRAME_THREAD },
                { "unknown", "", FRAME_UNKNOWN },
        };
        const char *path;

        for (size_t i = 0; i < COUNT(special); i++)
                if (span_is(module, special[i].word))
                        return (FrameDesc){ .module = span_of(special[i].path),
                                            .kind = special[i].kind };
        path = arena_printf(arena, "/usr/lib/lib%.*s.so.1", SPAN_ARG(module));
        return (FrameDesc){ .module = span_of(path) };
}

static uint32_t frame_of(Profile *p, Span word)
{
        ptrdiff_t colon = span_find_byte(word, ':'), at = span_find_byte(word, '@');
        FrameDesc desc = { .module = SPAN(PLANTED_EXE) };
        uint64_t line = 0;

        if (colon > 0 && (at < 0 || colon < at)) {
                desc = in_module(p->arena, span_first(word, (size_t)colon));
                word = span_from(word, (size_t)colon + 1);
                at = span_find_byte(word, '@');
        }
        if (at >= 0) {
                Span place = span_from(word, (size_t)at + 1);

                desc.file = span_cut(&place, ':');
                BUG_IF(span_to_u64(place, &line, NULL) < 0);
                desc.line = (uint32_t)line;
                word = span_first(word, (size_t)at);
        }
        desc.symbol = word;
        return profile_frame(p, &desc);
}

void plant(Profile *p, uint64_t weight, const char *stack)
{
        uint32_t frames[MOST_FRAMES];
        Span rest = span_of(stack), word;
        size_t n = 0;

        while (span_next_word(&rest, &word)) {
                BUG_IF(n == MOST_FRAMES);
                frames[n++] = frame_of(p, word);
        }
        profile_add(p, frames, n, weight, weight);
}
