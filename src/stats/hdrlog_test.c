#include "harness.h"

#include "base/fs.h"
#include "stats/hdrlog.h"
#include "stats/rng.h"

#include <math.h>
#include <stdlib.h>

#define CORPUS "hdrhistogram/jHiccup-2.0.7S.logV2.hlog"

/* The corpora stand beside the source unless HONE_CORPORA says where. */
static bool read_corpus(Arena *arena, Span *ret)
{
        const char *dir = getenv("HONE_CORPORA");
        char *path = path_join(arena, dir ? dir : "../shared/corpora", CORPUS);
        Error err = { 0 };

        return file_read(path, MiB(1), arena, ret, &err) >= 0;
}

/* As HdrHistogram_c's test adds up the log: the low end of every two-digit bin, three digits. */
static void add_lows(Hist *into, const Hist *from)
{
        for (HistBin b = { 0 }; hist_next(from, &b);)
                hist_record_n(into, b.low, b.count);
}

static uint64_t last_high(const Hist *h)
{
        HistBin bin = { 0 };

        while (hist_next(h, &bin))
                ;
        return bin.high;
}

/* What HdrHistogram's own tests assert of this file, and the maxima that jHiccup printed. */
TEST(hdrlog_reads_jhiccup)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Hist *all = hist_new(arena, HIST_LATENCY);
        Error err = { 0 };
        HdrLog log;
        Span text;

        if (!read_corpus(arena, &text))
                skip_because("no HdrHistogram corpus; set HONE_CORPORA");
        assert_ok(hdrlog_read(text, CORPUS, arena, &log, &err), err);
        assert_int_equal(log.len, 62);
        assert_near(log.start_time_s, 1441812279.474, 1e-6);
        assert_true(isnan(log.base_time_s));
        assert_near(log.lines[0].start_s, 0.127, 0);
        assert_near(log.lines[0].interval_s, 1.007, 0);
        assert_near(log.lines[0].max, 2.769, 0);
        for (size_t i = 0; i < log.len; i++) {
                assert_near((double)log.lines[i].hist->max / 1e6, log.lines[i].max, 0.00051);
                add_lows(all, log.lines[i].hist);
        }
        assert_int_equal(all->total, 48761);
        assert_int_equal(hist_quantile(all, 0.999), 1745879039);
        assert_int_equal(last_high(all), 1796210687);
}

TEST(hdrlog_rewrites_jhiccup_to_the_same_counts)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));
        Buf out = buf_in(arena, MiB(1));
        Error err = { 0 };
        HdrLog log, back;
        Span text;

        if (!read_corpus(arena, &text))
                skip_because("no HdrHistogram corpus; set HONE_CORPORA");
        assert_ok(hdrlog_read(text, CORPUS, arena, &log, &err), err);
        hdrlog_write_header(&out, log.start_time_s);
        for (size_t i = 0; i < log.len; i++)
                assert_ok(hdrlog_write_line(&out, log.lines[i].hist, log.lines[i].tag,
                                            log.lines[i].start_s, log.lines[i].interval_s, 1e6,
                                            &err),
                          err);
        assert_ok(hdrlog_read(buf_span(&out), "rewritten", arena, &back, &err), err);
        assert_int_equal(back.len, log.len);
        assert_near(back.start_time_s, log.start_time_s, 1e-3);
        for (size_t i = 0; i < log.len; i++) {
                const Hist *a = log.lines[i].hist, *b = back.lines[i].hist;

                assert_memory_equal(a->counts, b->counts, a->n_counts * sizeof(*a->counts));
                assert_true(a->max == b->max && a->min == b->min && a->total == b->total);
                assert_near(back.lines[i].start_s, log.lines[i].start_s, 0);
        }
}

static Hist *sample(Arena *arena, HistLayout layout, size_t n, uint64_t most)
{
        Hist *h = hist_new(arena, layout);
        Rng rng = rng_from_seed(n);

        for (size_t i = 0; i < n; i++)
                hist_record_n(h, (uint64_t)exp(rng_unit(&rng) * log((double)layout.highest)),
                              1 + rng_below(&rng, most));
        return h;
}

static Hist *through_a_line(Arena *arena, const Hist *h, const char *tag)
{
        Buf out = buf_in(arena, MiB(4));
        Error err = { 0 };
        HdrLog log;

        assert_ok(hdrlog_write_line(&out, h, span_of(tag), 1.5, 2.25, 1, &err), err);
        assert_ok(hdrlog_read(buf_span(&out), "line", arena, &log, &err), err);
        assert_int_equal(log.len, 1);
        assert_span(log.lines[0].tag, tag);
        assert_near(log.lines[0].start_s, 1.5, 0);
        assert_near(log.lines[0].interval_s, 2.25, 0);
        return log.lines[0].hist;
}

