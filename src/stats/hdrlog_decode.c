#include "stats/base64.h"
#include "stats/hdrlog_int.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

/* Bytes of the decompressed payload, one after the other, through two small windows: however
 * large the payload claims to be, only its histogram takes memory. */
typedef struct Payload {
        Span base64; /* not decoded yet */
        z_stream z;
        unsigned char in[768], out[2048];
        size_t at, len; /* in out */
        bool ended;
        Error *err;
} Payload;

static int feed(Payload *p)
{
        ptrdiff_t n = base64_take(&p->base64, p->in, sizeof(p->in), p->err);

        if (n < 0)
                return (int)n;
        p->z.next_in = p->in;
        p->z.avail_in = (unsigned)n;
        return 0;
}

/* More bytes into the window; none are left when `ended`. */
static int refill(Payload *p)
{
        int e, z = Z_OK;

        p->at = 0;
        p->z.next_out = p->out;
        p->z.avail_out = sizeof(p->out);
        while (!p->ended && p->z.avail_out == sizeof(p->out)) {
                if (p->z.avail_in == 0 && p->base64.len && (e = feed(p)) < 0)
                        return e;
                z = inflate(&p->z, Z_NO_FLUSH);
                if (z == Z_BUF_ERROR)
                        return fail(p->err, ERR_INPUT, "the compressed histogram is cut");
                if (z != Z_OK && z != Z_STREAM_END)
                        return fail(p->err, ERR_INPUT, "the compressed histogram is damaged: %s",
                                    p->z.msg ? p->z.msg : "zlib refuses it");
                p->ended = z == Z_STREAM_END;
        }
        p->len = sizeof(p->out) - p->z.avail_out;
        return 0;
}

static int next_byte(Payload *p, unsigned char *ret)
{
        int e;

        if (p->at == p->len && !p->ended && (e = refill(p)) < 0)
                return e;
        if (p->at == p->len)
                return fail(p->err, ERR_INPUT, "the histogram ends too early");
        *ret = p->out[p->at++];
        return 0;
}

/* Nothing may follow, and zlib must have seen and checked the end of the stream. */
static int expect_end(Payload *p)
{
        int e;

        if (p->at == p->len && !p->ended && (e = refill(p)) < 0)
                return e;
        if (p->at < p->len || !p->ended || p->base64.len || p->z.avail_in)
                return fail(p->err, ERR_INPUT, "bytes follow the end of the histogram");
        return 0;
}

static uint64_t big_endian(const unsigned char *bytes, size_t n)
{
        uint64_t v = 0;

        for (size_t i = 0; i < n; i++)
                v = v << 8 | bytes[i];
        return v;
}

typedef struct Header {
        HistLayout layout;
        uint64_t size_bytes; /* of the counts */
} Header;

static int check_header(const unsigned char *bytes, Header *ret, Error *err)
{
        uint32_t cookie = (uint32_t)big_endian(bytes, 4);
        uint64_t scale_bits = big_endian(bytes + 32, 8);
        double scale;

        memcpy(&scale, &scale_bits, sizeof(scale));
        if ((cookie & ~HDR_COOKIE_WORD_MASK) != HDR_COOKIE_PLAIN)
                return fail(err, ERR_INPUT, "0x%08x is not the cookie of a V2 histogram", cookie);
        if (big_endian(bytes + 8, 4) != 0)
                return fail(err, ERR_INPUT, "histograms with a shifted array are not supported");
        if (!(scale >= 1 && scale <= 1))
                return fail(err, ERR_INPUT, "histograms with a scale (%g) are not supported",
                            scale);
        *ret = (Header){ .layout = { .lowest = big_endian(bytes + 16, 8),
                                     .highest = big_endian(bytes + 24, 8),
                                     .digits = (unsigned)big_endian(bytes + 12, 4) },
                         .size_bytes = big_endian(bytes + 4, 4) };
        return 0;
}

static int read_header(Payload *p, Header *ret)
{
        unsigned char bytes[HDR_HEADER_SIZE];
        int e;

        for (size_t i = 0; i < sizeof(bytes); i++)
                if ((e = next_byte(p, &bytes[i])) < 0)
                        return e;
        return check_header(bytes, ret, p->err);
}

