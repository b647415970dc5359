#include "stats/base64.h"
#include "stats/hdrlog_int.h"

#include <string.h>
#include <zlib.h>

/* The way out: numbers -> window -> deflate -> window -> base64 -> the Buf. The length stands in
 * front of the data, so the first nine bytes (three groups) are written again at the end. */
typedef struct Encoder {
        z_stream z;
        Base64Writer base64;
        unsigned char in[2048], out[2048];
        size_t len;          /* in in */
        uint64_t size_bytes; /* compressed */
        unsigned char first[9];
} Encoder;

static void put_out(Encoder *e, size_t n)
{
        if (e->size_bytes == 0 && n)
                e->first[HDR_WRAPPER_SIZE] = e->out[0];
        e->size_bytes += n;
        base64_put(&e->base64, e->out, n);
}

/* deflate() on a good stream with room never fails, so there is nothing to report. */
static void compress_window(Encoder *e, int flush)
{
        e->z.next_in = e->in;
        e->z.avail_in = (unsigned)e->len;
        do {
                e->z.next_out = e->out;
                e->z.avail_out = sizeof(e->out);
                BUG_IF(deflate(&e->z, flush) == Z_STREAM_ERROR);
                put_out(e, sizeof(e->out) - e->z.avail_out);
        } while (e->z.avail_out == 0);
        e->len = 0;
}

static void put_byte(Encoder *e, uint64_t byte)
{
        if (e->len == sizeof(e->in))
                compress_window(e, Z_NO_FLUSH);
        e->in[e->len++] = (unsigned char)byte;
}

static void put_big_endian(Encoder *e, uint64_t v, unsigned n_bytes)
{
        while (n_bytes--)
                put_byte(e, v >> (8 * n_bytes) & 0xff);
}

static size_t zigzag_bytes(int64_t n, unsigned char ret[static 9])
{
        uint64_t v = (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0);
        size_t len = 0;

        for (; len < 8 && v >= 0x80; v >>= 7)
                ret[len++] = (unsigned char)(v | 0x80);
        ret[len++] = (unsigned char)v;
        return len;
}

/* Calls put(number) in order: counts, and the negated length of each run of zeros; a single zero
 * is written as 0. Ends at the last count in use. */
static void each_number(const Hist *h, void (*put)(void *, int64_t), void *context)
{
        size_t expected = 0;

        for (HistBin b = { 0 }; hist_next(h, &b);) {
                size_t zeros = b.next_index - 1 - expected;

                if (zeros)
                        put(context, zeros == 1 ? 0 : -(int64_t)zeros);
                put(context, (int64_t)b.count);
                expected = b.next_index;
        }
        if (expected == 0)
                put(context, 0);
}

static void add_length(void *context, int64_t n)
{
        unsigned char bytes[9];

        *(size_t *)context += zigzag_bytes(n, bytes);
}

static void put_number(void *context, int64_t n)
{
        unsigned char bytes[9];
        size_t len = zigzag_bytes(n, bytes);

        for (size_t i = 0; i < len; i++)
                put_byte(context, bytes[i]);
}

static void put_payload(Encoder *e, const Hist *h)
{
        double scale = 1;
        uint64_t scale_bits;
        size_t size_bytes = 0;

        memcpy(&scale_bits, &scale, sizeof(scale_bits));
        each_number(h, add_length, &size_bytes);
        put_big_endian(e, HDR_COOKIE_PLAIN | HDR_COOKIE_WORD_SIZE, 4);
        put_big_endian(e, size_bytes, 4);
        put_big_endian(e, 0, 4);
        put_big_endian(e, h->layout.digits, 4);
        put_big_endian(e, h->layout.lowest, 8);
        put_big_endian(e, h->layout.highest, 8);
        put_big_endian(e, scale_bits, 8);
        each_number(h, put_number, e);
}

static void fill_wrapper(Encoder *e)
{
        uint32_t cookie = HDR_COOKIE_ZLIB | HDR_COOKIE_WORD_SIZE;

        for (unsigned i = 0; i < 4; i++) {
                e->first[i] = (unsigned char)(cookie >> (24 - 8 * i));
                e->first[4 + i] = (unsigned char)(e->size_bytes >> (24 - 8 * i));
        }
}

int hdrlog_encode(const Hist *h, Buf *out, Error *err)
{
        Encoder e = { .base64.out = out };
        size_t start = out->len;

        if (h->total > INT64_MAX)
                return fail(err, ERR_LIMIT, "an HdrHistogram counts at most 2^63-1 values");
        if (deflateInit(&e.z, Z_DEFAULT_COMPRESSION) != Z_OK)
                return fail(err, ERR_LIMIT, "zlib has no memory");
        base64_put(&e.base64, e.first, HDR_WRAPPER_SIZE);
        put_payload(&e, h);
        compress_window(&e, Z_FINISH);
        base64_end(&e.base64);
        deflateEnd(&e.z);
        fill_wrapper(&e);
        for (size_t i = 0; i < 3 && !out->overflowed; i++)
                base64_group(e.first + 3 * i, out->ptr + start + 4 * i);
        return buf_check(out, err);
}
