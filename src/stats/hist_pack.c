/* The stored form of a histogram, version 1, all integers LEB128 unless said otherwise:
 *
 *     'H' 1  lowest highest digits  saturated min max  sum sum_squares (doubles, little endian)
 *     n_bins  then per non-empty bin: counters skipped since the last one, count
 *
 * An empty histogram stores min = max = 0. Unpacking checks every field against the others, so
 * that a blob which was cut or changed is refused rather than read as other numbers.
 */
#include "stats/hist.h"

#include <math.h>
#include <string.h>

#define PACK_MAGIC 'H'
#define PACK_VERSION 1

static void put_varint(Buf *out, uint64_t v)
{
        for (; v >= 0x80; v >>= 7)
                buf_byte(out, (char)(v | 0x80));
        buf_byte(out, (char)v);
}

static void put_double(Buf *out, double value)
{
        uint64_t bits;

        memcpy(&bits, &value, sizeof(bits));
        for (unsigned i = 0; i < 8; i++)
                buf_byte(out, (char)(bits >> (8 * i)));
}

static uint64_t count_bins(const Hist *h)
{
        uint64_t n = 0;

        for (HistBin b = { 0 }; hist_next(h, &b);)
                n++;
        return n;
}

void hist_pack(const Hist *h, Buf *out)
{
        size_t expected = 0;

        buf_byte(out, PACK_MAGIC);
        buf_byte(out, PACK_VERSION);
        put_varint(out, h->layout.lowest);
        put_varint(out, h->layout.highest);
        put_varint(out, h->layout.digits);
        put_varint(out, h->saturated);
        put_varint(out, h->total ? h->min : 0);
        put_varint(out, h->max);
        put_double(out, h->sum);
        put_double(out, h->sum_squares);
        put_varint(out, count_bins(h));
        for (HistBin b = { 0 }; hist_next(h, &b);) {
                put_varint(out, b.next_index - 1 - expected);
                put_varint(out, b.count);
                expected = b.next_index;
        }
}

typedef struct Reader {
        Span packed;
        size_t at;
        Error *err;
} Reader;

static int corrupt(const Reader *r, const char *what)
{
        return fail(r->err, ERR_CORRUPT, "packed histogram: %s at byte %zu", what, r->at);
}

static int get_varint(Reader *r, uint64_t *ret)
{
        uint64_t v = 0;

        for (unsigned shift = 0; shift < 64; shift += 7) {
                uint64_t byte;

                if (r->at >= r->packed.len)
                        return corrupt(r, "it is cut");
                byte = (unsigned char)r->packed.ptr[r->at++];
                if (shift == 63 && byte > 1)
                        break;
                v |= (byte & 0x7f) << shift;
                if (byte < 0x80) {
                        *ret = v;
                        return 0;
                }
        }
        return corrupt(r, "a number is longer than 64 bits");
}

static int get_double(Reader *r, double *ret)
{
        uint64_t bits = 0;

        if (r->packed.len - r->at < 8)
                return corrupt(r, "it is cut");
        for (unsigned i = 0; i < 8; i++)
                bits |= (uint64_t)(unsigned char)r->packed.ptr[r->at++] << (8 * i);
        memcpy(ret, &bits, sizeof(bits));
        if (!isfinite(*ret) || *ret < 0)
                return corrupt(r, "a sum is not a number");
        return 0;
}

static int get_layout(Reader *r, HistLayout *ret)
{
        uint64_t lowest, highest, digits;
        int e;

        if (r->packed.len < 2 || r->packed.ptr[0] != PACK_MAGIC)
                return corrupt(r, "it does not begin as one");
        if (r->packed.ptr[1] != PACK_VERSION)
                return corrupt(r, "unknown version");
        r->at = 2;
        if ((e = get_varint(r, &lowest)) < 0 || (e = get_varint(r, &highest)) < 0 ||
            (e = get_varint(r, &digits)) < 0)
                return e;
        *ret = (HistLayout){ .lowest = lowest,
                             .highest = highest,
                             .digits = (unsigned)MIN(digits, UINT64_C(99)) };
        return 0;
}

static int get_exact(Reader *r, Hist *h)
{
        int e;

        if ((e = get_varint(r, &h->saturated)) < 0 || (e = get_varint(r, &h->min)) < 0 ||
            (e = get_varint(r, &h->max)) < 0 || (e = get_double(r, &h->sum)) < 0 ||
            (e = get_double(r, &h->sum_squares)) < 0)
                return e;
        return 0;
}

static int get_bins(Reader *r, Hist *h)
{
        uint64_t n, skipped, count;
        size_t index = 0;
        int e = get_varint(r, &n);

        if (e < 0)
                return e;
        for (; n; n--, index++) {
                if ((e = get_varint(r, &skipped)) < 0 || (e = get_varint(r, &count)) < 0)
                        return e;
                if (index >= h->n_counts || skipped >= h->n_counts - index)
                        return corrupt(r, "a bin lies outside its layout");
                index += (size_t)skipped;
                if (count == 0)
                        return corrupt(r, "a bin is empty");
                if (__builtin_add_overflow(h->total, count, &h->total))
                        return corrupt(r, "the counts overflow");
                h->counts[index] = count;
        }
        if (r->at != r->packed.len)
                return corrupt(r, "bytes follow its end");
        return 0;
}

/* Whether the value is one that its bin can hold. */
static bool in_bin(const Hist *h, uint64_t value, const HistBin *bin)
{
        uint64_t counted = MIN(value, h->layout.highest);

        return counted >= bin->low && counted <= bin->high;
}

static bool sum_fits(const Hist *h)
{
        double n = (double)h->total, slack = 1e-6;

        return h->sum >= (double)h->min * n * (1 - slack) &&
               h->sum <= (double)h->max * n * (1 + slack);
}

/* The exact values must agree with the bins. */
static int check_exact(const Reader *r, Hist *h)
{
        HistBin bin = { 0 }, last;
        uint64_t top;

        if (!hist_next(h, &bin)) {
                if (h->min || h->max || h->saturated || h->sum > 0 || h->sum_squares > 0)
                        return corrupt(r, "an empty one has values");
                h->min = UINT64_MAX;
                return 0;
        }
        if (!in_bin(h, h->min, &bin))
                return corrupt(r, "its minimum is not in its first bin");
        last = bin;
        while (hist_next(h, &bin))
                last = bin;
        top = h->layout.highest >= last.low && h->layout.highest <= last.high ? last.count : 0;
        if (!in_bin(h, h->max, &last) || h->min > h->max)
                return corrupt(r, "its maximum is not in its last bin");
        if ((h->max > h->layout.highest) != (h->saturated > 0) || h->saturated > top)
                return corrupt(r, "its saturated count does not fit its maximum");
        if (!sum_fits(h))
                return corrupt(r, "its sum does not fit its bins");
        return 0;
}

int hist_unpack(Span packed, Arena *arena, Hist **ret, Error *err)
{
        Reader r = { .packed = packed, .err = err };
        Mark mark = arena_mark(arena);
        HistLayout layout;
        Hist *h;
        int e = get_layout(&r, &layout);

        if (e < 0)
                return e;
        e = hist_try(arena, layout, &h, err);
        if (e < 0)
                return fail_while(err, "unpacking a histogram");
        if ((e = get_exact(&r, h)) < 0 || (e = get_bins(&r, h)) < 0 ||
            (e = check_exact(&r, h)) < 0) {
                arena_reset(arena, mark);
                return e;
        }
        *ret = h;
        return 0;
}
