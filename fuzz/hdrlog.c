/* Any text as an HdrHistogram log: what is read must survive being written and read again. */
#include "stats/hdrlog.h"
#include "stats/base64.h"

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rewrite(const HdrLogLine *line, Arena *arena)
{
        Buf out = buf_in(arena, MiB(1));
        HdrLog back;
        Error err;

        if (hdrlog_write_line(&out, line->hist, (Span){ NULL, 0 }, 0, 1, 1, &err) < 0)
                return; /* more than 2^63 counts, or past the ceiling */
        if (hdrlog_read(buf_span(&out), "rewritten", arena, &back, &err) < 0) {
                BUG_IF(err.code != ERR_LIMIT);
                return;
        }
        BUG_IF(back.len != 1 || back.lines[0].hist->total != line->hist->total);
        BUG_IF(back.lines[0].hist->max != line->hist->max);
        BUG_IF(hist_quantile(back.lines[0].hist, 0.9) != hist_quantile(line->hist, 0.9));
}

/* zlib's check sum keeps a fuzzer out of the counts: the bytes are also given as what zlib holds.
 */
static void decode_inside(const uint8_t *data, size_t size, Arena *arena)
{
        unsigned char packed[8 + 4352] = { 0x1c, 0x84, 0x93, 0x14 };
        uLongf len = sizeof(packed) - 8;
        Buf text = buf_in(arena, MiB(1));
        Base64Writer writer = { .out = &text };
        HdrLogLine line = { .tag = { NULL, 0 } };
        Error err;

        if (compress(packed + 8, &len, data, size) != Z_OK)
                return;
        packed[6] = (unsigned char)(len >> 8);
        packed[7] = (unsigned char)len;
        base64_put(&writer, packed, 8 + len);
        base64_end(&writer);
        if (hdrlog_decode(buf_span(&text), arena, &line.hist, &err) >= 0)
                rewrite(&line, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Span text = { (const char *)data, size };
        Error err;
        HdrLog log;

        decode_inside(data, size, arena);
        if (hdrlog_read(text, "fuzz", arena, &log, &err) < 0)
                return 0;
        for (size_t i = 0; i < MIN(log.len, (size_t)4); i++)
                rewrite(&log.lines[i], arena);
        return 0;
}
