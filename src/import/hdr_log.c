/* HdrHistogram interval logs (jHiccup, wrk2's relatives): stats/hdrlog.h reads them.
 *
 * The lines of one tag are added up, as HdrHistogram's own readers do it: the low end of every bin
 * into three digits. A log says no unit: nanoseconds, unless --unit says otherwise.
 */

#include "base/map.h"
#include "import/import.h"
#include "stats/hdrlog.h"

#include <math.h>

#define MOST_TAGS 1000

static int detect(Span head, bool whole UNUSED)
{
        return span_contains(head, "#[Histogram log format version") ||
                               span_contains(head, "\"Interval_Compressed_Histogram\"") ||
                               span_contains(head, ",HISTFAA")
                       ? 95
                       : 0;
}

static int total_of(Import *in, Map *tags, Span tag, Hist **ret, Error *err)
{
        Recording *rec = import_recording(in);
        MapSlot *slot = map_find(tags, tag);
        Hist *h;

        if (slot) {
                *ret = slot->pointer;
                return 0;
        }
        if (tag.len > KiB(1))
                return fail(err, ERR_LIMIT, "%s: a tag of %zu bytes", import_name(in), tag.len);
        tag = tag.len ? span_copy(rec->arena, tag) : SPAN("");
        slot = map_add(tags, tag);
        if (!slot || hist_try(rec->arena, HIST_LATENCY, &h, NULL) < 0)
                return fail(err, ERR_LIMIT, "%s: more tags than fit", import_name(in));
        slot->pointer = *ret = h;
        return 0;
}

static void add_lows(Hist *into, const Hist *from, double unit_ns)
{
        for (HistBin bin = { 0 }; hist_next(from, &bin);) {
                double ns = (double)bin.low * unit_ns;

                hist_record_n(into, ns < 9e18 ? (uint64_t)llround(ns) : INT64_MAX, bin.count);
        }
}

/* Where the last bin in use ends: a log keeps no exact maximum. */
static void widen_max(Hist *h)
{
        HistBin bin = { 0 };

        while (hist_next(h, &bin))
                h->max = MAX(h->max, bin.high);
}

static int read_lines(Import *in, HdrLogReader *reader, Arena *scratch, Map *tags, double unit_ns,
                      Error *err)
{
        Mark mark = arena_mark(scratch);
        HdrLogLine line;
        double end_s = 0;
        Hist *total = NULL;
        int r;

        while ((r = hdrlog_next(reader, scratch, &line, err)) > 0) {
                r = total_of(in, tags, line.tag, &total, err);
                if (r < 0)
                        return r;
                add_lows(total, line.hist, unit_ns);
                end_s = fmax(end_s, line.interval_s + fmax(line.start_s, 0));
                arena_reset(scratch, mark);
        }
        if (r == 0 && end_s > 0 && end_s < 1e9)
                import_recording(in)->duration_ns = (uint64_t)(end_s * 1e9);
        return r;
}

static int read_text(Import *in, Span text, Error *err)
{
        AUTO(arena_freep) Arena *scratch = arena_new(MiB(256));
        HdrLogReader reader = hdrlog_open(text, import_name(in));
        Map tags = map_in(import_arena(in), MOST_TAGS);
        ImportUnit unit = import_bare_unit(in, "ns");
        int r;

        if (unit.metric != METRIC_TIME)
                return import_fail(in, err, 0, "a log of latencies needs a unit of time");
        r = read_lines(in, &reader, scratch, &tags, unit.scale, err);
        if (r < 0)
                return r;
        if (reader.start_time_s > 0 && reader.start_time_s < 1e10)
                import_recording(in)->wall_ns = (uint64_t)(reader.start_time_s * 1e9);
        map_each (slot, &tags) {
                widen_max(slot->pointer);
                import_latency(in, slot->key, slot->pointer);
        }
        return 0;
}

const ImportFormat hdr_log_format = {
        .name = "hdrlog",
        .says = "HdrHistogram interval log (.hlog)",
        .files = "https://github.com/HdrHistogram/HdrHistogram",
        .detect = detect,
        .read = read_text,
        .instrument = "load",
};
