/* What stands between a file's bytes and its reader: compression and UTF-16.
 *
 * gzip is RFC 1952, by zlib; members that follow each other are one text. UTF-16 is known by its
 * byte order mark, or by ASCII letters that alternate with zeros. */

#include "import/profile/bytes.h"

#include "base/utf8.h"

#include <zlib.h>

#define STEP KiB(256)
#define NOT_A_CHARACTER 0xfffdu

static const struct {
        const char *magic;
        size_t at; /* where it stands */
        const char *kind, *program;
} packed[] = {
        { "\x28\xb5\x2f\xfd", 0, "zstd", "zstdcat" },
        { "\xfd"
          "7zXZ",
          0, "xz", "xzcat" },
        { "1AY&SY", 4, "bzip2", "bzcat" },
};

static int refuse_packed(Span bytes, Span name, Error *err)
{
        for (size_t i = 0; i < COUNT(packed); i++) {
                if (!span_starts(span_from(bytes, packed[i].at), packed[i].magic))
                        continue;
                fail(err, ERR_UNAVAILABLE, "'%.*s' is compressed with %s", SPAN_ARG(name),
                     packed[i].kind);
                return fail_hint(err, "unpack it first: %s '%.*s' | hone convert ... -",
                                 packed[i].program, SPAN_ARG(name));
        }
        return 0;
}

/* --- gzip --- */

typedef struct Unpacking {
        z_stream z;
        Span left; /* what zlib has not been given yet */
        Span name;
        size_t size;
        Bytes out;
} Unpacking;

static int damaged(const Unpacking *u, const char *why, Error *err)
{
        return fail(err, ERR_INPUT, "%.*s: byte %zu: damaged gzip: %s", SPAN_ARG(u->name),
                    u->size - u->left.len - u->z.avail_in, why);
}

static void feed(Unpacking *u)
{
        size_t n = MIN(u->left.len, (size_t)UINT32_MAX);

        if (u->z.avail_in)
                return;
        u->z.next_in = (Bytef *)(uintptr_t)u->left.ptr;
        u->z.avail_in = (uInt)n;
        u->left = span_from(u->left, n);
}

/* One piece; *ret_more: there is more to come. */
static int inflate_step(Unpacking *u, bool *ret_more, Error *err)
{
        size_t before;
        int status, r = bytes_grow(&u->out, STEP, u->name, err);

        if (r < 0)
                return r;
        feed(u);
        before = u->out.room - u->out.len;
        u->z.next_out = (Bytef *)u->out.ptr + u->out.len;
        u->z.avail_out = (uInt)MIN(before, (size_t)UINT32_MAX);
        before = u->z.avail_out;
        status = inflate(&u->z, Z_NO_FLUSH);
        u->out.len += before - u->z.avail_out;
        if (status == Z_BUF_ERROR ||
            (status == Z_OK && u->z.avail_out && !u->z.avail_in && u->left.len == 0))
                return damaged(u, "it ends early", err);
        if (status != Z_OK && status != Z_STREAM_END)
                return damaged(u, u->z.msg ? u->z.msg : "not understood", err);
        *ret_more = true;
        if (status == Z_STREAM_END) {
                feed(u);
                /* Zeros may pad the last member. */
                *ret_more = u->z.avail_in && *u->z.next_in == 0x1f;
                if (*ret_more)
                        inflateReset(&u->z);
        }
        return 0;
}

static int unpack(Span bytes, Span name, Bytes *ret, Error *err)
{
        Unpacking u = { .left = bytes, .name = name, .size = bytes.len };
        bool more = true;
        int r = 0;

        if (inflateInit2(&u.z, 15 + 16) != Z_OK)
                return fail(err, ERR_LIMIT, "%.*s: no memory to unpack it", SPAN_ARG(name));
        while (r == 0 && more)
                r = inflate_step(&u, &more, err);
        inflateEnd(&u.z);
        if (r < 0)
                bytes_done(&u.out);
        else
                *ret = u.out;
        return r;
}

/* --- UTF-16 --- */

typedef enum Utf16 { UTF16_NOT, UTF16_LITTLE, UTF16_BIG } Utf16;

/* Without a mark: some letters, every other byte a zero. */
static Utf16 utf16_by_zeros(Span bytes)
{
        size_t n = MIN(bytes.len & ~(size_t)1, (size_t)64), even = 0, odd = 0;

        for (size_t i = 0; i < n; i += 2) {
                even += bytes.ptr[i] == 0 && (unsigned char)bytes.ptr[i + 1] >= '\t';
                odd += bytes.ptr[i + 1] == 0 && (unsigned char)bytes.ptr[i] >= '\t';
        }
        if (n < 8 || bytes.len % 2)
                return UTF16_NOT;
        return odd == n / 2 ? UTF16_LITTLE : even == n / 2 ? UTF16_BIG : UTF16_NOT;
}

static Utf16 utf16_of(Span bytes)
{
        if (span_starts(bytes, "\xff\xfe"))
                return UTF16_LITTLE;
        if (span_starts(bytes, "\xfe\xff"))
                return UTF16_BIG;
        return utf16_by_zeros(bytes);
}

static uint32_t unit_at(Span bytes, size_t at, Utf16 order)
{
        uint32_t a = (unsigned char)bytes.ptr[at], b = (unsigned char)bytes.ptr[at + 1];

        return order == UTF16_LITTLE ? b << 8 | a : a << 8 | b;
}

/* One character from `at`, which moves past it; half a pair becomes U+FFFD. */
static uint32_t utf16_next(Span bytes, size_t *at, Utf16 order)
{
        uint32_t high = unit_at(bytes, *at, order), low;

        *at += 2;
        if (high < 0xd800 || high > 0xdfff)
                return high;
        if (high > 0xdbff || *at + 2 > bytes.len)
                return NOT_A_CHARACTER;
        low = unit_at(bytes, *at, order);
        if (low < 0xdc00 || low > 0xdfff)
                return NOT_A_CHARACTER;
        *at += 2;
        return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static int from_utf16(Span bytes, Utf16 order, Span name, Bytes *ret, Error *err)
{
        Bytes out = { 0 };
        size_t at = 0;

        if (bytes.len % 2)
                return fail(err, ERR_INPUT, "%.*s: byte %zu: UTF-16 that ends within a character",
                            SPAN_ARG(name), bytes.len);
        while (at < bytes.len) {
                uint32_t code = utf16_next(bytes, &at, order);
                int r = bytes_grow(&out, 4, name, err);

                if (r < 0) {
                        bytes_done(&out);
                        return r;
                }
                if (code != 0xfeff)
                        out.len += utf8_put(out.ptr + out.len, code);
        }
        *ret = out;
        return 0;
}

int bytes_plain(Span bytes, Span name, Bytes *ret, Error *err)
{
        AUTO(bytes_done) Bytes unpacked = { 0 };
        Utf16 order;
        int r = refuse_packed(bytes, name, err);

        if (r == 0 && span_starts(bytes, "\x1f\x8b")) {
                r = unpack(bytes, name, &unpacked, err);
                bytes = bytes_span(&unpacked);
        }
        if (r < 0)
                return r;
        order = utf16_of(bytes);
        if (order != UTF16_NOT)
                return from_utf16(bytes, order, name, ret, err);
        *ret = unpacked;
        unpacked = (Bytes){ 0 };
        return 0;
}
