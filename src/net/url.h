#pragma once
/* URLs of the http family, cut into views of the text that was given.
 *
 *         Url url;
 *         r = url_parse(SPAN("http://[::1]:8080/a?b=1#c"), &url, err);
 *         // scheme "http", host "::1", port 8080, path "/a", query "?b=1"
 *
 * Invariants: every Span points into the text (or is empty), so a Url lives as long as its text;
 * no part holds white space, control bytes or bytes outside ASCII. The fragment is dropped, as a
 * client never sends it. An empty path stands for "/"; write it with url_write_target().
 *
 * Source: RFC 3986, with the authority of RFC 9110 section 4.2; references resolve by 5.2 there.
 */

#include "base/buf.h"

#define URL_MAX KiB(16)

typedef struct Url {
        Span scheme;   /* as written; compare with span_is_any_case() */
        Span user;     /* "name:password" before '@'; empty: none */
        Span host;     /* without the brackets of an IPv6 address */
        bool ipv6;     /* it was written in brackets */
        uint16_t port; /* never 0: the scheme's own when the text names none */
        bool default_port;
        Span path;  /* may be empty */
        Span query; /* with its '?'; may be empty */
} Url;

/* ERR_INPUT with the place when the text is not an absolute http, https, ws or wss URL. */
int url_parse(Span text, Url *ret, Error *err);
/* "/path?query", as it goes into a request line. */
void url_write_target(const Url *url, Buf *out);
/* "host", "host:8080", "[::1]:8080": the Host header; the scheme's own port is left out. */
void url_write_authority(const Url *url, Buf *out);
/* The absolute URL that `reference` (a Location header) means at `base`. `out` must be empty and
 * must not hold the text of base or reference. */
int url_resolve(const Url *base, Span reference, Buf *out, Error *err);
