/* A journal from bytes. Hashes keep random bytes out, so the lines of the input are taken as
 * records, too: chained as the format says, cut where the first byte says, and one bit turned. */
#include "store/journal.h"
#include "base/buf.h"
#include "base/digest.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_bytes(Span bytes, JournalReplay *ret, Error *err)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

        return journal_read(bytes, "fuzz", arena, ret, err);
}

static void check_answer(int r, const Error *err)
{
        BUG_IF(r < 0 && err->code != ERR_CORRUPT && err->code != ERR_LIMIT);
        BUG_IF(r < 0 && err->code == ERR_CORRUPT && !span_starts(span_of(err->message), "fuzz:"));
}

static void add_line(Buf *out, char *last, Span json, Arena *arena)
{
        Buf chained = buf_in(arena, MiB(4));

        buf_text(&chained, last);
        buf_add(&chained, json);
        digest_hex(buf_span(&chained), last);
        buf_printf(out, "%s %zu %.*s\n", last, json.len, SPAN_ARG(json));
}

/* A whole journal of the lines; they may be no JSON. */
static Span chain(Span lines, Arena *arena)
{
        Buf out = buf_in(arena, MiB(8));
        char last[DIGEST_SIZE];
        Span json;

        memset(last, '0', sizeof(last) - 1);
        last[sizeof(last) - 1] = '\0';
        while (span_next_line(&lines, &json))
                if (json.len && !memchr(json.ptr, '\0', json.len))
                        add_line(&out, last, json, arena);
        BUG_IF(out.overflowed);
        return buf_span(&out);
}

static void check_chained(Span lines, unsigned salt, Arena *arena)
{
        Span bytes = chain(lines, arena);
        char *copy = span_text(arena, bytes);
        JournalReplay whole, part;
        Error err = { 0 };
        size_t cut;
        int r = read_bytes(bytes, &whole, &err);

        check_answer(r, &err);
        if (r < 0 || bytes.len == 0)
                return;
        BUG_IF(whole.torn);
        cut = bytes.len * salt / 256;
        BUG_IF(read_bytes(span_first(bytes, cut), &part, &err) < 0);
        BUG_IF(part.records.len > whole.records.len);
        copy[cut] = (char)(copy[cut] ^ (1 << salt % 8));
        BUG_IF(read_bytes((Span){ copy, bytes.len }, &part, &err) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Span bytes = { (const char *)data, size };
        JournalReplay replay;
        Error err = { 0 };

        check_answer(read_bytes(bytes, &replay, &err), &err);
        if (size && size < KiB(64))
                check_chained(span_from(bytes, 1), data[0], arena);
        return 0;
}