/* ZigZag in LEB128 of at most nine bytes, the ninth with eight bits. */
static int read_number(Payload *p, int64_t *ret, uint64_t *left)
{
        uint64_t v = 0;

        for (unsigned shift = 0; shift <= 56; shift += 7) {
                unsigned char byte;
                int e;

                if (*left == 0)
                        return fail(p->err, ERR_INPUT, "a count is longer than the histogram");
                if ((e = next_byte(p, &byte)) < 0)
                        return e;
                (*left)--;
                v |= (uint64_t)(shift == 56 ? byte : byte & 0x7f) << shift;
                if (byte < 0x80)
                        break;
        }
        *ret = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
        return 0;
}

static int read_counts(Payload *p, Hist *h, uint64_t size_bytes)
{
        size_t index = 0;
        int64_t count;
        int e;

        while (size_bytes) {
                if ((e = read_number(p, &count, &size_bytes)) < 0)
                        return e;
                /* A run of zeros may end exactly at the end; -INT64_MIN stays huge. */
                if (count < 0 ? 0 - (uint64_t)count > h->n_counts - index : index >= h->n_counts)
                        return fail(p->err, ERR_INPUT, "a count lies beyond the %zu of its layout",
                                    h->n_counts);
                if (count < 0) {
                        index += (size_t)(0 - (uint64_t)count);
                        continue;
                }
                h->counts[index++] = (uint64_t)count;
                if (__builtin_add_overflow(h->total, (uint64_t)count, &h->total))
                        return fail(p->err, ERR_INPUT, "the counts overflow");
        }
        return expect_end(p);
}

/* The format has no exact values: the ends of the outer bins, and the middle of each. A top bin
 * that reaches past the layout's highest stands for values up to the highest. */
static void derive_exact(Hist *h)
{
        for (HistBin b = { 0 }; hist_next(h, &b);) {
                uint64_t high = b.low <= h->layout.highest ? MIN(b.high, h->layout.highest)
                                                           : h->layout.highest;
                double middle = (double)b.low + (double)(b.high - b.low) / 2;

                h->min = MIN(h->min, MIN(b.low, high));
                h->max = MAX(h->max, high);
                h->sum += middle * (double)b.count;
                h->sum_squares += middle * middle * (double)b.count;
        }
}

static int decode_payload(Payload *p, Arena *arena, Hist **ret)
{
        Header header;
        Hist *h;
        int e = read_header(p, &header);

        if (e < 0 || (e = hist_try(arena, header.layout, &h, p->err)) < 0 ||
            (e = read_counts(p, h, header.size_bytes)) < 0)
                return e;
        derive_exact(h);
        *ret = h;
        return 0;
}

/* The first group of characters holds the wrapper and the first byte of the zlib stream. */
static int read_wrapper(Payload *p)
{
        Span start = span_first(p->base64, 12);
        unsigned char bytes[9];
        size_t size_bytes;
        ptrdiff_t n;
        int e = base64_size(p->base64, &size_bytes, p->err);

        if (e < 0)
                return e;
        n = base64_take(&start, bytes, sizeof(bytes), p->err);
        if (n < 0)
                return (int)n;
        if (n < (ptrdiff_t)sizeof(bytes))
                return fail(p->err, ERR_INPUT, "a compressed histogram is longer than %zu bytes",
                            size_bytes);
        if (((uint32_t)big_endian(bytes, 4) & ~HDR_COOKIE_WORD_MASK) != HDR_COOKIE_ZLIB)
                return fail(p->err, ERR_INPUT, "0x%08x is not the cookie of a V2 compressed one",
                            (uint32_t)big_endian(bytes, 4));
        if (big_endian(bytes + 4, 4) != size_bytes - HDR_WRAPPER_SIZE)
                return fail(p->err, ERR_INPUT, "the histogram has %zu compressed bytes, not %llu",
                            size_bytes - HDR_WRAPPER_SIZE,
                            (unsigned long long)big_endian(bytes + 4, 4));
        e = feed(p);
        if (e < 0)
                return e;
        p->z.next_in += HDR_WRAPPER_SIZE;
        p->z.avail_in -= HDR_WRAPPER_SIZE;
        return 0;
}

static void inflate_endp(z_stream *z)
{
        inflateEnd(z);
}

int hdrlog_decode(Span base64, Arena *arena, Hist **ret, Error *err)
{
        Payload p = { .base64 = base64, .err = err };
        Mark mark = arena_mark(arena);
        int e = read_wrapper(&p);

        if (e < 0)
                return e;
        if (inflateInit(&p.z) != Z_OK)
                return fail(err, ERR_LIMIT, "zlib has no memory");
        e = decode_payload(&p, arena, ret);
        inflate_endp(&p.z);
        if (e < 0)
                arena_reset(arena, mark);
        return e;
}
