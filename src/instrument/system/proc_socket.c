#include "instrument/system/proc_socket.h"

#include <string.h>

#define STATE_LISTEN 0x0A
#define MOST_WORDS 4 /* of 32 bits: IPv6 */

static int parse_address(Span text, uint8_t *bytes, size_t *ret_len, Error *err)
{
        size_t words = text.len / 8;

        if (text.len % 8 || (words != 1 && words != MOST_WORDS))
                return fail(err, ERR_INPUT, "net/tcp: '%.*s' is no address", SPAN_ARG(text));
        for (size_t i = 0; i < words; i++) {
                uint64_t number;
                uint32_t word;

                if (span_to_hex(span_first(span_from(text, 8 * i), 8), &number, err) < 0)
                        return fail_while(err, "reading an address of net/tcp");
                word = (uint32_t)number;
                memcpy(bytes + 4 * i, &word, 4);
        }
        *ret_len = words * 4;
        return 0;
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (bytes[i])
                        return false;
        return true;
}

static ListenScope scope_of(const uint8_t *bytes, size_t len)
{
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

        if (all_zero(bytes, len))
                return LISTEN_ANY;
        if (len == 4)
                return bytes[0] == 127 ? LISTEN_LOOPBACK : LISTEN_OTHER;
        if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
                return scope_of(bytes + sizeof(mapped), 4);
        return all_zero(bytes, 15) && bytes[15] == 1 ? LISTEN_LOOPBACK : LISTEN_OTHER;
}

/* sl local remote st tx:rx tr:when retransmits uid timeout inode */
enum { WORD_LOCAL = 1, WORD_STATE = 3, WORD_INODE = 9, WORD_COUNT_ };

static size_t split_words(Span line, Span *words)
{
        size_t n = 0;

        while (n < WORD_COUNT_ && span_next_word(&line, &words[n]))
                n++;
        return n;
}

int proc_listen_parse(Span line, ListenRow *ret, Error *err)
{
        uint8_t address[4 * MOST_WORDS];
        uint64_t state, port, inode;
        Span words[WORD_COUNT_], rest;
        size_t len;

        if (split_words(line, words) < WORD_COUNT_)
                return fail(err, ERR_INPUT, "net/tcp: a line of too few words");
        if (span_to_hex(words[WORD_STATE], &state, NULL) < 0 || state != STATE_LISTEN)
                return fail(err, ERR_NOT_FOUND, "net/tcp: no listening socket");
        rest = words[WORD_LOCAL];
        if (parse_address(span_cut(&rest, ':'), address, &len, err) < 0)
                return -ERR_INPUT;
        if (span_to_hex(rest, &port, err) < 0 || span_to_u64(words[WORD_INODE], &inode, err) < 0)
                return fail_while(err, "reading a listening socket of net/tcp");
        if (port > UINT16_MAX)
                return fail(err, ERR_INPUT, "net/tcp: port %.*s is too large", SPAN_ARG(rest));
        *ret = (ListenRow){ .port = (uint16_t)port,
                            .scope = scope_of(address, len),
                            .inode = inode };
        return 0;
}

bool proc_socket_inode(Span link, uint64_t *ret)
{
        if (!span_starts(link, "socket:[") || !span_ends(link, "]"))
                return false;
        link = span_from(link, 8);
        return span_to_u64(span_first(link, link.len - 1), ret, NULL) == 0;
}
