#include "instrument/profile/kallsyms.h"

#include "base/fs.h"

#include <string.h>

/* Types of text symbols, in either case. */
#define CODE_TYPES "tTwW"

int kallsyms_parse(Span text, Arena *arena, SymbolTable *ret, Error *err)
{
        SymbolTable t;
        Span line;
        bool hidden = false;

        symbol_table_init(&t);
        while (span_next_line(&text, &line)) {
                Span address, type, name;
                uint64_t start;

                if (!span_next_word(&line, &address) || !span_next_word(&line, &type) ||
                    !span_next_word(&line, &name) || span_to_hex(address, &start, NULL) < 0)
                        continue;
                if (type.len != 1 || !strchr(CODE_TYPES, type.ptr[0]))
                        continue;
                if (start == 0) {
                        hidden = true;
                        continue;
                }
                symbol_table_add(&t, arena,
                                 &(Symbol){ .start = start, .end = start, .name = name });
        }
        if (t.symbols.len == 0) {
                int r = fail(err, ERR_UNAVAILABLE, "%s",
                             hidden ? "the kernel hides the addresses of its functions"
                                    : "the kernel lists no functions");

                return hidden ? fail_hint(err, "set kernel.kptr_restrict to 0, or run as root") : r;
        }
        symbol_table_sort(&t);
        *ret = t;
        return 0;
}

int kallsyms_load(const char *path, Arena *arena, SymbolTable *ret, Error *err)
{
        Span text;
        int r = file_read(path, KALLSYMS_MAX_BYTES, arena, &text, err);

        return r < 0 ? r : kallsyms_parse(text, arena, ret, err);
}
