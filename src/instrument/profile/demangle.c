#include "instrument/profile/demangle.h"

#include "base/buf.h"

#include <libiberty/demangle.h>
#include <setjmp.h>

#define MAX_MANGLED 4096
#define MAX_DEMANGLED 4096
#define MAX_SHOWN 1024

static const char *const piece_suffixes[] = { ".cold",     ".isra.",      ".constprop.", ".part.",
                                              ".lto_priv", ".localalias", ".llvm.",      "@" };

static Span without_suffixes(Span name)
{
        for (size_t i = 0; i < COUNT(piece_suffixes); i++) {
                ptrdiff_t at = span_find(name, span_of(piece_suffixes[i]));

                if (at > 0)
                        name = span_first(name, (size_t)at);
        }
        return name;
}

typedef struct Output {
        Buf text;
        jmp_buf too_long;
} Output;

/* The only way to stop the library early. It keeps its state on the stack, so nothing leaks. */
static void collect(const char *piece, size_t n, void *opaque)
{
        Output *out = opaque;

        buf_bytes(&out->text, piece, n);
        if (out->text.overflowed)
                longjmp(out->too_long, 1);
}

static bool demangle_with(Output *out, const char *name)
{
        if (setjmp(out->too_long) != 0)
                return false;
        if (rust_demangle_callback(name, 0, collect, out))
                return true;
        buf_clear(&out->text);
        return cplus_demangle_v3_callback(name, 0, collect, out);
}

bool is_mangled(Span name)
{
        return span_starts(name, "_Z") || span_starts(name, "_R") || span_starts(name, "__Z");
}

/* Cut where a character starts. */
static Span shortened(Arena *arena, Span name)
{
        size_t n = MAX_SHOWN;

        if (name.len <= MAX_SHOWN)
                return name;
        while (n > 0 && ((uint8_t)name.ptr[n] & 0xc0) == 0x80)
                n--;
        return span_of(arena_printf(arena, "%.*s...", SPAN_ARG(span_first(name, n))));
}

Span demangle(Arena *arena, Span name)
{
        Span plain = without_suffixes(name);
        Output out;
        Mark mark;

        if (!is_mangled(plain) || plain.len > MAX_MANGLED)
                return shortened(arena, plain);
        mark = arena_mark(arena);
        out.text = buf_in(arena, MAX_DEMANGLED);
        if (!demangle_with(&out, span_text(arena, plain)) || out.text.len == 0) {
                arena_reset(arena, mark);
                return shortened(arena, plain);
        }
        return shortened(arena, buf_span(&out.text));
}
