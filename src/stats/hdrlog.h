#pragma once
/* HdrHistogram interval logs, version 1.3 lines with V2 compressed payloads.
 *
 * Format: lines "[Tag=T,]start_s,interval_s,max,BASE64"; payload: big-endian cookie 0x1c849304,
 * length, zlib stream of the V2 encoding (cookie 0x1c849303, payload length, normalising offset,
 * digits, lowest, highest, ratio; then ZigZag LEB128 counts, negative = run of zeros). Comments
 * start with '#'; "#[StartTime: seconds ...]" and "#[BaseTime: ...]" are understood. Lines that
 * are neither are reported with their number; nothing is skipped in silence.
 *
 *         HdrLogReader reader = hdrlog_open(text, "run.hlog");       // one line at a time
 *         while ((r = hdrlog_next(&reader, scratch, &line, err)) > 0) {
 *                 hist_merge(total, line.hist, err);
 *                 arena_reset(scratch, mark);
 *         }
 *
 * Both cookies carry 0x10 (word size) in their low byte, which readers ignore. Counts use the
 * nine-byte LEB128 of HdrHistogram: the ninth byte holds eight bits. Histograms with a shifted
 * array or a scale other than 1 (those inside a DoubleHistogram) are refused by name. The format
 * has no exact minimum, maximum or sum: they come from the bins. Source: HdrHistogram
 * (public domain / BSD-2), AbstractHistogram and HistogramLogWriter.
 */

#include "stats/hist.h"

typedef struct HdrLogLine {
        Span tag; /* empty: none; a view into the text */
        double start_s, interval_s, max;
        Hist *hist;
} HdrLogLine;

typedef struct HdrLog {
        double start_time_s, base_time_s; /* NaN when the log does not say */
        HdrLogLine *lines;
        size_t len;
} HdrLog;

/* Start and base time are those read so far: the header stands before the lines. */
typedef struct HdrLogReader {
        Span rest;
        const char *name;
        size_t line;
        double start_time_s, base_time_s;
} HdrLogReader;

HdrLogReader hdrlog_open(Span text, const char *name);
/* 1 and a line, 0 at the end, negative on a malformed line. */
int hdrlog_next(HdrLogReader *reader, Arena *arena, HdrLogLine *ret, Error *err);
/* The whole log; a day of one-second lines is 16 GiB of histograms: use hdrlog_next() there. */
int hdrlog_read(Span text, const char *name, Arena *arena, HdrLog *ret, Error *err);
int hdrlog_decode(Span base64, Arena *arena, Hist **ret, Error *err);
void hdrlog_write_header(Buf *out, double start_time_s);
/* max is written in units of `max_scale` (1e6 for ns shown as ms, as jHiccup does). */
int hdrlog_write_line(Buf *out, const Hist *h, Span tag, double start_s, double interval_s,
                      double max_scale, Error *err);
