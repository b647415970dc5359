#include "instrument/system/proc_rows.h"

#include <string.h>

static bool row_value(Span rest, uint64_t scale, uint64_t *ret)
{
        Span word;
        uint64_t value;

        if (!span_next_word(&rest, &word) || span_to_u64(word, &value, NULL) < 0)
                return false;
        return !__builtin_mul_overflow(value, scale, ret);
}

static void read_line(Span line, const ProcRow *rows, size_t n_rows, void *ret, uint64_t *found)
{
        Span key;

        if (!span_next_word(&line, &key))
                return;
        if (span_ends(key, ":"))
                key.len--;
        for (size_t i = 0; i < n_rows; i++) {
                uint64_t value;

                if (!span_is(key, rows[i].key) || !row_value(line, rows[i].scale, &value))
                        continue;
                memcpy((char *)ret + rows[i].offset, &value, sizeof(value));
                *found |= UINT64_C(1) << i;
                return;
        }
}

uint64_t proc_rows_read(Span text, const ProcRow *rows, size_t n_rows, void *ret_struct)
{
        uint64_t found = 0;
        Span line;

        BUG_IF(n_rows > 64);
        while (span_next_line(&text, &line))
                read_line(line, rows, n_rows, ret_struct, &found);
        return found;
}

int proc_rows_need(Span text, const char *name, const ProcRow *rows, size_t n_rows,
                   void *ret_struct, Error *err)
{
        uint64_t found = proc_rows_read(text, rows, n_rows, ret_struct);

        for (size_t i = 0; i < n_rows; i++)
                if (!(found >> i & 1))
                        return fail(err, ERR_INPUT, "%s: no readable '%s'", name, rows[i].key);
        return 0;
}