static void assert_survives(Arena *arena, HistLayout layout, size_t n, uint64_t most)
{
        Mark mark = arena_mark(arena);
        Hist *h = sample(arena, layout, n, most);
        Hist *back = through_a_line(arena, h, n % 2 ? "gc" : "");

        assert_int_equal(back->layout.highest, layout.highest);
        assert_int_equal(back->n_counts, h->n_counts);
        assert_memory_equal(back->counts, h->counts, h->n_counts * sizeof(*h->counts));
        assert_true(back->total == h->total);
        assert_true(h->total == 0 || hist_index(back, hist_quantile(back, 0.9)) ==
                                             hist_index(h, hist_quantile(h, 0.9)));
        arena_reset(arena, mark);
}

TEST(hdrlog_lines_round_trip)
{
        static const HistLayout layouts[] = {
                { 1, UINT64_C(3600000000000), 3 },
                { 1, 2, 1 },
                { 1000, 1000000000, 2 },
                { 1, 100000, 5 },
        };
        static const size_t sizes[] = { 0, 1, 2, 100, 20000 };
        AUTO(arena_freep) Arena *arena = arena_new(MiB(32));

        for (size_t l = 0; l < COUNT(layouts); l++)
                for (size_t s = 0; s < COUNT(sizes); s++)
                        for (uint64_t most = 1; most < UINT64_C(1) << 46; most *= 1000)
                                assert_survives(arena, layouts[l], sizes[s], most);
}

/* Every length of the nine-byte integers, up to the largest count. */
TEST(hdrlog_counts_of_every_length_survive)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(64));

        for (unsigned bits = 0; bits < 63; bits++)
                for (int less = 0; less < 2; less++) {
                        Hist *h = hist_new(arena, (HistLayout){ 1, 1000, 1 });

                        hist_record_n(h, 500, (UINT64_C(1) << bits) - (bits && less));
                        assert_true(through_a_line(arena, h, "")->total == h->total);
                }
}

TEST(hdrlog_refuses_to_write_what_cannot_be_read)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Hist *h = hist_new(arena, (HistLayout){ 1, 1000, 1 });
        Buf out = buf_in(arena, KiB(4)), small = buf_in(arena, 40);
        Error err = { 0 };

        assert_fails(hdrlog_write_line(&out, h, SPAN("a,b"), 0, 1, 1, &err), err, ERR_INPUT);
        assert_fails(hdrlog_write_line(&out, h, SPAN("a\nb"), 0, 1, 1, &err), err, ERR_INPUT);
        assert_int_equal(out.len, 0);
        assert_fails(hdrlog_write_line(&small, h, SPAN(""), 0, 1, 1, &err), err, ERR_LIMIT);
        hist_record_n(h, 5, UINT64_MAX);
        assert_fails(hdrlog_write_line(&out, h, SPAN(""), 0, 1, 1, &err), err, ERR_LIMIT);
}

TEST(hdrlog_header_is_read_back)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(4));
        Error err = { 0 };
        HdrLog log;

        hdrlog_write_header(&out, 1441812279.474);
        buf_text(&out, "#[BaseTime: 12.5 (seconds since epoch)]\r\n\n# a remark\n");
        assert_true(span_contains(buf_span(&out), "2015-09-09T15:24:39Z"));
        assert_ok(hdrlog_read(buf_span(&out), "x", arena, &log, &err), err);
        assert_int_equal(log.len, 0);
        assert_near(log.start_time_s, 1441812279.474, 1e-6);
        assert_near(log.base_time_s, 12.5, 0);
        buf_clear(&out);
        hdrlog_write_header(&out, nan(""));
        assert_true(span_contains(buf_span(&out), "date unknown"));
}

/* One good payload to cut and change. */
static Span good_line(Arena *arena)
{
        Buf out = buf_in(arena, KiB(64));
        Error err = { 0 };

        assert_ok(hdrlog_write_line(&out, sample(arena, (HistLayout){ 1, 10000, 2 }, 300, 3),
                                    SPAN("t"), 0, 1, 1, &err),
                  err);
        return span_trim(buf_span(&out));
}

