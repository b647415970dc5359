/* Any text as a HdrHistogram log: what is read must survive being written and read again. */
#include "stats/hdrlog.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Span text = { (const char *)data, size };
        Error err;
        HdrLog log;

        if (hdrlog_read(text, "fuzz", arena, &log, &err) < 0)
                return 0;
        for (size_t i = 0; i < MIN(log.len, (size_t)4); i++)
                rewrite(&log.lines[i], arena);
        return 0;
}
