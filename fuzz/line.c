/* What a command line is split into can be quoted again and is split into the same words; what is
 * refused is refused with a place. */
#include "instrument/bench/line.h"
#include "base/buf.h"

#include <string.h>

static Span quote(Arena *arena, const char *const *argv)
{
        Buf out = buf_in(arena, MiB(8));

        for (; *argv; argv++) {
                buf_byte(&out, '\'');
                for (const char *c = *argv; *c; c++)
                        if (*c == '\'')
                                buf_text(&out, "'\\''");
                        else
                                buf_byte(&out, *c);
                buf_text(&out, "' ");
        }
        return buf_span(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span line = { (const char *)data, size };
        const char *const *argv, *const *again;
        Error err = { 0 };
        size_t i = 0;

        if (line_split(line, arena, &argv, &err) < 0) {
                BUG_IF(!err.code || !err.message[0]);
                return 0;
        }
        BUG_IF(!argv[0]);
        BUG_IF(line_split(quote(arena, argv), arena, &again, &err) < 0);
        for (; argv[i]; i++)
                BUG_IF(!again[i] || strcmp(argv[i], again[i]) != 0);
        BUG_IF(again[i]);
        return 0;
}