TEST(hdrlog_refuses_every_cut)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Span line = good_line(arena);
        Error err = { 0 };
        HdrLog log;

        assert_ok(hdrlog_read(line, "x", arena, &log, &err), err);
        for (size_t n = 1; n < line.len; n++)
                assert_fails(hdrlog_read(span_first(line, n), "x", arena, &log, &err), err,
                             ERR_INPUT);
}

/* zlib's check sum finds a change in the counts; the rest is found by what it makes impossible. */
TEST(hdrlog_refuses_changed_characters)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(4));
        Span line = good_line(arena);
        size_t start = (size_t)span_find(line, SPAN("HIST")), harmless = 0;
        char *copy = arena_text(arena, line.ptr, line.len);

        for (size_t i = start; i < line.len; i++)
                for (const char *c = "A/z= ,\n"; *c; c++) {
                        Mark mark = arena_mark(arena);
                        Error err = { 0 };
                        HdrLog log;

                        copy[i] = *c;
                        if (*c != line.ptr[i] &&
                            hdrlog_read((Span){ copy, line.len }, "x", arena, &log, &err) >= 0)
                                harmless++;
                        copy[i] = line.ptr[i];
                        arena_reset(arena, mark);
                }
        /* the word size of the cookie is ignored, and the spare bits before the padding */
        assert_true(harmless <= 8);
}

static void refuse(const char *text, const char *part_of_message)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(1));
        Error err = { 0 };
        HdrLog log;

        assert_fails(hdrlog_read(span_of(text), "log", arena, &log, &err), err, ERR_INPUT);
        if (!strstr(err.message, part_of_message))
                fail_msg("'%s' is not in '%s'", part_of_message, err.message);
}

TEST(hdrlog_says_which_line_is_wrong_and_why)
{
        refuse("# x\n\n0,1,2\n", "log:3: the histogram is missing");
        refuse("0,x,2,HIST\n", "log:1:");
        refuse("Tag=a\n", "log:1: nothing follows the tag");
        refuse("hello\n", "log:1:");
        refuse("0,1,2,\n", "base64 of 0 characters is cut");
        refuse("0,1,2,HISTFAA\n", "is cut");
        refuse("0,1,2,????????????\n", "is not base64");
        refuse("0,1,2,AAAAFAAAAEV4\n", "is not the cookie");
        refuse("0,1,2,HISTFAAAAEV4\n", "compressed bytes, not 69");
        refuse("0,1,2,HISTFAAAAAF4\n", "is cut");
        refuse("0,1,2,HISTFAAAAAIAAA==\n", "is damaged");
        refuse("#[StartTime: soon]\n", "log:1:");
        refuse("#[BaseTime:\n", "BaseTime: has no time");
}

/* A histogram of the largest layout is refused by the arena's ceiling, not by the machine. */
TEST(hdrlog_keeps_to_the_ceiling)
{
        AUTO(arena_freep) Arena *roomy = arena_new(MiB(64)), *tight = arena_new(KiB(64));
        Hist *h = hist_new(roomy, (HistLayout){ 1, INT64_MAX, 4 });
        Buf out = buf_in(roomy, KiB(64));
        Error err = { 0 };
        HdrLog log;

        hist_record(h, 77);
        assert_ok(hdrlog_write_line(&out, h, SPAN(""), 0, 1, 1, &err), err);
        assert_true(out.len < 200);
        assert_fails(hdrlog_read(buf_span(&out), "x", tight, &log, &err), err, ERR_LIMIT);
        assert_ok(hdrlog_read(buf_span(&out), "x", roomy, &log, &err), err);
        assert_true(log.lines[0].hist->max == 77);
}

TEST(hdrlog_next_walks_with_the_memory_of_one_line)
{
        AUTO(arena_freep) Arena *arena = arena_new(MiB(2)), *scratch = arena_new(MiB(1));
        Buf out = buf_in(arena, KiB(512));
        Hist *h = hist_new(arena, HIST_LATENCY), *all = hist_new(arena, HIST_LATENCY);
        Mark mark = arena_mark(scratch);
        HdrLogReader reader;
        HdrLogLine line;
        Error err = { 0 };
        int r;

        hist_record(h, 1000000);
        for (int i = 0; i < 500; i++)
                assert_ok(hdrlog_write_line(&out, h, SPAN(""), i, 1, 1e6, &err), err);
        reader = hdrlog_open(buf_span(&out), "x");
        while ((r = hdrlog_next(&reader, scratch, &line, &err)) > 0) {
                assert_ok(hist_merge(all, line.hist, &err), err);
                arena_reset(scratch, mark);
        }
        assert_ok(r, err);
        assert_int_equal(all->total, 500);
        assert_int_equal(reader.line, 500);
}
