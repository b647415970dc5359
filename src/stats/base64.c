#include "stats/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_group(const unsigned char bytes[static 3], char ret[static 4])
{
        unsigned bits = (unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2];

        for (unsigned i = 0; i < 4; i++)
                ret[i] = alphabet[bits >> (18 - 6 * i) & 63];
}

static void put_group(Base64Writer *w)
{
        char text[4];

        base64_group(w->held, text);
        for (size_t i = w->n_held + 1; i < 4; i++)
                text[i] = '=';
        buf_bytes(w->out, text, sizeof(text));
        w->n_held = 0;
        w->held[0] = w->held[1] = w->held[2] = 0;
}

void base64_put(Base64Writer *w, const void *bytes, size_t n)
{
        const unsigned char *from = bytes;

        for (size_t i = 0; i < n; i++) {
                w->held[w->n_held++] = from[i];
                if (w->n_held == 3)
                        put_group(w);
        }
}

void base64_end(Base64Writer *w)
{
        if (w->n_held)
                put_group(w);
}

int base64_size(Span text, size_t *ret, Error *err)
{
        size_t padding = 0;

        if (text.len == 0 || text.len % 4)
                return fail(err, ERR_INPUT, "base64 of %zu characters is cut", text.len);
        while (padding < 2 && text.ptr[text.len - 1 - padding] == '=')
                padding++;
        *ret = text.len / 4 * 3 - padding;
        return 0;
}

static int digit_of(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bits of one group; its padding, which only the last group may have, counts as zeros. */
static int group_bits(const char *text, bool last, unsigned *ret_bits, size_t *ret_bytes)
{
        size_t padding = 0;
        unsigned bits = 0;

        while (last && padding < 2 && text[3 - padding] == '=')
                padding++;
        for (size_t i = 0; i < 4; i++) {
                int digit = i + padding < 4 ? digit_of(text[i]) : 0;

                if (digit < 0)
                        return -1;
                bits = bits << 6 | (unsigned)digit;
        }
        *ret_bits = bits;
        *ret_bytes = 3 - padding;
        return 0;
}

ptrdiff_t base64_take(Span *rest, unsigned char *out, size_t room, Error *err)
{
        size_t written = 0;

        while (rest->len >= 4 && room - written >= 3) {
                unsigned bits;
                size_t n;

                if (group_bits(rest->ptr, rest->len == 4, &bits, &n) < 0)
                        return fail(err, ERR_INPUT, "'%.4s' is not base64", rest->ptr);
                for (size_t i = 0; i < n; i++)
                        out[written++] = (unsigned char)(bits >> (16 - 8 * i));
                *rest = span_from(*rest, 4);
        }
        return (ptrdiff_t)written;
}
