#include "stats/hdrlog.h"

#include "base/os.h"
#include "base/vec.h"
#include "stats/hdrlog_int.h"

#include <math.h>

#define MOST_LINES 1000000

HdrLogReader hdrlog_open(Span text, const char *name)
{
        return (HdrLogReader){
                .rest = text, .name = name, .start_time_s = nan(""), .base_time_s = nan("")
        };
}

/* "#[StartTime: 1441812279.474 (seconds since epoch), ...]" when `what` is "#[StartTime:". */
static int read_time(Span line, const char *what, double *ret_s, Error *err)
{
        Span rest, word;

        if (!span_starts(line, what))
                return 0;
        rest = span_from(line, span_of(what).len);
        if (!span_next_word(&rest, &word))
                return fail(err, ERR_INPUT, "%s has no time", what + 2);
        if (span_ends(word, "]"))
                word = span_first(word, word.len - 1);
        return span_to_double(word, ret_s, err);
}

static int read_comment(HdrLogReader *reader, Span line, Error *err)
{
        int e = read_time(line, "#[StartTime:", &reader->start_time_s, err);

        return e < 0 ? e : read_time(line, "#[BaseTime:", &reader->base_time_s, err);
}

static int read_field(Span *rest, const char *what, double *ret, Error *err)
{
        Span field;

        if (!rest->ptr)
                return fail(err, ERR_INPUT, "the %s is missing", what);
        field = span_trim(span_cut(rest, ','));
        if (span_to_double(field, ret, err) < 0)
                return fail_while(err, "reading the %s", what);
        return 0;
}

static int read_line(Span line, Arena *arena, HdrLogLine *ret, Error *err)
{
        HdrLogLine read = { .tag = { NULL, 0 } };
        Span rest = line;
        int e;

        if (span_starts(line, "Tag=")) {
                read.tag = span_from(span_cut(&rest, ','), 4);
                if (!rest.ptr)
                        return fail(err, ERR_INPUT, "nothing follows the tag");
        }
        if ((e = read_field(&rest, "start", &read.start_s, err)) < 0 ||
            (e = read_field(&rest, "interval", &read.interval_s, err)) < 0 ||
            (e = read_field(&rest, "maximum", &read.max, err)) < 0)
                return e;
        if (!rest.ptr)
                return fail(err, ERR_INPUT, "the histogram is missing");
        e = hdrlog_decode(span_trim(rest), arena, &read.hist, err);
        if (e < 0)
                return e;
        *ret = read;
        return 0;
}

/* Puts the place in front of a message that was made without it. */
static int fail_at_line(const HdrLogReader *reader, Error *err)
{
        Error cause;

        if (!err)
                return -ERR_INPUT;
        cause = *err;
        fail(err, cause.code, "%s:%zu: %s", reader->name, reader->line, cause.message);
        memcpy(err->during, cause.during, sizeof(err->during));
        return -err->code;
}

int hdrlog_next(HdrLogReader *reader, Arena *arena, HdrLogLine *ret, Error *err)
{
        Span line;
        int e;

        while (span_next_line(&reader->rest, &line)) {
                reader->line++;
                line = span_trim(line);
                if (line.len == 0 || span_starts(line, "\"StartTimestamp\""))
                        continue;
                if (line.ptr[0] != '#') {
                        e = read_line(line, arena, ret, err);
                        return e < 0 ? fail_at_line(reader, err) : 1;
                }
                if (read_comment(reader, line, err) < 0)
                        return fail_at_line(reader, err);
        }
        return 0;
}

int hdrlog_read(Span text, const char *name, Arena *arena, HdrLog *ret, Error *err)
{
        VEC(HdrLogLine) lines = VEC_INIT(MOST_LINES);
        HdrLogReader reader = hdrlog_open(text, name);
        HdrLogLine line, *slot;
        int r;

        while ((r = hdrlog_next(&reader, arena, &line, err)) > 0) {
                slot = vec_add(arena, &lines);
                if (!slot)
                        return fail(err, ERR_LIMIT, "%s:%zu: more lines than fit", name,
                                    reader.line);
                *slot = line;
        }
        if (r < 0)
                return r;
        *ret = (HdrLog){ reader.start_time_s, reader.base_time_s, lines.items, lines.len };
        return 0;
}

void hdrlog_write_header(Buf *out, double start_time_s)
{
        char date[WALL_TEXT_SIZE] = "date unknown";

        if (start_time_s >= 0 && start_time_s < 1e10)
                os_wall_text((uint64_t)(start_time_s * 1e9), date);
        buf_text(out, "#[Histogram log format version 1.3]\n");
        buf_printf(out, "#[StartTime: %.3f (seconds since epoch), %s]\n", start_time_s, date);
        buf_text(out, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                      "\"Interval_Compressed_Histogram\"\n");
}

static int check_tag(Span tag, Error *err)
{
        for (size_t i = 0; i < tag.len; i++)
                if (tag.ptr[i] == ',' || (unsigned char)tag.ptr[i] <= ' ')
                        return fail(err, ERR_INPUT,
                                    "a tag cannot hold a comma or white space: '%.*s'",
                                    SPAN_ARG(tag));
        return 0;
}

int hdrlog_write_line(Buf *out, const Hist *h, Span tag, double start_s, double interval_s,
                      double max_scale, Error *err)
{
        int e = check_tag(tag, err);

        if (e < 0)
                return e;
        if (tag.len)
                buf_printf(out, "Tag=%.*s,", SPAN_ARG(tag));
        buf_printf(out, "%.3f,%.3f,%.3f,", start_s, interval_s, (double)h->max / max_scale);
        e = hdrlog_encode(h, out, err);
        buf_byte(out, '\n');
        return e < 0 ? e : buf_check(out, err);
}
