#pragma once
/* HdrHistogram interval logs, version 1.3 lines with V2 compressed payloads.
 *
 * Format: lines "[Tag=T,]start_s,interval_s,max,BASE64"; payload: big-endian cookie 0x1c849304,
 * length, zlib stream of the V2 encoding (cookie 0x1c849303, payload length, normalising offset,
 * digits, lowest, highest, ratio; then ZigZag LEB128 counts, negative = run of zeros). Comments
 * start with '#'; "#[StartTime: seconds ...]" and "#[BaseTime: ...]" are understood. Lines that
 * are neither are reported with their number; nothing is skipped in silence.
 */

#include "stats/hist.h"

typedef struct HdrLogLine {
        Span tag; /* empty: none */
        double start_s, interval_s, max;
        Hist *hist;
} HdrLogLine;

typedef struct HdrLog {
        double start_time_s, base_time_s; /* NaN when the log does not say */
        HdrLogLine *lines;
        size_t len;
} HdrLog;

int hdrlog_read(Span text, const char *name, Arena *arena, HdrLog *ret, Error *err);
int hdrlog_decode(Span base64, Arena *arena, Hist **ret, Error *err);
void hdrlog_write_header(Buf *out, double start_time_s);
/* max is written in units of `max_scale` (1e6 for ns shown as ms, as jHiccup does). */
int hdrlog_write_line(Buf *out, const Hist *h, Span tag, double start_s, double interval_s,
                      double max_scale, Error *err);
